"""The live sessions of a server: how many there may be, and when one is over."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stslocal.clock import Clock
from stslocal.machine import memory
from stslocal.server.errors import Refusal
from stslocal.server.metrics import ServerMetrics
from stslocal.server.options import Limits

if TYPE_CHECKING:
    from stslocal.server.realtime.session import TranslationSession

ASSUMED_MEMORY = 256e6
"""Bytes of memory of a session until it was measured."""
_LOOK_EVERY_S = 0.5
_LEAVE_S = 5.0
"""Time for a session that was ended to leave its engine call."""


def free_memory() -> float:
    """Bytes of memory that programs can still get; infinite where the system does not say it."""
    measured = memory()
    return math.inf if measured is None else measured.available


@dataclass(slots=True)
class Place:
    """A session's place among those that this machine keeps up with."""

    session: TranslationSession
    last_sound_s: float
    """When the client's last sound came, by the server's clock."""
    lost_s: float | None = None
    """When its connection was lost; None while it is connected."""
    connection: object | None = field(default=None, repr=False)
    """Who is connected now. A newer connection of the same session takes the place."""


class Sessions:
    """The registry. Everything but `capacity` belongs to the event loop."""

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        metrics: ServerMetrics,
        *,
        free_memory: Callable[[], float] = free_memory,
    ) -> None:
        """`free_memory` gives the bytes of memory that programs can still get."""
        self.capacity = 1
        """Sessions that are served at once."""
        self.session_memory = ASSUMED_MEMORY
        """Bytes of memory that a session takes at most."""
        self._free_memory = free_memory
        self.draining = False
        self._clock = clock
        self._limits = limits
        self._metrics = metrics
        self._places: dict[str, Place] = {}
        metrics.gauge("sessions_open", "Live sessions", lambda: len(self._places))
        metrics.gauge("sessions_capacity", "Live sessions that may be open", lambda: self.capacity)
        metrics.gauge(
            "session_memory_bytes", "Memory that a session takes at most",
            lambda: self.session_memory,
        )  # fmt: skip
        metrics.gauge("lag_seconds_max", "Largest lag of an open session", self._largest_lag)
        metrics.gauge(
            "waiting_seconds_max", "Most sound that waits for a recognizer", self._most_waiting
        )

    def __len__(self) -> int:
        return len(self._places)

    async def admit(self) -> None:
        """Raise Refusal, with the number, where there is no room for another session.

        Waits a moment for a session that is leaving, such as the one of a page before it was
        loaded again.
        """
        ends_s = self._clock.now() + _LEAVE_S
        while self._is_full() and self._clock.now() < ends_s:
            if not any(place.session.is_leaving for place in self._places.values()):
                break
            await asyncio.sleep(0.05)
            self.look()
        if self.draining:
            raise Refusal(503, "draining", "the server is ending: try again in a minute")
        if self._is_full():
            sessions = "1 live session" if self.capacity == 1 else f"{self.capacity} live sessions"
            raise Refusal(
                503, "too_many_sessions",
                f"this machine keeps up with {sessions}, and all are in use: try again later",
            )  # fmt: skip

        free = self._free_memory()
        if free < self.session_memory:
            raise Refusal(
                503, "too_little_memory",
                f"a live session takes up to {self.session_memory / 1e6:.0f} MB of memory, and "
                f"{free / 1e6:.0f} MB are free: try again later",
            )  # fmt: skip

    def _is_full(self) -> bool:
        return len(self._places) >= self.capacity

    def add(self, session: TranslationSession) -> Place:
        """Give a session its place, after `admit`."""
        place = Place(session, self._clock.now())
        self._places[session.id] = place
        return place

    def find(self, session_id: str) -> Place:
        """The place of a session that goes on. Raises Refusal."""
        place = self._places.get(session_id)
        if place is None or place.session.is_over:
            raise Refusal(
                404, "session_not_found",
                "this session is over, or was never here: start a new one",
            )  # fmt: skip
        return place

    def sound_came(self, place: Place) -> None:
        """Take notice that a client sent sound."""
        place.last_sound_s = self._clock.now()

    def lost(self, place: Place) -> None:
        """Take notice that a connection was lost. Its client may come back for a while, unless it
        has not said anything yet.
        """
        place.lost_s = self._clock.now()
        place.connection = None
        if not place.session.has_begun:
            place.session.end()
            self.look()

    def remove(self, place: Place) -> None:
        """Free a place."""
        self._places.pop(place.session.id, None)

    async def watch(self) -> None:
        """End idle and lost sessions, until it is cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """End what is idle or lost by now, and free the places of what is over."""
        now = self._clock.now()
        for place in list(self._places.values()):
            if place.lost_s is not None and now - place.lost_s > self._limits.resume_s:
                place.session.end()
            elif place.lost_s is None and self._is_idle(place, now):
                seconds = f"{self._limits.idle_s:g} s"
                place.session.fail(
                    "idle", f"no sound came for {seconds}: send silence while nobody speaks"
                )
                place.last_sound_s = now
            if place.lost_s is not None and place.session.is_over:
                self.remove(place)

    def _is_idle(self, place: Place, now: float) -> bool:
        """Whether a client sends no sound, though it may: a slow machine still speaks for a while
        after its client has ended the sound.
        """
        waits = not place.session.is_finishing
        return waits and now - place.last_sound_s > self._limits.idle_s

    async def drain(self, within_s: float) -> None:
        """Let the open sessions translate what was said, and end them after `within_s` seconds."""
        self.draining = True
        for place in self._places.values():
            place.session.finish()
        if not await self._empty(within_s):
            for place in self._places.values():
                place.session.end()
            await self._empty(_LEAVE_S)

    async def _empty(self, within_s: float) -> bool:
        ends_s = self._clock.now() + within_s
        while self._places and self._clock.now() < ends_s:
            await asyncio.sleep(0.05)
            self.look()
        return not self._places

    def _largest_lag(self) -> float:
        return max((each.session.lag_s for each in list(self._places.values())), default=0.0)

    def _most_waiting(self) -> float:
        return max((each.session.waiting_s for each in list(self._places.values())), default=0.0)

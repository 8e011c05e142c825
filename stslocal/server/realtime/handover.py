"""What another server needs to go on with a session whose own server has gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from stslocal.metrics import (
    Event,
    SegmentCommitted,
    SegmentDropped,
    SegmentTranslated,
    TextCommitted,
)
from stslocal.server.realtime.protocol import SessionConfig
from stslocal.types import Word


@dataclass(frozen=True, slots=True)
class Handover:
    """A session as it was after its last text. Times are seconds of the sound that was sent."""

    id: str
    model: str
    source: str
    all_events: bool
    config: SessionConfig
    said_s: float
    """The transcript of what is said reaches so far."""
    done_s: float
    """The translation reaches so far: from here on the sound is needed again."""
    last: int
    """The number of the last event with text."""
    events: tuple[tuple[int, str, str], ...] = ()
    """Number, type and line of the newest events with text."""

    def from_sound(self, kept_s: float | None) -> Handover:
        """The same for a client that has its sound from `kept_s` on; None: it sends none again."""
        at_s = max(self.done_s, self.said_s) if kept_s is None else max(self.done_s, kept_s)
        return replace(self, done_s=at_s, said_s=max(at_s, self.said_s))


class Handovers(Protocol):
    """Keeps the handovers of sessions where other servers find them."""

    def keep(self, session: Handover) -> bool:
        """Keep a session, with the one new event; False if another server has taken it over.

        It is called before the event is sent, so what a client has seen is known.
        """
        ...

    def take(self, session_id: str) -> Handover | None:
        """Take a session over; None for one that is not known. It may wait for the network."""
        ...


class NoHandovers:
    """Handovers of a server that is alone."""

    def keep(self, session: Handover) -> bool:
        """Keep nothing."""
        return True

    def take(self, session_id: str) -> Handover | None:
        """Know nothing."""
        return None


class Progress:
    """How far a session has come. Times are seconds of the sound that its client has sent."""

    def __init__(self, taken: Handover | None = None) -> None:
        self.received_s = self.done_s = 0.0 if taken is None else taken.done_s
        self.said_s = self._again_s = 0.0 if taken is None else taken.said_s
        self._ends_s: dict[int, float] = {}
        self._at_s: Callable[[float], float] = float
        self._is_translated = True

    def begin(self, at_s: Callable[[float], float], *, is_translated: bool) -> None:
        """Begin a part of the session; `at_s` makes its times those of the client's sound."""
        self._at_s, self._is_translated = at_s, is_translated

    def take(self, event: Event) -> None:
        """Take an event of the live session, before it is sent."""
        if isinstance(event, TextCommitted) and event.words:
            self.said_s = max(self.said_s, self._at_s(event.words[-1].end_s))
            if not self._is_translated:
                self.done_s = self.said_s
        elif isinstance(event, SegmentCommitted):
            self._ends_s[event.segment] = self._at_s(event.end_s)
        elif isinstance(event, SegmentTranslated | SegmentDropped):
            self.done_s = max(self.done_s, self._ends_s.pop(event.segment, 0.0))

    def is_again(self, word: Word) -> bool:
        """Whether a word was sent by the server before, and its sound came again."""
        return self._at_s((word.start_s + word.end_s) / 2) < self._again_s

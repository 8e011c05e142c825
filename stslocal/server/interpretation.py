"""The translation of one speaker of a room into one language: a live session of the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from stslocal.errors import StslocalError
from stslocal.server.errors import refusal_of
from stslocal.server.opening import open_session
from stslocal.server.realtime.protocol import SessionConfig
from stslocal.server.realtime.session import TranslationSession
from stslocal.server.state import ServerState
from stslocal.types import Samples

_MOST_PENDING = 50
"""Pieces of sound that are kept until the session has its place."""
_MODEL = "room"


class SessionInterpretation:
    """An Interpretation by a session, which has a place like every other. For the event loop."""

    def __init__(
        self,
        state: ServerState,
        source: str,
        target: str,
        send: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._state = state
        self._source = source
        self._config = SessionConfig(language=target, transcription=_MODEL)
        self._send = send
        self._pending: list[tuple[Samples, Samples | None]] = []
        self._session: TranslationSession | None = None
        self._finishing = self._over = False
        self._news = asyncio.Event()
        self._sound_came: Callable[[], None] = lambda: None
        self._task = asyncio.create_task(self._run())

    @property
    def is_over(self) -> bool:
        """As an Interpretation."""
        return self._over

    def append(self, samples: Samples, played: Samples | None = None) -> None:
        """As an Interpretation. What finds no room is left out."""
        session = self._session
        if session is None:
            if len(self._pending) < _MOST_PENDING:
                self._pending.append((samples, played))
        elif session.has_room:
            session.append(samples, played)
            self._sound_came()

    def finish(self) -> None:
        """As an Interpretation."""
        self._finishing = True
        if self._session is not None:
            self._session.finish()

    async def _run(self) -> None:
        state = self._state
        try:
            place = await open_session(state, self._config, model=_MODEL, source=self._source)
        except StslocalError as error:
            self._over = True
            refusal = refusal_of(error)
            about = {"message": str(refusal), "type": "server_error", "code": refusal.code}
            self._send({"type": "error", "error": about})
            return
        session = self._session = place.session
        self._sound_came = lambda: state.sessions.sound_came(place)
        try:
            for samples, played in self._pending:
                session.append(samples, played)
            if self._finishing:
                session.finish()
            await self._pass_on(session)
        finally:
            self._over = True
            session.end()
            state.sessions.remove(place)

    async def _pass_on(self, session: TranslationSession) -> None:
        """Give the session's events to the room, until its last one."""
        loop, outbox, sent = asyncio.get_running_loop(), session.outbox, 0

        def wake() -> None:
            with suppress(RuntimeError):  # the server has ended
                loop.call_soon_threadsafe(self._news.set)

        outbox.on_news(wake)
        while True:
            self._news.clear()
            for number, text in outbox.after(sent):
                sent = outbox.sent = number
                event = json.loads(text)
                if event.get("error", {}).get("code") != "idle":  # nobody speaks: no fault
                    self._send(event)
            if outbox.closed and sent >= outbox.last:
                return
            await self._news.wait()

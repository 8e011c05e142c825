"""Where the servers of a cluster find each other's sessions: one small object."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from stslocal.server.realtime.handover import Handover

_MOST_SESSIONS = 20_000
_MOST_EVENTS = 200
"""Events with text of a session: some minutes, of which a client that comes back lacks seconds."""


class Ledger:
    """The handovers of all sessions, and which server has each of them."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, tuple[str, Handover]] = OrderedDict()

    def keep(self, owner: str, session: Handover) -> bool:
        """As `Handovers.keep`, for the server `owner`."""
        before_owner, before = self._sessions.get(session.id, (owner, None))
        if before_owner != owner:
            return False
        events = (*(before.events if before else ()), *session.events)[-_MOST_EVENTS:]
        self._sessions[session.id] = (owner, replace(session, events=events))
        self._sessions.move_to_end(session.id)
        while len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return True

    def take(self, owner: str, session_id: str) -> Handover | None:
        """As `Handovers.take`, for the server `owner`."""
        _, session = self._sessions.get(session_id, ("", None))
        is_over = bool(session and session.events and session.events[-1][1] == "session.closed")
        if session is None or is_over:
            return None
        self._sessions[session_id] = (owner, session)
        return session

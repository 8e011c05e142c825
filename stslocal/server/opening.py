"""Opens live sessions: the one place where a client, or a speaker of a room, gets one."""

from __future__ import annotations

from stslocal.server.realtime.protocol import SessionConfig
from stslocal.server.realtime.session import TranslationSession
from stslocal.server.sessions import Place
from stslocal.server.state import ServerState


async def open_session(
    state: ServerState,
    config: SessionConfig,
    *,
    model: str,
    source: str,
    all_events: bool = False,
) -> Place:
    """Make a session, whose figures are counted, and give it a place. For the event loop.

    Raises Refusal where there is no room.
    """
    await state.sessions.admit()
    metrics = state.metrics

    def ended(session: TranslationSession, failed: bool) -> None:
        metrics.sessions_ended.labels("failed" if failed else "finished").inc()

    session = TranslationSession(
        state,
        config,
        model=model,
        source=source,
        all_events=all_events,
        on_event=metrics.observer(),
        on_dropped=metrics.audio_dropped.inc,
        on_end=ended,
    )
    return state.sessions.add(session)

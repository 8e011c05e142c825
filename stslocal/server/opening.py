"""Opens live sessions: the one place where a client, or a speaker of a room, gets one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.concurrency import run_in_threadpool

from stslocal.server.errors import Refusal
from stslocal.server.realtime.handover import Handover
from stslocal.server.realtime.outbox import number_of
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
    taken: Handover | None = None,
) -> Place:
    """Make a session, whose figures are counted, and give it a place. For the event loop.

    `taken` is a session of another server to go on with. Raises Refusal where there is no room.
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
        taken=taken,
        on_event=metrics.observer(),
        on_dropped=metrics.audio_dropped.inc,
        on_end=ended,
    )
    return state.sessions.add(session)


async def resumed(state: ServerState, query: Mapping[str, str]) -> Place:
    """The session whose connection was lost, of this server or taken over from another one.

    `query` has `session`, and may have `after` and `kept_from_ms` (see `realtime.endpoint`).
    Raises Refusal where it is over.
    """
    sessions, session_id = state.sessions, query["session"]
    try:
        return sessions.find(session_id)
    except Refusal:
        await sessions.admit()
        taken = await run_in_threadpool(state.handovers.take, session_id)
        if taken is None:
            raise
    kept = query.get("kept_from_ms", "")
    kept_s = int(kept) / 1000 if kept.isascii() and kept.isdigit() and len(kept) <= 12 else None
    taken = replace(
        taken.from_sound(kept_s), last=max(taken.last, number_of(query.get("after", "")))
    )
    return await open_session(
        state,
        taken.config,
        model=taken.model,
        source=taken.source,
        all_events=taken.all_events,
        taken=taken,
    )

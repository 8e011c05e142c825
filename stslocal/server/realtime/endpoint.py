"""`/v1/realtime/translations`: a connection, which begins a session or resumes one.

Query parameters: `model` (is repeated in the session and chooses nothing), `source` (the language
that is spoken, or `auto`; else the server's), `session` and `after`
(resume a session behind the event with that id), `kept_from_ms` (the client has its sound since
then, and sends again what `stslocal.resumed` asks for), `events=all` (also send `stslocal.event`).
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import datetime, timezone

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from stslocal import languages
from stslocal.errors import StslocalError
from stslocal.foreign_files import UnreadableFileError
from stslocal.server.client_json import parse_client_json
from stslocal.server.errors import Refusal, error_response, refusal_of
from stslocal.server.opening import open_session, resumed
from stslocal.server.rates import Bucket
from stslocal.server.realtime.protocol import (
    WIRE_RATE,
    Append,
    Close,
    ProtocolError,
    Update,
    default_config,
    parse,
)
from stslocal.server.security import SUBPROTOCOL, token_of
from stslocal.server.sessions import Place
from stslocal.server.state import ServerState

PATH = "/v1/realtime/translations"
MODEL = "stslocal"
"""The model of a session whose client names none."""
_MOST_ERRORS = 50
"""Wrong events of a connection, before it is closed."""
_ROOM_EVERY_S = 0.05
_FAREWELL_S = 5.0
"""For the rest of the events of a client that is refused."""
_LEFT = 1000
"""The code of a client that ends its session by closing the connection."""
_POLICY, _TRY_AGAIN = 1008, 1013


def routes(state: ServerState) -> list[BaseRoute]:
    """The routes of this room."""

    async def translations(websocket: WebSocket) -> None:
        await _serve(state, websocket)

    async def client_secrets(request: Request) -> JSONResponse:
        """Make a secret that opens sessions for a while: for a browser that has no token."""
        return await _create_secret(state, request)

    return [
        WebSocketRoute(PATH, translations),
        Route(f"{PATH}/client_secrets", client_secrets, methods=["POST"]),
    ]


async def _serve(state: ServerState, websocket: WebSocket) -> None:
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    query = websocket.query_params
    try:
        if "session" in query:
            place = await resumed(state, query)
            connection = _Connection(state, websocket, place)
            connection.resume(query.get("after", ""))
            if "kept_from_ms" in query:
                place.session.outbox.put("stslocal.resumed", from_ms=place.session.received_ms)
            state.metrics.resumed.inc()
        else:
            place = await _new_place(state, websocket)
            connection = _Connection(state, websocket, place)
    except StslocalError as error:
        refusal = refusal_of(error)
        state.metrics.refused.labels(refusal.code).inc()
        await _send_refusal(websocket, refusal)
        return
    await connection.run()


async def _new_place(state: ServerState, websocket: WebSocket) -> Place:
    given = state.secrets.config(token_of(websocket.headers))
    return await open_session(
        state,
        default_config(state.settings, given),
        model=websocket.query_params.get("model", MODEL)[:200],
        source=_source(state, websocket),
        all_events=websocket.query_params.get("events") == "all",
    )


def _source(state: ServerState, websocket: WebSocket) -> str:
    """The source language that the client names, else the server's. Raises SettingsError."""
    given = websocket.query_params.get("source", "")[:60] or state.settings.source
    return given if given == "auto" else languages.find(given).code


async def _send_refusal(websocket: WebSocket, refusal: Refusal) -> None:
    kind = "server_error" if refusal.status >= 500 else "invalid_request_error"
    error = {"type": kind, "code": refusal.code, "message": str(refusal), "param": None}
    event = {"type": "error", "event_id": "event_refused", "error": {**error, "event_id": None}}
    with suppress(RuntimeError, WebSocketDisconnect):
        await websocket.send_text(json.dumps(event))
        await websocket.close(_TRY_AGAIN if refusal.status >= 500 else _POLICY, refusal.code)


class _Connection:
    """One WebSocket that is joined to a session."""

    def __init__(self, state: ServerState, websocket: WebSocket, place: Place) -> None:
        self._state = state
        self._websocket = websocket
        self._place = place
        self._session = place.session
        self._sent = 0
        self._news = asyncio.Event()
        self._errors = 0
        self._refused = ""
        """The code of what the client did too often; empty while it did not."""
        per_s = state.options.limits.messages_per_s
        self._bucket = Bucket(per_s, 2 * per_s)
        place.lost_s = None
        place.connection = self
        state.sessions.sound_came(place)

    def resume(self, after: str) -> None:
        """Begin behind the event with this id; without one, behind the last one that was sent."""
        number = self._session.outbox.number_of(after)
        self._sent = self._session.outbox.sent if number is None else number

    async def run(self) -> None:
        """Carry events in both directions until the connection or the session ends."""
        loop = asyncio.get_running_loop()
        self._session.outbox.on_news(lambda: _wake(loop, self._news))
        receiving = asyncio.create_task(self._receive())
        sending = asyncio.create_task(self._send())
        await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
        if self._refused:  # what was said of the client's events comes before the end
            await asyncio.wait({sending}, timeout=_FAREWELL_S)
        for task in (receiving, sending):
            task.cancel()
        results = await asyncio.gather(receiving, sending, return_exceptions=True)
        await self._leave()
        for result in results:
            if isinstance(result, Exception) and not _is_loss(result):
                raise result

    async def _receive(self) -> None:
        """Take the client's events until the connection is closed."""
        while True:
            try:
                message = await self._websocket.receive()
            except RuntimeError:  # closed by us
                return
            if message["type"] == "websocket.disconnect":
                if message.get("code") == _LEFT:
                    self._session.end()
                return
            if not self._bucket.take():
                self._refuse("too_many_messages", "too many messages in a second")
                return
            try:
                await self._take(message.get("text") or message.get("bytes") or b"")
            except ProtocolError as error:
                self._errors += 1
                self._session.refuse(
                    error.code, str(error), param=error.param, event_id=error.event_id
                )
                if self._errors > _MOST_ERRORS:
                    text = f"more than {_MOST_ERRORS} wrong events"
                    self._refuse("too_many_errors", text)
                    return

    async def _take(self, message: str | bytes) -> None:
        """Take one event. Raises ProtocolError."""
        event = parse(message)
        match event:
            case Append():
                await self._append(event)
            case Update():
                await self._update(event)
            case Close():
                self._session.finish()

    async def _append(self, event: Append) -> None:
        session = self._session
        if not session.config.language and session.config.transcription is None:
            raise ProtocolError(
                "missing_language",
                "choose a language first: send session.update with session.audio.output.language, "
                "or with session.audio.input.transcription for the words alone",
                param="session.audio.output.language",
            )
        session.append(event.samples, event.played)
        self._state.sessions.sound_came(self._place)
        self._state.metrics.received_s.inc(len(event.samples) / WIRE_RATE)
        while not session.has_room and not session.is_over:  # the client is not read meanwhile
            await asyncio.sleep(_ROOM_EVERY_S)

    async def _update(self, event: Update) -> None:
        session = self._session
        config = session.config
        try:
            config = config.updated(event.session)
            transcribes = not config.language and config.transcription is not None
            if transcribes or config.language not in ("", session.config.language):
                await run_in_threadpool(session.check, config.language)
        except ProtocolError as error:
            error.event_id = event.event_id
            raise
        except StslocalError as error:
            param = "session.audio.output.language"
            raise ProtocolError(
                "invalid_value", str(error), param=param, event_id=event.event_id
            ) from error
        session.update(config)

    async def _send(self) -> None:
        """Send what the session says, until its last event."""
        outbox = self._session.outbox
        while True:
            self._news.clear()
            for number, text in outbox.after(self._sent):
                await self._websocket.send_text(text)
                self._sent = outbox.sent = number
            if outbox.closed and self._sent >= outbox.last:
                return
            if self._sent >= outbox.last:
                await self._news.wait()

    def _refuse(self, code: str, message: str) -> None:
        """End the session because of what the client did, and say so."""
        self._refused = code
        self._state.metrics.refused.labels(code).inc()
        self._session.refuse(code, message, param=None, event_id=None)
        self._session.end()

    async def _leave(self) -> None:
        """Close what is open, and free the place or keep it for a client that comes back."""
        sessions = self._state.sessions
        if self._place.connection is not self:  # another connection has taken up the session
            pass
        elif self._session.is_over:
            sessions.remove(self._place)
        else:
            self._session.outbox.on_news(lambda: None)
            sessions.lost(self._place)
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with suppress(RuntimeError, WebSocketDisconnect):
                if self._refused:
                    await self._websocket.close(_POLICY, self._refused)
                else:
                    await self._websocket.close(_LEFT)


def _wake(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the server has ended
        loop.call_soon_threadsafe(news.set)


def _is_loss(error: BaseException) -> bool:
    return isinstance(error, WebSocketDisconnect | RuntimeError)


async def _create_secret(state: ServerState, request: Request) -> JSONResponse:
    try:
        document = parse_client_json(await request.body())
    except UnreadableFileError as error:
        return error_response(Refusal(400, "invalid_json", f"the body {error}"))
    try:
        value, life_s, config, model = state.secrets.create(document)
    except ProtocolError as error:
        return error_response(error)
    ends = int(datetime.now(timezone.utc).timestamp()) + life_s
    session = {
        "id": f"sess_{value[3:19]}", "type": "translation", "model": model, "expires_at": ends,
        "audio": default_config(state.settings, config).as_json(),
    }  # fmt: skip
    return JSONResponse({"value": value, "expires_at": ends, "session": session})

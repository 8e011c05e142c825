"""Rooms over HTTP and WebSocket (see `stslocal.server.rooms`)."""

from __future__ import annotations

import asyncio
import io
import json
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from stslocal import languages
from stslocal.errors import StslocalError
from stslocal.server.errors import Refusal, error_body, refusal_of
from stslocal.server.openapi import described
from stslocal.server.options import is_loopback
from stslocal.server.page_api import KnownLanguages
from stslocal.server.rates import Bucket
from stslocal.server.realtime.protocol import Append, Close, ProtocolError, Update, parse
from stslocal.server.rooms import PATH, Member, Room, Rooms, shown_name
from stslocal.server.security import SUBPROTOCOL, token_of
from stslocal.server.state import ServerState

_MOST_WAITING = 2000
"""Events that wait for a slow phone; then the oldest sound is dropped, and text never."""
_MOST_ERRORS = 50
_POLICY, _TRY_AGAIN = 1008, 1013


def routes(state: ServerState, rooms: Rooms) -> list[BaseRoute]:
    """The routes under `/v1/rooms`. A guest's token is the key of the room."""
    known = KnownLanguages(state.settings)

    @described(tag="rooms")
    async def create(request: Request) -> JSONResponse:
        """Make a room. The answer has its key, and its address as text and as a QR code."""
        room = rooms.create()
        url = f"{_base(request)}/#room={room.id}&key={room.key}"
        code = await run_in_threadpool(_qr_code, url)
        document = {"id": room.id, "key": room.key, "url": url, "code": code}
        reached = not is_loopback(request.url.hostname or "")
        return JSONResponse({**document, "reached_by_others": reached}, 201)

    @described(tag="rooms")
    async def list_languages(request: Request) -> JSONResponse:
        """The languages for a guest, who has the room's key and no token."""
        rooms.find(request.path_params["id"], token_of(request.headers))
        return JSONResponse(await run_in_threadpool(known.document))

    async def live(websocket: WebSocket) -> None:
        offered = websocket.scope.get("subprotocols", [])
        await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        try:
            room = rooms.find(websocket.path_params["id"], token_of(websocket.headers))
        except StslocalError as error:
            await _refuse(websocket, error)
            return
        per_s = state.options.limits.messages_per_s
        await _Connection(websocket, room, Bucket(per_s, 2 * per_s)).run()

    return [
        Route(PATH, create, methods=["POST"]),
        Route(f"{PATH}/{{id}}/languages", list_languages, methods=["GET"]),
        WebSocketRoute(f"{PATH}/{{id}}/live", live),
    ]


class _Connection:
    """One member's WebSocket."""

    def __init__(self, websocket: WebSocket, room: Room, bucket: Bucket) -> None:
        self._websocket = websocket
        self._room = room
        self._bucket = bucket
        self._waiting: deque[str] = deque()
        self._news = asyncio.Event()
        self._member = Member("", "", self.put)
        self._errors = 0

    def put(self, event: Mapping[str, Any]) -> None:
        """Send an event when the phone takes it."""
        self._waiting.append(json.dumps({"event_id": "event_room", **event}, ensure_ascii=False))
        if len(self._waiting) > _MOST_WAITING:
            sound = (at for at, text in enumerate(self._waiting) if "output_audio" in text[:120])
            del self._waiting[next(sound, 0)]
        self._news.set()

    async def run(self) -> None:
        """Carry events in both directions until the member leaves."""
        if "session" in self._websocket.query_params:  # who was away joins again
            error = {"message": "join again", "code": "session_not_found"}
            await self._websocket.send_json({"type": "error", "event_id": "x", "error": error})
            await self._websocket.close(_POLICY)
            return
        self.put({"type": "session.created", "session": {"id": self._member.id}})
        sending = asyncio.create_task(self._send())
        try:
            await self._receive()
        except StslocalError as error:
            await _refuse(self._websocket, error)
        except (WebSocketDisconnect, RuntimeError, KeyError):
            pass
        finally:
            self._room.leave(self._member)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._websocket.close()

    async def _receive(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if not self._bucket.take():
                raise ProtocolError("too_many_messages", "too many messages in a second")
            try:
                event = parse(message.get("text") or message.get("bytes") or b"")
                match event:
                    case Append():
                        self._say(event)
                    case Update():
                        self._update(event.session)
                    case Close():
                        return
            except StslocalError as error:
                self._errors += 1
                if self._errors > _MOST_ERRORS:
                    raise
                self.put({"type": "error", "error": _error(refusal_of(error))})

    def _say(self, event: Append) -> None:
        if self._member in self._room.members:
            self._room.say(self._member, event.samples, event.played)

    def _update(self, session: object) -> None:
        fields = session if isinstance(session, dict) else {}
        audio = fields.get("audio")
        output = audio.get("output") if isinstance(audio, dict) else None
        language = output.get("language") if isinstance(output, dict) else None
        if not isinstance(language, str):
            raise ProtocolError("missing_language", "choose a language first")
        code = languages.find(language[:60]).code
        member, room = self._member, self._room
        if member in room.members:
            room.change(member, shown_name(fields.get("name"), len(room.members)), code)
        else:
            member.name = shown_name(fields.get("name"), len(room.members) + 1)
            member.language = code
            room.join(member)
        self.put({"type": "session.updated", "session": {"id": member.id}})

    async def _send(self) -> None:
        while True:
            self._news.clear()
            while self._waiting:
                await self._websocket.send_text(self._waiting.popleft())
            await self._news.wait()


async def _refuse(websocket: WebSocket, error: StslocalError) -> None:
    refusal = refusal_of(error)
    event = {"type": "error", "event_id": "event_refused", "error": _error(refusal)}
    with suppress(RuntimeError, WebSocketDisconnect):
        await websocket.send_json(event)
        await websocket.close(_TRY_AGAIN if refusal.status >= 500 else _POLICY)


def _error(refusal: Refusal) -> dict[str, Any]:
    """The `error` of an event."""
    status, code, param = refusal.status, refusal.code, refusal.param
    error: dict[str, Any] = error_body(str(refusal), status=status, code=code, param=param)["error"]
    return {**error, "event_id": None}


def _base(request: Request) -> str:
    """The address by which the room was made, which others of the network can use too."""
    url: URL = request.url
    return f"{url.scheme}://{url.netloc}"


def _qr_code(text: str) -> str:
    """The picture of a text, as SVG."""
    import segno

    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        picture, kind="svg", xmldecl=False, scale=4, border=4, dark="#000", light="#fff"
    )
    return picture.getvalue().decode()

"""A server on loopback that serves the real page and answers it as a test says."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from stslocal.server.page import routes
from tests.server.page.scripted_answers import LANGUAGES, MODELS, VOICES

RATE = 24000
TONE_HZ = 440.0


@dataclass
class ScriptedServer:
    """What the server answers, and what it was sent."""

    port: int = 0
    token: str = ""
    sessions: list[dict[str, Any]] = field(default_factory=list)
    """The sessions that session.update asked for, in order."""
    queries: list[dict[str, str]] = field(default_factory=list)
    """The query of each connection, in order."""
    forgets: bool = False
    """Whether a session that lost its connection is over."""
    protocols: list[list[str]] = field(default_factory=list)
    captured: list[bytes] = field(default_factory=list)
    """The sound of each connection, PCM16."""
    played: list[str | None] = field(default_factory=list)
    """What was to be taken out of each piece of sound, base64."""
    sockets: list[WebSocket] = field(default_factory=list)
    refuse: tuple[int, str] | None = None
    """A close code and a sentence, for sessions that are refused."""
    tone_s: float = 0.0
    """Seconds of a tone that each session sends with its first words."""
    languages: dict[str, Any] = field(default_factory=lambda: dict(LANGUAGES))
    voices: list[dict[str, Any]] = field(default_factory=lambda: [dict(row) for row in VOICES])
    forms: list[dict[str, Any]] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    holds: bool = False
    """Whether jobs wait before their last step."""
    loop: asyncio.AbstractEventLoop | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, event: dict[str, Any]) -> None:
        """Send an event over the newest connection, from the test's thread."""
        self._run(self.sockets[-1].send_text(json.dumps(event)))

    def cut(self) -> None:
        """Break the newest connection, as a lost network does."""
        self._run(self.sockets[-1].close(1012))

    def _run(self, coroutine: Any) -> None:
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def reset(self) -> None:
        """Forget what was sent, for the next test."""
        fresh = ScriptedServer(port=self.port, loop=self.loop)
        self.__dict__.update(fresh.__dict__)


def text_event(kind: str, delta: str, elapsed_ms: int = 0) -> dict[str, Any]:
    """A transcript event of the protocol."""
    return {
        "type": f"session.{kind}_transcript.delta", "event_id": "e", "delta": delta,
        "elapsed_ms": elapsed_ms,
    }  # fmt: skip


def live_event(name: str, **fields: Any) -> dict[str, Any]:
    """An event of the live session, which our server sends beside those of the protocol."""
    return {"type": "stslocal.event", "event_id": "e", "event": {"name": name, **fields}}


def tone_event(duration_s: float) -> dict[str, Any]:
    """Translated sound of the protocol: a tone."""
    times = np.arange(round(duration_s * RATE)) / RATE
    samples = (0.5 * 32767 * np.sin(2 * np.pi * TONE_HZ * times)).astype("<i2")
    return {
        "type": "session.output_audio.delta", "event_id": "e", "sample_rate": RATE, "channels": 1,
        "delta": base64.b64encode(samples.tobytes()).decode(), "format": "pcm16",
    }  # fmt: skip


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    """Serve on a free port of this machine until the block is left."""
    script = ScriptedServer()
    config = uvicorn.Config(
        _app(script), host="127.0.0.1", port=0, log_level="error", ws="websockets-sansio",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(1000):
        if server.started:
            break
        time.sleep(0.01)
    script.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.should_exit = True
        thread.join(60)


def _app(script: ScriptedServer) -> Starlette:
    def guarded(handler: Any) -> Any:
        async def checked(request: Request) -> Response:
            script.loop = asyncio.get_running_loop()
            if script.token and request.headers.get("authorization") != f"Bearer {script.token}":
                error = {"message": "the token is wrong", "code": "invalid_token"}
                return JSONResponse({"error": error}, 401)
            answer: Response = await handler(request)
            return answer

        return checked

    async def languages(request: Request) -> Response:
        return JSONResponse(script.languages)

    async def models(request: Request) -> Response:
        return JSONResponse({"data": MODELS})

    async def voices(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"data": script.voices})
        async with request.form() as form:
            fields = {key: str(value) for key, value in form.items()}
        script.forms.append(fields)
        voice = {"name": fields["name"], "kind": "a likeness", "consent": fields["consent"]}
        script.voices.append(voice)
        return JSONResponse({**voice, "verdict": "usable"}, 201)

    async def voice(request: Request) -> Response:
        name = request.path_params["name"]
        script.voices = [row for row in script.voices if row["name"] != name]
        return Response(status_code=204)

    async def jobs(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"object": "list", "data": list(script.jobs.values())})
        async with request.form() as form:
            name, target = getattr(form["file"], "filename", ""), str(form["to"])
        script.forms.append({"to": target, "file": name})
        if name.endswith(".txt"):
            error = {"message": f"{name} is no recording: send sound or a video", "code": "x"}
            return JSONResponse({"error": error}, 400)
        job = _job(f"job{len(script.jobs)}", name, target)
        script.jobs[job["id"]] = job
        return JSONResponse(job, 201)

    async def job(request: Request) -> Response:
        if request.method == "DELETE":
            del script.jobs[request.path_params["id"]]
            return Response(status_code=204)
        return JSONResponse(script.jobs[request.path_params["id"]])

    async def progress(request: Request) -> Response:
        found = script.jobs[request.path_params["id"]]

        async def lines() -> Any:
            for done_s in (2.0, 6.0):
                found["state"] = "running"
                found["recordings"][0]["done_s"] = done_s
                yield f"event: job\ndata: {json.dumps(found)}\n\n"
                await asyncio.sleep(0.05)
            while script.holds:
                await asyncio.sleep(0.02)
            found.update(state="done", files=_files(found["id"]))
            yield f"event: job\ndata: {json.dumps(found)}\n\n"

        return StreamingResponse(lines(), media_type="text/event-stream")

    async def result(request: Request) -> Response:
        return PlainTextResponse("1\n00:00:00,000 --> 00:00:01,000\nOlá.\n")

    async def realtime(socket: WebSocket) -> None:
        await _serve_session(script, socket)

    return Starlette(
        routes=[
            *routes(None),
            Route("/v1/page/languages", guarded(languages)),
            Route("/v1/page/models", guarded(models)),
            Route("/v1/voices", guarded(voices), methods=["GET", "POST"]),
            Route("/v1/voices/{name}", guarded(voice), methods=["DELETE"]),
            Route("/v1/jobs", guarded(jobs), methods=["GET", "POST"]),
            Route("/v1/jobs/{id}", guarded(job), methods=["GET", "DELETE"]),
            Route("/v1/jobs/{id}/events", guarded(progress)),
            Route("/v1/jobs/{id}/files/{name}", guarded(result)),
            WebSocketRoute("/v1/realtime/translations", realtime),
        ]
    )


def _job(key: str, name: str, target: str) -> dict[str, Any]:
    recording = {"name": name, "state": "queued", "done_s": 0.0, "total_s": 8.0}
    return {
        "id": key, "object": "job", "state": "queued", "from": "auto", "to": target,
        "recordings": [recording], "files": [],
    }  # fmt: skip


def _files(key: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "bytes": size, "kind": kind, "url": f"/v1/jobs/{key}/files/{name}"}
        for name, size, kind in (
            ("talk.pt.wav", 384_044, "audio"),
            ("talk.pt.srt", 412, "subtitles"),
        )
    ]


async def _serve_session(script: ScriptedServer, socket: WebSocket) -> None:
    script.loop = asyncio.get_running_loop()
    script.protocols.append(list(socket.scope["subprotocols"]))
    await socket.accept("realtime")
    if script.refuse is not None:
        code, sentence = script.refuse
        error = {"message": sentence, "type": "server_error"}
        await socket.send_text(json.dumps({"type": "error", "event_id": "e", "error": error}))
        await socket.close(code)
        return
    query = dict(socket.query_params)
    script.queries.append(query)
    if "session" in query and script.forgets:
        error = {"message": "this session is over", "code": "session_not_found"}
        await socket.send_text(json.dumps({"type": "error", "event_id": "x", "error": error}))
        await socket.close(1008)
        return
    script.captured.append(b"")
    number = len(script.captured) - 1
    script.sockets.append(socket)
    if "session" not in query:
        session = {"id": f"sess_{number}"}
        created = {"type": "session.created", "event_id": "e", "session": session}
        await socket.send_text(json.dumps(created))
    elif "kept_from_ms" in query:
        got_ms = sum(map(len, script.captured)) // 48
        again = {"type": "stslocal.resumed", "event_id": "e", "from_ms": got_ms}
        await socket.send_text(json.dumps(again))
    try:
        while True:
            event = json.loads(await socket.receive_text())
            if event["type"] == "session.update":
                script.sessions.append(event["session"])
                updated = {"type": "session.updated", "event_id": "e", "session": {}}
                await socket.send_text(json.dumps(updated))
                if script.tone_s:
                    await socket.send_text(json.dumps(tone_event(script.tone_s)))
            elif event["type"] == "session.input_audio_buffer.append":
                script.captured[number] += base64.b64decode(event["audio"])
                script.played.append(event.get("played"))
            elif event["type"] == "session.close":
                last = text_event("output", " The end.")
                await socket.send_text(json.dumps(last))
                closed = {"type": "session.closed", "event_id": "e"}
                await socket.send_text(json.dumps(closed))
                await socket.close()
                return
    except WebSocketDisconnect:
        return

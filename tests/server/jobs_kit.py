"""File jobs as clients send and follow them, at a server with fake engines."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import soundfile

from stslocal.loading.engines import Engines
from stslocal.server.options import ServerOptions
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from tests.fakes import FakeSynthesizer, Lexicon
from tests.server.kit import PATIENCE_S, Answer, Served, served

BOUNDARY = "xx-boundary-xx"


@dataclass(slots=True)
class HeldSynthesizer(FakeSynthesizer):
    """Waits before its nth sentence, where the test says so, until the test lets it go on."""

    holds_at: int | None = None
    holding: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)
    sentences: list[str] = field(default_factory=list)

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        if len(self.sentences) == self.holds_at:
            self.holding.set()
            assert self.may_go_on.wait(60)
        self.sentences.append(text)
        yield from FakeSynthesizer.synthesize(
            self, text, language=language, voice=voice, speed=speed
        )


def server_at(folder: Path, engines: Engines, **limits: Any) -> Any:
    options = ServerOptions(folder=folder, max_sessions=8)
    return served(engines, options=options, settings=Settings(target="pt"), **limits)


def wav(lexicon: Lexicon, *lines: tuple[float, str]) -> bytes:
    stream = io.BytesIO()
    recording = lexicon.script(*lines)
    soundfile.write(stream, recording, RECOGNITION_RATE, subtype="FLOAT", format="WAV")
    return stream.getvalue()


def submitted(server: Served, *files: tuple[str, bytes], **fields: str) -> Answer:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, data in files:
        head = 'Content-Disposition: form-data; name="file"; filename="' + name + '"'
        parts.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + data + b"\r\n")
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return server.request("POST", "/v1/jobs", body, {"content-type": kind})


def begun(server: Served, *files: tuple[str, bytes], **fields: str) -> dict[str, Any]:
    answer = submitted(server, *files, **fields)
    assert answer.status == 201, answer.body
    job: dict[str, Any] = json.loads(answer.body)
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    return job


@contextmanager
def followed(server: Served, job: str) -> Iterator[Iterator[dict[str, Any]]]:
    """The events of a job, until the server ends the stream."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", f"/v1/jobs/{job}/events")
        response = connection.getresponse()
        assert response.getheader("content-type", "").startswith("text/event-stream")
        lines = iter(response.readline, b"")
        yield (json.loads(line[6:]) for line in lines if line.startswith(b"data: "))
    finally:
        connection.close()


def ended(server: Served, job: str) -> dict[str, Any]:
    with followed(server, job) as events:
        *_, last = events
    return last


def shown(server: Served, job: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.get(f"/v1/jobs/{job}").body)
    return found

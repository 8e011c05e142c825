"""Clients of the realtime protocol: the official package, and a raw one that may be wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from openai import OpenAI
from websockets.sync.client import ClientConnection, connect

from stslocal.audio.resample import from_pcm16, to_pcm16
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.types import RECOGNITION_RATE, Samples
from tests.server.kit import Served

PATH = "/v1/realtime/translations"
FRAME = WIRE_RATE // 5


def openai_client(server: Served, token: str = "not-needed") -> OpenAI:
    """The official client, pointed at a server of ours. Close it."""
    return OpenAI(api_key=token, base_url=f"http://127.0.0.1:{server.port}/v1", max_retries=0)


def wire(samples: Samples) -> Samples:
    """Samples at 16 kHz, shape (n,), as a client has them: fake words keep their exact levels."""
    assert WIRE_RATE * 2 == RECOGNITION_RATE * 3
    return np.asarray(np.repeat(samples, 3)[::2], np.float32)


def frames(samples: Samples) -> Iterator[str]:
    """Samples at the rate of the wire, shape (n,), as base64 of 200 ms each."""
    for start in range(0, len(samples), FRAME):
        yield base64.b64encode(to_pcm16(samples[start : start + FRAME])).decode()


def decoded(deltas: list[str]) -> Samples:
    """The sound of output deltas, shape (n,), at the rate of the wire."""
    return from_pcm16(b"".join(base64.b64decode(delta) for delta in deltas))


@contextmanager
def raw(server: Served, query: str = "", **how: Any) -> Iterator[ClientConnection]:
    """A WebSocket to the server."""
    address = f"ws://127.0.0.1:{server.port}{PATH}{query}"
    with connect(address, proxy=None, compression=None, max_queue=None, **how) as connection:
        yield connection


def send(connection: ClientConnection, kind: str, **fields: Any) -> None:
    """Send an event."""
    connection.send(json.dumps({"type": kind, **fields}))


def receive(connection: ClientConnection) -> dict[str, Any]:
    """The next event."""
    event = json.loads(connection.recv(timeout=60))
    assert isinstance(event, dict)
    return event


def receive_until(connection: ClientConnection, kind: str) -> list[dict[str, Any]]:
    """The events up to the first one of this type, which is the last of the list."""
    events = [receive(connection)]
    while events[-1]["type"] != kind:
        events.append(receive(connection))
    return events


def choose(connection: ClientConnection, language: str, *, transcript: bool = True) -> None:
    """Send a session.update with the target language."""
    audio: dict[str, Any] = {"output": {"language": language}}
    if transcript:
        audio["input"] = {"transcription": {"model": "whisper"}}
    send(connection, "session.update", session={"audio": audio})


def text_of(events: list[dict[str, Any]], direction: str) -> str:
    """The transcript of `input` or `output`."""
    kind = f"session.{direction}_transcript.delta"
    return "".join(event["delta"] for event in events if event["type"] == kind)

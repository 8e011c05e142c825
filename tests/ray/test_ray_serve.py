"""Two replicas of the server on a local Ray cluster: one is killed, its session goes on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from stslocal.server.realtime.protocol import WIRE_RATE
from tests.extras import need
from tests.fakes import FakeTranslator
from tests.live_program import CHECKOUT, wait_until
from tests.pile_program import lexicon
from tests.server.realtime_kit import PATH, choose, frames, receive, send, text_of, wire

need("ray")

pytestmark = pytest.mark.real

SAID = "Good morning. Good night. It is late."


@dataclass
class Replicas:
    """The server, and what its replicas note."""

    port: int
    records: Path

    def workers(self) -> list[int]:
        """The process that translated, for each sentence."""
        path = self.records / "begun"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [int(line.split()[1]) for line in lines]

    def status(self, path: str) -> int:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code


@dataclass
class Client:
    """A client that keeps all of its sound, and comes back when its connection is lost."""

    port: int
    events: list[dict[str, Any]] = field(default_factory=list)
    connection: ClientConnection | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def open(self) -> ClientConnection:
        assert self.connection is not None
        return self.connection

    def connect(self, query: str = "") -> None:
        address = f"ws://127.0.0.1:{self.port}{PATH}{query}"
        self.connection = self.stack.enter_context(
            connect(address, proxy=None, compression=None, max_queue=None)
        )

    def receive_until(self, kind: str, text: str = "") -> dict[str, Any]:
        while True:
            event = receive(self.open)
            self.events.append(event)
            assert event["type"] != "error", event
            if event["type"] == kind and text in event.get("delta", ""):
                return event

    def come_back(self) -> dict[str, Any]:
        """Connect again, with all sound at hand."""
        session = self.events[0]["session"]["id"]
        query = f"?session={session}&after={self.events[-1]['event_id']}&kept_from_ms=0"
        for _ in range(600):  # the proxy may still send us to the one that is gone
            with suppress(WebSocketException, OSError):
                self.connect(query)
                return self.receive_until("stslocal.resumed")
            time.sleep(0.2)
        raise AssertionError("no replica takes the session")


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    records = tmp_path_factory.mktemp("records")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (records / "err").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ray_serve_program", str(port)],
            cwd=CHECKOUT,
            env={**os.environ, "PILE_RECORDS": str(records)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", (records / "err").read_text()
        yield Replicas(port, records)
    finally:
        process.communicate(timeout=180)


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_session_goes_on_at_another_replica(replicas: Replicas, is_killed: bool) -> None:
    """Where only the connection is lost, the proxy chooses the one replica or the other."""
    client = Client(replicas.port)
    with client.stack:
        _speak_through_a_loss(client, replicas, is_killed=is_killed)
    assert text_of(client.events, "input") == SAID
    assert text_of(client.events, "output") == expected()
    numbers = [int(event["event_id"].rpartition("_")[2]) for event in client.events]
    assert numbers == sorted(set(numbers))


def _speak_through_a_loss(client: Client, replicas: Replicas, *, is_killed: bool) -> None:
    starts = (0.5, 4.0, 7.5)
    sound = wire(lexicon().script(*zip(starts, sentences(), strict=True)))
    client.connect()
    client.receive_until("session.created")
    choose(client.open, "pt")
    client.receive_until("session.updated")
    pieces = list(frames(sound))
    for piece in pieces[: len(pieces) * 2 // 3]:  # in the midst of the second sentence, or later
        send(client.open, "session.input_audio_buffer.append", audio=piece)
    client.receive_until("session.output_transcript.delta")
    if is_killed:
        os.kill(replicas.workers()[-1], signal.SIGKILL)
        with suppress(WebSocketException):
            while True:
                client.events.append(receive(client.open))
    else:
        client.open.close(3000)
    from_ms = client.come_back()["from_ms"]
    assert 0 < from_ms < 1000 * len(sound) / WIRE_RATE
    for piece in frames(sound[round(from_ms * WIRE_RATE / 1000) :]):
        send(client.open, "session.input_audio_buffer.append", audio=piece)
    send(client.open, "session.close")
    client.receive_until("session.closed")


def sentences() -> list[str]:
    return [f"{part}." for part in SAID.rstrip(".").split(". ")]


def expected() -> str:
    """What the fake translator makes of the sentences."""
    return " ".join(FakeTranslator().translate(sentences(), source="en", target="pt"))


def test_what_one_process_keeps_is_refused(replicas: Replicas) -> None:
    assert replicas.status("/health") == 200
    assert replicas.status("/v1/jobs") == 501
    wait_until(lambda: replicas.status("/") == 200, "the page is served")

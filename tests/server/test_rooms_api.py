"""Rooms over HTTP and WebSocket, at a real server with fake engines."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from stslocal.server.options import ServerOptions
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from tests.server.kit import TOKEN, Served, eventually, served
from tests.server.realtime_kit import frames, wire

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

Event = dict[str, Any]


def make_room(server: Served, **headers: str) -> dict[str, Any]:
    """Make a room and return its document."""
    answer = server.request("POST", "/v1/rooms", headers=headers)
    assert answer.status == 201, answer.body
    document: dict[str, Any] = json.loads(answer.body)
    return document


@contextmanager
def joined(
    server: Served, room: dict[str, Any], name: str, language: str
) -> Iterator[ClientConnection]:
    """A member's connection, until the block is left."""
    address = f"ws://127.0.0.1:{server.port}/v1/rooms/{room['id']}/live"
    protocols: Any = ["realtime", f"openai-insecure-api-key.{room['key']}"]
    with connect(address, proxy=None, subprotocols=protocols) as connection:
        session = {"name": name, "audio": {"output": {"language": language}}}
        connection.send(json.dumps({"type": "session.update", "session": session}))
        until(connection, lambda event: event["type"] == "session.updated")
        yield connection


def until(connection: ClientConnection, is_it: Callable[[Event], bool]) -> list[Event]:
    """The next events, up to the one that is waited for."""
    events: list[Event] = []
    while not events or not is_it(events[-1]):
        events.append(json.loads(connection.recv(timeout=60)))
    return events


def is_text(event: Event) -> bool:
    return bool(event["type"] == "session.output_transcript.delta")


def test_one_speaks_and_the_other_gets_it_in_their_language() -> None:
    lexicon = Lexicon()
    said = wire(lexicon.script((0.2, "Good morning."), (3.0, "Good night.")))
    with served(fake_engines(lexicon)) as server:
        room = make_room(server)
        with joined(server, room, "Bob", "en") as bob, joined(server, room, "Ana", "pt") as ana:
            until(bob, lambda event: len(event.get("members", [])) == 2)
            for frame in frames(said):
                event = {"type": "session.input_audio_buffer.append", "audio": frame}
                bob.send(json.dumps(event))
            first = until(ana, is_text)[-1]
            assert first["delta"] == "pt:Good pt:morning."
            assert first["speaker"]["name"] == "Bob"
            until(ana, lambda event: event["type"] == "session.output_audio.delta")
            assert until(bob, is_text)[-1]["delta"] == "Good morning."
        assert eventually(
            lambda: b'stslocal_sessions_total{how="finished"} 1.0' in server.get("/metrics").body
        )


def test_only_the_key_lets_in_and_only_into_its_room() -> None:
    with served(options=ServerOptions(token=TOKEN, max_sessions=1)) as server:
        assert server.request("POST", "/v1/rooms").status == 401
        room = make_room(server, Authorization=f"Bearer {TOKEN}")
        path = f"/v1/rooms/{room['id']}/languages"
        assert server.get(path, Authorization=f"Bearer {room['key']}").status == 200
        for key in ("", "x", room["key"][:-1]):
            assert server.get(path, Authorization=f"Bearer {key}").status == 401
        for other in ("/v1/voices", "/v1/page/models", "/v1/rooms/nothing/languages", "/v1/rooms"):
            assert server.get(other, Authorization=f"Bearer {room['key']}").status in (401, 429)


def test_the_code_is_a_picture_of_the_address() -> None:
    with served() as server:
        room = make_room(server)
    assert room["url"] == f"http://127.0.0.1:{server.port}/#room={room['id']}&key={room['key']}"
    assert not room["reached_by_others"]
    picture = ET.fromstring(room["code"])
    assert picture.tag.endswith("svg")
    assert "script" not in room["code"]


@pytest.mark.parametrize(
    "message",
    [
        "not json",
        '{"type": "session.update", "session": {"audio": {"output": {"language": "klingon"}}}}',
        '{"type": "session.update", "session": {"audio": 7}}',
        '{"type": "session.update", "session": []}',
    ],
)
def test_a_wrong_message_is_one_error_and_the_member_stays(message: str) -> None:
    with served() as server:
        room = make_room(server)
        with joined(server, room, "Bob", "en") as bob:
            bob.send(message)
            error = until(bob, lambda event: event["type"] == "error")[-1]["error"]
            assert error["message"]
            assert error["type"] == "invalid_request_error"
            assert error["code"] in ("invalid_json", "invalid_value", "missing_language")
            with joined(server, room, "Ana", "pt"):
                until(bob, lambda event: len(event.get("members", [])) == 2)
            until(bob, lambda event: len(event.get("members", [])) == 1)


def test_a_machine_without_places_says_so_to_the_speaker() -> None:
    lexicon = Lexicon()
    said = wire(lexicon.script((0.2, "Good morning.")))
    options = ServerOptions(max_sessions=1)
    with served(fake_engines(lexicon), options=options) as server:
        address = f"ws://127.0.0.1:{server.port}/v1/realtime/translations"
        room = make_room(server)
        with (
            connect(address, proxy=None) as other,
            joined(server, room, "Bob", "en") as bob,
            joined(server, room, "Ana", "pt"),
        ):
            json.loads(other.recv(timeout=60))
            for frame in frames(said):
                event = {"type": "session.input_audio_buffer.append", "audio": frame}
                bob.send(json.dumps(event))
            error = until(bob, lambda event: event["type"] == "error")[-1]["error"]
            assert error["message"].startswith("this machine keeps up with 1 live session")

"""The WebSocket refuses what it must: tokens, origins, sizes, rates, and frames at random."""

from __future__ import annotations

import os
import random
import struct
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stslocal.server.options import ServerOptions
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from tests.server.kit import TOKEN, Served, eventually, served
from tests.server.realtime_kit import (
    PATH,
    frames,
    raw,
    receive,
    receive_until,
    send,
    text_of,
    wire,
)

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


def still_translates(server: Served, lexicon: Lexicon) -> bool:
    """Whether another client is served as if nothing had been, once there is a place for it."""
    events: list[dict[str, Any]] = []
    with suppress(ConnectionClosed), raw(server) as connection:
        for frame in frames(wire(lexicon.script((0.2, "Good day.")))):
            send(connection, "session.input_audio_buffer.append", audio=frame)
        send(connection, "session.close")
        events = receive_until(connection, "session.closed")
    return text_of(events, "output") == "pt:Good pt:day."


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"}, 403),
    ],
)
def test_a_connection_is_refused_before_it_is_one(headers: dict[str, str], status: int) -> None:
    with (
        served(options=ServerOptions(token=TOKEN)) as server,
        pytest.raises(InvalidStatus) as refused,
        raw(server, additional_headers=headers),
    ):
        pass
    assert refused.value.response.status_code == status
    assert b'"error"' in (refused.value.response.body or b"")


def test_a_browser_gives_its_token_as_a_subprotocol() -> None:
    protocols = ["realtime", f"openai-insecure-api-key.{TOKEN}"]
    with (
        served(options=ServerOptions(token=TOKEN, max_sessions=1)) as server,
        raw(server, subprotocols=protocols) as connection,
    ):
        assert connection.subprotocol == "realtime"
        assert receive(connection)["type"] == "session.created"


def test_a_message_that_is_too_large_ends_the_connection() -> None:
    with served(message_bytes=1000) as server, raw(server) as connection:
        receive(connection)
        connection.send("x" * 1001)
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=60)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


def test_too_many_messages_end_the_session_with_a_sentence() -> None:
    # One at once; a busy machine may send the second one much later, but not two seconds.
    with served(messages_per_s=0.5) as server, raw(server) as connection:
        for _ in range(2):
            send(connection, "session.update", session={})
        events = receive_until(connection, "error")
    assert events[-1]["error"]["code"] == "too_many_messages"


def test_too_many_wrong_messages_end_the_session_with_a_sentence() -> None:
    codes: list[str] = []
    with served() as server, raw(server) as connection:
        with suppress(ConnectionClosed):
            for _ in range(60):
                connection.send("nonsense")
                codes.append(receive_until(connection, "error")[-1]["error"]["code"])
        with suppress(ConnectionClosed):
            while True:
                codes.append(receive_until(connection, "error")[-1]["error"]["code"])
    assert codes[0] == "invalid_json"
    assert codes[-1] == "too_many_errors"


def test_messages_at_random_break_nothing() -> None:
    lexicon = Lexicon()
    dice = random.Random(7)
    with served(fake_engines(lexicon), messages_per_s=1e6) as server:
        for _ in range(8):
            with raw(server) as connection:
                try:
                    for _ in range(40):
                        data = dice.randbytes(dice.randrange(200))
                        connection.send(data if dice.random() < 0.5 else data.decode("latin-1"))
                except ConnectionClosed:
                    pass
        assert still_translates(server, lexicon)


def test_frames_at_random_break_nothing() -> None:
    """What is no WebSocket frame at all, on a connection that has become one."""
    lexicon = Lexicon()
    dice = random.Random(3)
    with served(fake_engines(lexicon), requests_per_s=1e6, resume_s=0.1) as server:
        head = (
            f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        for _ in range(100):
            with server.connect() as connection:
                connection.sendall(head.encode())
                length = dice.choice([0, 5, 125, 126, 127])
                noise = bytes([dice.randrange(256), 0x80 | length])
                noise += struct.pack(">Q", dice.getrandbits(64)) + os.urandom(dice.randrange(64))
                connection.sendall(noise)
        assert eventually(lambda: still_translates(server, lexicon))


def test_requests_at_random_break_nothing() -> None:
    lexicon = Lexicon()
    dice = random.Random(5)
    whole = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc".encode()
    with served(fake_engines(lexicon), requests_per_s=1e6) as server:
        for _ in range(100):
            message = bytearray(whole)
            for _ in range(dice.randrange(1, 8)):
                message[dice.randrange(len(message))] = dice.randrange(256)
            with server.connect() as connection:
                connection.sendall(message)
        assert still_translates(server, lexicon)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"[" * 10_000, "invalid_json"),
        (b"{}", "missing_value"),
        (b'{"session": {"model": ""}}', "missing_value"),
        (b'{"session": {"model": "m"}, "expires_after": {"seconds": 1}}', "invalid_value"),
        (b'{"session": {"model": "m", "audio": {"output": {"language": "x!"}}}}', "invalid_value"),
    ],
)
def test_a_wrong_request_for_a_secret_is_refused(body: bytes, code: str) -> None:
    with served() as server:
        answer = server.request("POST", f"{PATH}/client_secrets", body)
    assert (answer.status, answer.error["code"]) == (400, code)


def test_a_body_that_is_too_large_is_refused() -> None:
    with served(body_bytes=1000) as server:
        answer = server.request("POST", f"{PATH}/client_secrets", b"x" * 1001)
        assert (answer.status, answer.error["code"]) == (413, "too_large")
        pieces = server.request("POST", f"{PATH}/client_secrets", iter([b"x" * 600] * 2))
        assert (pieces.status, pieces.error["code"]) == (413, "too_large")


def test_a_body_that_is_too_slow_is_refused() -> None:
    with served(body_s=0.2) as server, server.connect() as connection:
        connection.sendall(
            f"POST {PATH}/client_secrets HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Length: 100\r\n\r\nabc".encode()
        )
        answer = b""
        while piece := connection.recv(1000):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"too_slow"' in answer

"""Who is refused, each with one clear answer, at a real server on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from stslocal.server.options import ServerOptions
from tests.server.kit import TOKEN, Served, served

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def open_server() -> Iterator[Served]:
    with served() as server:
        yield server


@pytest.fixture(scope="module")
def closed_server() -> Iterator[Served]:
    with served(options=ServerOptions(token=TOKEN, origins=("https://friend.example",))) as server:
        yield server


def test_the_health_is_shown_without_a_token(closed_server: Served) -> None:
    answer = closed_server.get("/health")
    assert answer.status == 200
    assert json.loads(answer.body)["status"] == "ok"


def test_a_missing_token_is_refused(closed_server: Served) -> None:
    answer = closed_server.get("/v1/models")
    assert (answer.status, answer.error["code"]) == (401, "missing_token")
    assert "Authorization: Bearer" in answer.error["message"]
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "token", ["wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é" * 20], ids=ascii
)
def test_a_wrong_token_is_refused(token: str) -> None:
    with served(options=ServerOptions(token=TOKEN)) as server:
        answer = server.get("/v1/nothing", authorization=f"Bearer {token}")
    assert (answer.status, answer.error["code"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN}"},
        {"authorization": f"bearer {TOKEN}"},
        {"sec_websocket_protocol": f"realtime, openai-insecure-api-key.{TOKEN}"},
    ],
)
def test_the_token_is_accepted(closed_server: Served, headers: dict[str, str]) -> None:
    assert closed_server.get("/v1/nothing", **headers).status == 404


def test_guessing_tokens_is_slowed_down() -> None:
    with served(options=ServerOptions(token=TOKEN)) as server:
        statuses = [
            server.get("/v1/x", authorization=f"Bearer {number}").status for number in range(12)
        ]
        assert statuses == [401] * 10 + [429] * 2
        right = server.get("/v1/x", authorization=f"Bearer {TOKEN}")
        assert right.status == 429, "nobody must learn that this one was right"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1", "x"]
)
def test_a_foreign_page_is_refused(open_server: Served, origin: str) -> None:
    answer = open_server.get("/health", origin=origin)
    assert (answer.status, answer.error["code"]) == (403, "foreign_origin")


def test_our_own_page_and_a_named_one_are_served(
    open_server: Served, closed_server: Served
) -> None:
    own = f"http://127.0.0.1:{open_server.port}"
    assert open_server.get("/health", origin=own).status == 200
    assert closed_server.get("/health", origin="https://friend.example").status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8790", "10.0.0.1", ""])
def test_a_foreign_name_of_this_machine_is_refused(open_server: Served, host: str) -> None:
    answer = open_server.get("/health", host=host, origin=f"http://{host}")
    assert (answer.status, answer.error["code"]) == (403, "foreign_host")


def test_what_is_not_served_is_said(open_server: Served) -> None:
    assert "/nothing" in open_server.get("/nothing").error["message"]
    answer = open_server.request("DELETE", "/health")
    assert answer.status == 405
    assert "DELETE" in answer.error["message"]


def test_a_client_that_asks_too_often_is_refused() -> None:
    # A busy machine may ask slowly, and who asks less than once in two seconds is never refused.
    with served(requests_per_s=0.5) as server:
        statuses = [200]
        while statuses[-1] == 200 and len(statuses) < 100:
            statuses.append(server.get("/health").status)
    assert len(statuses) >= 4, "two at once are answered"
    assert statuses[-1] == 429


def test_a_connection_that_sends_nothing_is_closed() -> None:
    with served(header_s=0.2) as server, server.connect() as connection:
        assert connection.recv(100) == b""


def test_a_head_that_never_ends_is_closed() -> None:
    with served(header_s=0.2) as server, server.connect() as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\n")
        assert connection.recv(100) == b""


def test_the_next_head_of_a_connection_may_not_be_slow_either() -> None:
    whole = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    # Long enough for the first head, which a busy machine sends late.
    with served(header_s=3.0) as server, server.connect() as connection:
        connection.sendall(whole)
        answer = b""
        while not answer.endswith(b"}"):
            answer += (piece := connection.recv(1000))
            assert piece, "the connection was closed"
        assert answer.startswith(b"HTTP/1.1 200")
        connection.sendall(whole[:-4])
        assert connection.recv(100) == b""


def test_too_many_connections_are_refused() -> None:
    with served(connections=3) as server:
        waiting = [server.connect() for _ in range(3)]
        answer = server.get("/health")
        assert (answer.status, answer.error["code"]) == (503, "too_many_connections")
        for connection in waiting:
            connection.close()


def test_a_flood_of_connections_leaves_the_server_as_it_was() -> None:
    with served(connections=20, header_s=0.5) as server:
        flood = [server.connect() for _ in range(100)]
        for connection in flood:
            connection.close()
        assert any(asked(server) == 200 for _ in range(200))


def asked(server: Served) -> int:
    """The status of the server's health; 0 where it closed the connection at once."""
    time.sleep(0.05)
    with suppress(ConnectionResetError):
        return server.get("/health").status
    return 0

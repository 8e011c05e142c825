"""A server on loopback in a thread of this process, with fake engines, and raw clients for it."""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest_socket

from stslocal.loading.engines import Engines
from stslocal.server.options import Limits, ServerOptions
from stslocal.server.run import RunningServer
from stslocal.server.state import LoadEngines, ServerState, SharedEngines
from stslocal.settings import Settings
from stslocal.storage import server_folder
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon

TOKEN = "0123456789abcdef-token"
PATIENCE_S = 60.0
"""Far longer than any answer takes, also on a busy machine: a wait that reaches it has failed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """OpenAI's error object."""
        error = json.loads(self.body)["error"]
        assert isinstance(error, dict)
        assert set(error) == {"message", "type", "param", "code"}
        return error


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    state: ServerState
    server: RunningServer
    port: int

    def request(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Ask once, over a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """GET with headers, whose names have _ for -."""
        return self.request(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    def connect(self) -> socket.socket:
        """A connection on which nothing was sent."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)


def eventually(condition: Callable[[], object]) -> bool:
    """Whether something becomes true."""
    until_s = time.perf_counter() + PATIENCE_S
    while not (found := condition()) and time.perf_counter() < until_s:
        time.sleep(0.02)
    return bool(found)


@contextmanager
def served(
    engines: Engines | None = None,
    *,
    load: LoadEngines | SharedEngines | None = None,
    options: ServerOptions | None = None,
    settings: Settings | None = None,
    **limits: Any,
) -> Iterator[Served]:
    """A server with fake engines for English and Portuguese, at a free port of 127.0.0.1."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost"], allow_unix_socket=True)
    options = options or ServerOptions(max_sessions=8)
    if options.folder == server_folder():  # a person's own, which no test may touch
        options = replace(options, folder=Path(mkdtemp(prefix="stslocal-test-")))
    options = replace(options, port=0, limits=replace(Limits(), **limits))
    engines = engines or fake_engines(Lexicon())
    state = ServerState(
        options,
        settings or Settings(source="en", target="pt"),
        load=load or (lambda settings, use: engines),
    )
    server = RunningServer(state)
    ready: queue.Queue[str | BaseException] = queue.Queue()

    def serve() -> None:
        try:
            server.serve(ready.put)
        except BaseException as error:
            ready.put(error)
            raise

    thread = threading.Thread(target=serve, name="served")
    thread.start()
    try:
        address = ready.get(timeout=PATIENCE_S)
        assert isinstance(address, str), address
        yield Served(state, server, int(address.rpartition(":")[2]))
    finally:
        server.stop()
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "the server does not end"

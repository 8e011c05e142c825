"""A hub on loopback. It answers like the real one, unless a test sets a fault."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.models.download.kit import COMMIT, REPO

Fault = Callable[["Answer"], None]
"""Called instead of a normal answer."""


@dataclass
class Request:
    """A request that the server received."""

    method: str
    path: str
    range: str
    authorization: str
    encoding: str


class Answer(BaseHTTPRequestHandler):
    """Answers one request for a file."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub = self.server.hub
        form = "/raw/" if "/raw/" in self.path else "/resolve/"  # GitHub's, and Hugging Face's
        place, _, rest = self.path.strip("/").partition(form)
        revision, _, name = rest.partition("/")
        self.is_cdn = place.startswith("cdn/")
        name = name or place
        with hub.lock:
            hub.requests.append(
                Request(
                    self.command,
                    name,
                    self.headers.get("Range", ""),
                    self.headers.get("Authorization", ""),
                    self.headers.get("Accept-Encoding", ""),
                )
            )
            faults = (hub.faults if self.command == "GET" else hub.head_faults).get(name, [])
            fault = faults.pop(0) if faults else None
        name = name.removeprefix("cdn/")
        self.data = hub.files.get(name)
        known = self.is_cdn or (place in hub.places and revision in (hub.commit, "main"))
        try:
            if fault is not None:
                fault(self)
            elif self.data is None or not known:
                self.refuse(404)
            elif name in hub.large and not self.is_cdn:
                self.refuse(
                    302,
                    Location=f"{hub.endpoint}/cdn/{name}",
                    X_Repo_Commit=hub.commit,
                    X_Linked_Size=str(len(self.data)),
                    X_Linked_Etag=f'"{hashlib.sha256(self.data).hexdigest()}"',
                )
            else:
                self.send(self.data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def send(self, data: bytes, *, cut: int | None = None, claim: int | None = None) -> None:
        """Send the requested part of `data`. After `cut` bytes the connection breaks. `claim` is
        the declared length.
        """
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        if start >= len(data) and start:
            self.refuse(416)
            return
        body = data[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
        if not self.is_cdn:
            self.send_header("X-Repo-Commit", self.server.hub.commit)
        self.send_header("Content-Length", str(len(body) if claim is None else claim))
        self.end_headers()
        if self.command == "HEAD":
            return
        if cut is None:
            self.wfile.write(body[:claim])
            return
        self.wfile.write(body[:cut])
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def refuse(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content_Length": "0"}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: HubServer


@dataclass
class HubServer:
    """The files of a repository at one commit."""

    files: dict[str, bytes]
    endpoint: str = ""
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    """Faults of the downloads (GET) by file name, one for each request in order."""
    head_faults: dict[str, list[Fault]] = field(default_factory=dict)
    """Faults of the questions about a file (HEAD), in the same form."""
    large: set[str] = field(default_factory=set)
    """Files in large file storage: the hub gives their sha256 and redirects to `cdn/NAME`."""
    commit: str = COMMIT
    """The newest commit of the repository."""
    places: tuple[str, ...] = (REPO,)
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ranges(self, name: str) -> list[str]:
        """The requested ranges of a file."""
        return [r.range for r in self.requests if r.method == "GET" and r.path == name]


@contextmanager
def serve(files: Mapping[str, bytes]) -> Iterator[HubServer]:
    server = _Server(("127.0.0.1", 0), Answer)
    server.hub = HubServer(dict(files), f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def drop_after(size: int) -> Fault:
    """Break the connection after some bytes."""
    return lambda answer: answer.send(answer.data or b"", cut=size)


def truncate(size: int) -> Fault:
    """Send fewer bytes than the file has, and declare that number as the length."""
    return lambda answer: answer.send(answer.data or b"", claim=size)


def status(code: int, **headers: str) -> Fault:
    """Answer with a status and no file."""
    return lambda answer: answer.refuse(code, **headers)


def other_bytes(data: bytes) -> Fault:
    """Send another file."""
    return lambda answer: answer.send(data)


def without_ranges(answer: Answer) -> None:
    """Send the whole file instead of the requested part."""
    del answer.headers["Range"]
    answer.send(answer.data or b"")


def redirect(endpoint: str) -> Fault:
    """Redirect to another server."""
    return lambda answer: answer.refuse(302, Location=endpoint + answer.path)


def trickle(piece: int, pause_s: float) -> Fault:
    """Send a few bytes at a time."""

    def fault(answer: Answer) -> None:
        data = answer.data or b""
        start = int(answer.headers.get("Range", "bytes=0-")[6:-1])
        answer.send_response(206 if start else 200)
        answer.send_header("Content-Length", str(len(data) - start))
        answer.end_headers()
        for position in range(start, len(data), piece):
            answer.wfile.write(data[position : position + piece])
            answer.wfile.flush()
            time.sleep(pause_s)

    return fault


def silence(seconds: float) -> Fault:
    """Accept the request and send nothing for some seconds."""

    def fault(answer: Answer) -> None:
        time.sleep(seconds)
        answer.close_connection = True

    return fault

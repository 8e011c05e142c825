"""What is tried often: 10 000 wrong messages, 1 000 connections, and bodies that are compressed."""

from __future__ import annotations

import asyncio
import gzip
import importlib.util
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

import pytest

from stslocal.server.options import ServerOptions
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon
from tests.server.kit import Served, eventually, served
from tests.server.realtime_kit import PATH
from tests.server.test_realtime_security import still_translates

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

FUZZ = Path(__file__).parents[2] / "scripts" / "fuzz" / "server.py"
MESSAGES = 10_000
CONNECTIONS = 1000
DESCRIPTORS = Path("/proc/self/fd")


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_server", FUZZ)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def many_descriptors() -> Iterator[None]:
    """Let this process, which is both sides, hold all connections."""
    resource = pytest.importorskip("resource", reason="this system has no limit of descriptors")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * CONNECTIONS
    if hard not in (-1, resource.RLIM_INFINITY) and hard < wanted:
        pytest.skip(f"a process may open {hard} descriptors here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def held() -> tuple[int, int]:
    """Threads and descriptors of this process, where the system says so."""
    descriptors = len(list(DESCRIPTORS.iterdir())) if DESCRIPTORS.is_dir() else 0
    return threading.active_count(), descriptors


def as_little_as(before: tuple[int, int]) -> bool:
    return all(now <= then for now, then in zip(held(), before, strict=True))


def test_ten_thousand_wrong_messages_break_nothing_and_leave_nothing(fuzz: ModuleType) -> None:
    lexicon, dice, seen = Lexicon(), random.Random(1), Counter[str]()

    async def attack(port: int) -> None:
        for _ in range(MESSAGES // fuzz.BATCH):
            await fuzz.send_events(port, dice, seen)

    with served(
        fake_engines(lexicon), options=ServerOptions(max_sessions=4),
        requests_per_s=1e6, messages_per_s=1e6, resume_s=0.1,
    ) as server:  # fmt: skip
        assert still_translates(server, lexicon)
        before = held()
        asyncio.run(attack(server.port))
        assert eventually(lambda: still_translates(server, lexicon))
        assert eventually(lambda: as_little_as(before)), (before, held())
    assert sum(seen.values()) > MESSAGES // 2, seen
    assert not [what for what in seen if what.endswith((" 1006", " 1011", " failed"))], seen


@pytest.mark.parametrize(
    "pieces",
    [(), (b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"X-A: b\r\n", b"X-A: b\r\n")],
    ids=["that say nothing", "whose heads never end"],
)
def test_a_thousand_connections(pieces: tuple[bytes, ...]) -> None:
    """Each is closed, by its bound in number or in time, and the next client is served."""
    with many_descriptors(), served(header_s=1.0, requests_per_s=1e6) as server:
        assert server.get("/health").status == 200
        before = held()
        flood = [server.connect() for _ in range(CONNECTIONS)]
        for piece in pieces:
            for connection in flood:
                with suppress(ConnectionError):
                    connection.sendall(piece)
        for connection in flood:
            with suppress(ConnectionError):
                while connection.recv(1000):
                    pass
            connection.close()
        assert eventually(lambda: is_served(server))
        assert eventually(lambda: as_little_as(before)), (before, held())


def is_served(server: Served) -> bool:
    with suppress(ConnectionError):
        return server.get("/health").status == 200
    return False


@pytest.mark.parametrize("path", [f"{PATH}/client_secrets", "/v1/audio/speech", "/v1/jobs"])
def test_a_compressed_body_is_not_unpacked(path: str) -> None:
    """64 MB of spaces, 64 KB on the wire: the bytes are taken as they are, and refused."""
    bomb = gzip.compress(b" " * (64 << 20), 9)
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    with served() as server:
        answer = server.request("POST", path, bomb, headers)
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")


def test_compressed_messages_are_not_agreed_to() -> None:
    """A WebSocket message could unpack to a thousand times its size."""
    head = (
        f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with served() as server, server.connect() as connection:
        connection.sendall(head.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 101")
    assert b"permessage-deflate" not in answer

"""How a pull handles the faults that can happen between a hub and a disk.

A server with the hub's protocol makes each fault. Then the same pull is made again without the
fault. `pytest -s` on this file prints the results as a table.
"""

from __future__ import annotations

import email.utils
import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from stslocal.errors import StslocalError
from stslocal.models.download import hub as hub_module
from stslocal.models.download import space, speed
from stslocal.models.download.arrival import IncomingFile
from stslocal.models.store import ModelStore
from tests.models.download.hub_server import (
    Answer,
    Fault,
    HubServer,
    drop_after,
    other_bytes,
    serve,
    silence,
    status,
    trickle,
    truncate,
    without_ranges,
)
from tests.models.download.kit import (
    HUB,
    content,
    files_in,
    loopback_only,
    model_text,
    open_store,
    pull_all,
    shorten_retry_delays,
    use_hub,
    write_manifest,
)

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

SIZE = 1_000_000
FILES = {"model.bin": content(1, SIZE), "config.json": b'{"a": 1}'}
CHECKOUT = Path(__file__).resolve().parents[3]

Patch = pytest.MonkeyPatch


@dataclass
class Row:
    """A row of the table: the result of a fault on the server, on the disk and for the person."""

    fault: str
    outcome: str
    requests: str
    again: str


@pytest.fixture(scope="module")
def table() -> Iterator[list[Row]]:
    rows: list[Row] = []
    yield rows
    head = "| fault | result | requests for model.bin | the same pull, without the fault |"
    lines = [f"| {row.fault} | {row.outcome} | {row.requests} | {row.again} |" for row in rows]
    sys.stdout.write("\n" + "\n".join([head, "|---|---|---|---|", *lines]) + "\n")


@pytest.fixture(autouse=True)
def hub(monkeypatch: Patch) -> Iterator[HubServer]:
    loopback_only()
    shorten_retry_delays(monkeypatch)
    with serve(FILES) as server:
        use_hub(server.endpoint, monkeypatch)
        yield server


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return store_in(tmp_path / "models", tmp_path)


def store_in(root: Path, tmp_path: Path) -> ModelStore:
    text = model_text("tiny", FILES, HUB)
    return open_store(root, write_manifest(tmp_path / "m.toml", text))


def complete(store: ModelStore) -> bool:
    folder = store.folder("tiny")
    return {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


def attempt(store: ModelStore) -> str:
    """Pull, and return the result in the words that a person reads."""
    try:
        pull_all(store)
    except StslocalError as error:
        assert not store.installed("tiny")
        text = str(error).removeprefix("tiny could not be fetched from huggingface someone/tiny: ")
        text = text.partition(". Try again")[0].replace(str(store.root), "…/models")
        kept = sum(path.stat().st_size for path in store.root.rglob(".model.bin.*.part"))
        return f"refused: {text}" + (f" ({kept:,} bytes are kept)" if kept else "")
    assert complete(store)
    return "installed, every byte right"


def starts(hub: HubServer) -> list[int]:
    """The first byte of each request for the large file."""
    ranges = [range.removeprefix("bytes=").removesuffix("-") for range in hub.ranges("model.bin")]
    return [int(start or 0) for start in ranges]


def requests_of(hub: HubServer) -> str:
    """The requested parts of the large file, or the number of requests."""
    places = [f"from byte {start:,}" for start in starts(hub)]
    if len(places) > 4:
        return f"{len(places)} times, at last {places[-1]}"
    return ", then ".join(places) or "none"


def again(hub: HubServer, store: ModelStore) -> str:
    """Pull again without faults, and return the result."""
    hub.faults.clear()
    hub.requests.clear()
    if store.installed("tiny"):
        pull_all(store)
        assert hub.requests == []
        return "nothing to do"
    assert attempt(store) == "installed, every byte right"
    return f"installed, {sum(SIZE - start for start in starts(hub)):,} of {SIZE:,} bytes fetched"


def change_nothing(_: Patch) -> None:
    """Leave all time limits as they are."""


def shorten(name: str, seconds: float, module: ModuleType = hub_module) -> Callable[[Patch], None]:
    """Return a function that shortens a time limit of a module."""
    return lambda monkeypatch: monkeypatch.setattr(module, name, seconds)


@dataclass
class Case:
    """A fault and its expected result."""

    fault: str
    faults: list[Fault]
    outcome: str = "installed"
    """A regular expression."""
    requests: str = ""
    prepare: Callable[[Patch], None] = change_nothing


def refuse_for_an_hour(answer: Answer) -> None:
    """Refuse all requests, and name the time in an hour at which they will be answered again."""
    status(429, Retry_After=email.utils.formatdate(time.time() + 3600))(answer)


ALWAYS = 99
HALF = SIZE // 2
CASES = [
    *[
        Case(
            f"the connection drops at {tenth * 10} %",
            [drop_after(tenth * SIZE // 10)],
            requests=f"from byte 0, then from byte {tenth * SIZE // 10:,}$",
        )
        for tenth in range(10)
    ],
    Case("it drops at every 10 %", [drop_after(SIZE // 10)] * 9, requests="10 times"),
    Case(
        "it always drops at once",
        [drop_after(0)] * ALWAYS,
        f"refused: model.bin: the connection ended after 0 of {SIZE} bytes$",
        "5 times",
    ),
    Case("the body is truncated", [truncate(HALF)], requests="from byte 0, then from byte 500,000"),
    Case("the body is truncated four times", [truncate(SIZE // 5)] * 4, requests="5 times"),
    Case(
        "the bytes are wrong",
        [other_bytes(content(2, SIZE))],
        r"refused: model.bin has sha256 \w+..., not \w+...$",
        "from byte 0$",
    ),
    Case(
        "there are too many bytes",
        [other_bytes(content(2, 2 * SIZE))],
        f"refused: model.bin is longer than {SIZE} bytes$",
    ),
    Case("the hub cannot resume any more", [drop_after(HALF), without_ranges]),
    Case("401", [status(401)], r"refused: .*\(401\): set HF_TOKEN to your token$", "from byte 0$"),
    Case(
        "403: the repository is gated",
        [status(403)],
        r"refused: .*\(403\): accept the licence on the model's page and set HF_TOKEN$",
        "from byte 0$",
    ),
    Case("404", [status(404)], r"refused: it does not exist any more \(404\)$", "from byte 0$"),
    Case(
        "404 in the middle", [drop_after(HALF), status(404)], r"refused: .*500,000 bytes are kept"
    ),
    Case("429, Retry-After: 1", [status(429, Retry_After="1")]),
    Case(
        "429, Retry-After: in an hour",
        [refuse_for_an_hour],
        r"refused: model.bin: too many requests \(429\), wait 3\d\d\d s$",
    ),
    Case("503, 500, 502", [status(503), status(500), status(502)]),
    Case(
        "always 503",
        [status(503)] * ALWAYS,
        r"refused: model.bin: the hub has an internal error \(503\)$",
        "5 times",
    ),
    Case("a slow trickle", [trickle(SIZE // 20, 0.02)], requests="from byte 0$"),
    Case(
        "200 bytes a second",
        [trickle(10, 0.05)],
        r"refused: it sends only \d+ bytes a second \(\d+ bytes are kept\)$",
        prepare=shorten("SPEED_WINDOW_S", 0.3, speed),
    ),
    Case("the connection stalls", [silence(1.5)], prepare=shorten("READ_TIMEOUT_S", 0.5)),
]


@pytest.mark.parametrize("case", CASES, ids=[case.fault for case in CASES])
def test_a_fault_of_the_hub(
    hub: HubServer, store: ModelStore, table: list[Row], monkeypatch: Patch, case: Case
) -> None:
    case.prepare(monkeypatch)
    hub.faults["model.bin"] = list(case.faults)
    row = Row(case.fault, attempt(store), requests_of(hub), "")
    table.append(row)
    row.again = again(hub, store)
    assert re.match(case.outcome, row.outcome)
    assert re.match(case.requests, row.requests)


def test_the_hub_is_out_of_reach(
    hub: HubServer, store: ModelStore, table: list[Row], monkeypatch: Patch
) -> None:
    use_hub("http://127.0.0.1:9", monkeypatch)
    row = Row("no server listens", attempt(store), requests_of(hub), "")
    use_hub(hub.endpoint, monkeypatch)
    row.again = again(hub, store)
    table.append(row)
    assert row.outcome.startswith("refused: 127.0.0.1 is out of reach: ")


def test_the_disk_is_full_before_the_pull(
    hub: HubServer, tmp_path: Path, table: list[Row], small_disk: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(space, "SPARE_BYTES", 0)
    root = small_disk / "models"
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 1_500_000)
    store = store_in(root, tmp_path)
    row = Row("the disk is full before the pull", attempt(store), requests_of(hub), "")
    table.append(row)
    assert row.outcome.startswith("refused: the disk of …/models is full: 1 MB are needed; free")
    assert files_in(root) == []
    ballast.unlink()
    row.again = again(hub, store)


def test_the_disk_becomes_full_during_the_pull(
    hub: HubServer, tmp_path: Path, table: list[Row], small_disk: Path, monkeypatch: Patch
) -> None:
    """A disk of 2 MB. Another program fills it after its free space was checked."""
    real = IncomingFile.write

    def write(self: IncomingFile, data: bytes) -> None:
        if self.size > SIZE // 2 and not (small_disk / "ballast").exists():
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                (small_disk / "ballast").write_bytes(b"x" * 2_000_000)
        real(self, data)

    monkeypatch.setattr(space, "SPARE_BYTES", 0)
    store = store_in(small_disk / "models", tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(IncomingFile, "write", write)
        row = Row("the disk becomes full during the pull", attempt(store), requests_of(hub), "")
    table.append(row)
    assert row.outcome.startswith("refused: the disk of …/models/tiny is full: ")
    assert files_in(store.root) == []
    (small_disk / "ballast").unlink()
    row.again = again(hub, store)


def test_kill_9_during_the_pull(
    hub: HubServer, store: ModelStore, tmp_path: Path, table: list[Row]
) -> None:
    hub.faults["model.bin"] = [trickle(SIZE // 20, 0.1)]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.models.download.kit",
            str(store.root),
            str(tmp_path / "m.toml"),
        ],
        cwd=CHECKOUT,
        env={**os.environ, "HF_ENDPOINT": hub.endpoint},
    )
    deadline = time.perf_counter() + 90
    while not any(path.stat().st_size > SIZE // 4 for path in store.root.rglob("*.part")):
        assert time.perf_counter() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (part,) = store.root.rglob("*.part")
    outcome = f"killed; {part.stat().st_size:,} bytes are kept, no file has its name"
    assert not (store.root / "tiny" / "model.bin").exists()
    row = Row("kill -9 during the pull", outcome, requests_of(hub), again(hub, store))
    table.append(row)
    assert int(row.again.split()[1].replace(",", "")) < SIZE * 3 // 4
    assert files_in(store.root) == ["tiny/config.json", "tiny/model.bin"]

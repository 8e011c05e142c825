"""What a pull makes of everything that can go wrong between a hub and a disk.

Each fault is made on a real server of the hub's protocol; then the same pull is made again
without it. `pytest -s` on this file prints what happened, as a table.
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

import pytest

from stslocal.errors import StslocalError
from stslocal.models.download import hub as hub_module
from stslocal.models.download import space
from stslocal.models.download.arrival import Arrival
from stslocal.models.store import ModelStore
from tests.models.download.hub_server import (
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
    hurry,
    leavings,
    loopback_only,
    model_text,
    open_store,
    pull_all,
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
    """What happened, as far as the server, the disk and the person saw it."""

    fault: str
    outcome: str
    requests: str
    again: str


@pytest.fixture(scope="module")
def table() -> Iterator[list[Row]]:
    rows: list[Row] = []
    yield rows
    head = "| fault | what happened | model.bin was asked for | the same pull, without it |"
    lines = [f"| {row.fault} | {row.outcome} | {row.requests} | {row.again} |" for row in rows]
    sys.stdout.write("\n" + "\n".join([head, "|---|---|---|---|", *lines]) + "\n")


@pytest.fixture(autouse=True)
def hub(monkeypatch: Patch) -> Iterator[HubServer]:
    loopback_only()
    hurry(monkeypatch)
    with serve(FILES) as server:
        use_hub(server.endpoint, monkeypatch)
        yield server


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return store_in(tmp_path / "models", tmp_path)


def store_in(root: Path, tmp_path: Path) -> ModelStore:
    text = model_text("tiny", FILES, HUB)
    return open_store(root, write_manifest(tmp_path / "m.toml", text))


def whole(store: ModelStore) -> bool:
    folder = store.folder("tiny")
    return {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


def attempt(store: ModelStore) -> str:
    """Pull, and say what came of it in the words that a person reads."""
    try:
        pull_all(store)
    except StslocalError as error:
        assert not store.installed("tiny")
        text = str(error).removeprefix("tiny could not be fetched from huggingface someone/tiny: ")
        text = text.partition(". Try again")[0].replace(str(store.root), "…/models")
        kept = sum(path.stat().st_size for path in store.root.rglob(".model.bin.*.part"))
        return f"refused: {text}" + (f" ({kept:,} bytes are kept)" if kept else "")
    assert whole(store)
    return "installed, every byte right"


def starts(hub: HubServer) -> list[int]:
    """The first byte of each request for the large file."""
    ranges = [range.removeprefix("bytes=").removesuffix("-") for range in hub.ranges("model.bin")]
    return [int(start or 0) for start in ranges]


def asked(hub: HubServer) -> str:
    """Which parts of the large file were asked for, and how often in a row."""
    places = [f"from byte {start:,}" for start in starts(hub)]
    if len(places) > 4:
        return f"{len(places)} times, at last {places[-1]}"
    return ", then ".join(places) or "not at all"


def again(hub: HubServer, store: ModelStore) -> str:
    """The same pull when nothing goes wrong any more."""
    hub.faults.clear()
    hub.requests.clear()
    if store.installed("tiny"):
        pull_all(store)
        assert hub.requests == []
        return "nothing to do"
    assert attempt(store) == "installed, every byte right"
    return f"installed, {sum(SIZE - start for start in starts(hub)):,} of {SIZE:,} bytes fetched"


def nothing(_: Patch) -> None:
    """No more than the server's faults."""


def hasten(name: str, seconds: float) -> Callable[[Patch], None]:
    """Do not wait in a test as long as in life."""
    return lambda monkeypatch: monkeypatch.setattr(hub_module, name, seconds)


@dataclass
class Case:
    """A fault, and what is to come of it."""

    fault: str
    faults: list[Fault]
    outcome: str = "installed"
    """A regular expression."""
    requests: str = ""
    prepare: Callable[[Patch], None] = nothing


FOREVER = 99
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
    Case("it drops at every tenth", [drop_after(SIZE // 10)] * 9, requests="10 times"),
    Case(
        "it drops at once, for ever",
        [drop_after(0)] * FOREVER,
        f"refused: model.bin: the connection ended after 0 of {SIZE} bytes$",
        "5 times",
    ),
    Case("the body is truncated", [truncate(HALF)], requests="from byte 0, then from byte 500,000"),
    Case("it is truncated again and again", [truncate(SIZE // 5)] * 4, requests="5 times"),
    Case(
        "the bytes are wrong",
        [other_bytes(content(2, SIZE))],
        r"refused: model.bin has sha256 \w+..., not \w+...$",
        "from byte 0$",
    ),
    Case(
        "there are too many",
        [other_bytes(content(2, 2 * SIZE))],
        f"refused: model.bin is longer than {SIZE} bytes$",
    ),
    Case("the hub forgets how to resume", [drop_after(HALF), without_ranges]),
    Case("401", [status(401)], r"refused: .*\(401\): set HF_TOKEN to your token$", "from byte 0$"),
    Case(
        "403: the repository is gated",
        [status(403)],
        r"refused: .*\(403\): accept the licence on the model's page and set HF_TOKEN$",
        "from byte 0$",
    ),
    Case("404", [status(404)], r"refused: it is not there any more \(404\)$", "from byte 0$"),
    Case(
        "404 in the middle", [drop_after(HALF), status(404)], r"refused: .*500,000 bytes are kept"
    ),
    Case("429, Retry-After: 1", [status(429, Retry_After="1")]),
    Case(
        "429, Retry-After: in an hour",
        [status(429, Retry_After=email.utils.formatdate(time.time() + 3600))],
        r"refused: model.bin: too many requests \(429\), wait 3\d\d\d s$",
    ),
    Case("503, 500, 502", [status(503), status(500), status(502)]),
    Case(
        "503 for ever",
        [status(503)] * FOREVER,
        r"refused: model.bin: the hub is in trouble \(503\)$",
        "5 times",
    ),
    Case("a slow trickle", [trickle(SIZE // 20, 0.02)], requests="from byte 0$"),
    Case(
        "200 bytes a second",
        [trickle(10, 0.05)],
        r"refused: it sends only \d+ bytes a second \(\d+ bytes are kept\)$",
        prepare=hasten("PACE_S", 0.3),
    ),
    Case("the connection stalls", [silence(0.6)], prepare=hasten("READ_TIMEOUT_S", 0.2)),
]


@pytest.mark.parametrize("case", CASES, ids=[case.fault for case in CASES])
def test_a_fault_of_the_hub(
    hub: HubServer, store: ModelStore, table: list[Row], monkeypatch: Patch, case: Case
) -> None:
    case.prepare(monkeypatch)
    hub.faults["model.bin"] = list(case.faults)
    row = Row(case.fault, attempt(store), asked(hub), "")
    table.append(row)
    row.again = again(hub, store)
    assert re.match(case.outcome, row.outcome)
    assert re.match(case.requests, row.requests)


def test_the_hub_is_out_of_reach(
    hub: HubServer, store: ModelStore, table: list[Row], monkeypatch: Patch
) -> None:
    use_hub("http://127.0.0.1:9", monkeypatch)
    row = Row("nobody listens", attempt(store), asked(hub), "")
    use_hub(hub.endpoint, monkeypatch)
    row.again = again(hub, store)
    table.append(row)
    assert row.outcome.startswith("refused: 127.0.0.1 is out of reach: ")


def test_the_disk_is_full_before(
    hub: HubServer, tmp_path: Path, table: list[Row], small_disk: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(space, "SPARE_BYTES", 0)
    root = small_disk / "models"
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 1_500_000)
    store = store_in(root, tmp_path)
    row = Row("the disk is full, seen before", attempt(store), asked(hub), "")
    table.append(row)
    assert row.outcome.startswith("refused: the disk of …/models is full: 1 MB are needed; free")
    assert leavings(root) == []
    ballast.unlink()
    row.again = again(hub, store)


def test_the_disk_fills_in_the_middle(
    hub: HubServer, tmp_path: Path, table: list[Row], small_disk: Path, monkeypatch: Patch
) -> None:
    """A real one of 2 MB, that another program fills after it was found large enough."""
    real = Arrival.write

    def write(self: Arrival, data: bytes) -> None:
        if self.size > SIZE // 2 and not (small_disk / "ballast").exists():
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                (small_disk / "ballast").write_bytes(b"x" * 2_000_000)
        real(self, data)

    monkeypatch.setattr(space, "SPARE_BYTES", 0)
    store = store_in(small_disk / "models", tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Arrival, "write", write)
        row = Row("the disk fills in the middle", attempt(store), asked(hub), "")
    table.append(row)
    assert row.outcome.startswith("refused: the disk of …/models/tiny is full: ")
    assert leavings(store.root) == []
    (small_disk / "ballast").unlink()
    row.again = again(hub, store)


def test_kill_9_in_the_middle(
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
    row = Row("kill -9 in the middle", outcome, asked(hub), again(hub, store))
    table.append(row)
    assert int(row.again.split()[1].replace(",", "")) < SIZE * 3 // 4
    assert leavings(store.root) == ["tiny/config.json", "tiny/model.bin"]

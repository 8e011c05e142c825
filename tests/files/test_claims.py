"""Claims: one process translates a recording, and a dead one's recording is taken over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from stslocal import storage
from stslocal.errors import OutputError
from stslocal.files import claims
from stslocal.files.claims import Claim, ClaimLostError, Claims, claim_path
from stslocal.files.plan import FileTask

pytestmark = pytest.mark.unit

linux = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="only Linux says which processes run"
)


@pytest.fixture
def task(tmp_path: Path) -> FileTask:
    return FileTask(tmp_path / "talk.wav", tmp_path / "out" / "talk.pt.wav", "talk.pt", "pt")


class Now:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def taken(task: FileTask, watcher: Claims | None = None) -> Claim:
    claim = (watcher or Claims()).take(task)
    assert claim is not None
    return claim


def abandoned(task: FileTask, **changed: object) -> Path:
    """A claim of another machine, whose process is gone."""
    path = claim_path(task)
    path.parent.mkdir(exist_ok=True)
    fields = {"recording": "talk.wav", "host": "far away", "pid": 1, "started": "1"}
    path.write_text(json.dumps({**fields, "processes": "others", "token": "0", **changed}))
    return path


def files(task: FileTask) -> list[str]:
    return sorted(path.name for path in task.folder.iterdir())


def test_a_claim_is_one_process_s_and_goes_at_its_end(task: FileTask) -> None:
    with taken(task):
        assert files(task) == [claim_path(task).name]
        assert Claims().take(task) is None
        assert json.loads(claim_path(task).read_text())["recording"] == "talk.wav"
    assert files(task) == []
    assert claim_path(task) not in {path for path, _ in storage.open_files}
    with taken(task):
        pass


def test_a_claim_goes_after_an_error_too(task: FileTask) -> None:
    with pytest.raises(ZeroDivisionError), taken(task):
        raise ZeroDivisionError
    assert files(task) == []


def test_other_results_of_the_recording_have_claims_of_their_own(task: FileTask) -> None:
    spanish = FileTask(task.source, task.folder / "talk.es.wav", "talk.es", "es")
    with taken(task), taken(spanish):
        assert len(files(task)) == 2


def test_many_processes_that_begin_at_once_get_one_claim(task: FileTask) -> None:
    for _ in range(20):
        assert len(race(8, lambda: Claims().take(task))) == 1
        claim_path(task).unlink()


def race(threads: int, take: Callable[[], Claim | None]) -> list[Claim]:
    """The claims that several threads get which begin at the same time."""
    begin = threading.Barrier(threads)
    found: list[Claim] = []

    def work() -> None:
        begin.wait()
        if (claim := take()) is not None:
            found.append(claim)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return found


@pytest.mark.parametrize("clock_s", [0.0, 1e9, 4e9])
def test_what_is_not_renewed_is_taken_over_whatever_the_other_clock_says(
    task: FileTask, clock_s: float
) -> None:
    now = Now()
    watcher = Claims(stale_s=60, now=now)
    path = abandoned(task)
    os.utime(path, (clock_s, clock_s))
    assert watcher.take(task) is None
    now.seconds = 59.9
    assert watcher.take(task) is None
    os.utime(path, (clock_s, clock_s + 1))  # it is renewed
    now.seconds = 60.1
    assert watcher.take(task) is None
    now.seconds = 120.0
    assert watcher.take(task) is None
    now.seconds = 120.2
    with taken(task, watcher):
        assert files(task) == [path.name]
        assert json.loads(path.read_text())["pid"] == os.getpid()
    assert files(task) == []


def test_one_of_many_takes_an_abandoned_claim_over(task: FileTask) -> None:
    for _ in range(20):
        now = Now()
        watchers = [Claims(stale_s=1, now=now) for _ in range(8)]
        path = abandoned(task)
        assert [watcher.take(task) for watcher in watchers] == [None] * 8
        now.seconds = 2
        every = iter(watchers)
        found = race(8, lambda every=every: next(every).take(task))  # type: ignore[misc]
        assert len(found) == 1
        assert files(task) == [path.name]
        path.unlink()


def test_a_process_that_died_while_it_took_a_claim_over_blocks_nobody(task: FileTask) -> None:
    now = Now()
    watcher = Claims(stale_s=1, now=now)
    path = abandoned(task)
    digest = sha256(path.read_bytes()).hexdigest()[:8]
    path.with_name(f"{path.stem}-{digest}.claim").write_text("{}")
    for second in range(6):
        now.seconds = second
        if (claim := watcher.take(task)) is not None:
            break
    else:
        pytest.fail("nobody got it")
    with claim:
        pass
    assert files(task) == []


@linux
def test_a_process_of_this_machine_that_is_gone_needs_no_waiting(task: FileTask) -> None:
    program = (
        "import sys; from pathlib import Path; from stslocal.files.claims import Claims\n"
        "from stslocal.files.plan import FileTask; from os import kill, getpid\n"
        f"task = FileTask(Path({str(task.source)!r}), Path({str(task.audio)!r}), 'talk.pt', 'pt')\n"
        "Claims().take(task); kill(getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    assert claim_path(task).exists()
    with taken(task):
        pass
    assert files(task) == []


@linux
@pytest.mark.parametrize(
    ("changed", "is_gone"),
    [
        ({}, False),
        ({"started": "1"}, True),  # another process has its number now
        ({"pid": 2**22 + 1, "started": "5"}, True),
        ({"started": "1", "processes": "another container's"}, False),
        ({"started": "1", "processes": ""}, False),
        ({"pid": "one"}, False),
        ({"pid": None}, False),
    ],
)
def test_who_is_known_to_be_gone(task: FileTask, changed: dict[str, object], is_gone: bool) -> None:
    with taken(task):
        ours = json.loads(claim_path(task).read_text())
    abandoned(task, **{**ours, **changed})
    assert (Claims().take(task) is not None) == is_gone


@linux
def test_a_zombie_is_gone(task: FileTask) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    fields = {"pid": child.pid, "started": claims._started(child.pid)}
    abandoned(task, **fields, processes=claims._processes())
    assert Claims().take(task) is None
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert Claims().take(task) is not None
    child.wait()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"x" * 100_000, b"9" * 5000])
def test_a_claim_that_nobody_understands_is_stale_when_it_does_not_change(
    task: FileTask, content: bytes
) -> None:
    now = Now()
    watcher = Claims(stale_s=60, now=now)
    task.folder.mkdir()
    claim_path(task).write_bytes(content)
    assert watcher.take(task) is None
    now.seconds = 61
    with taken(task, watcher):
        pass
    assert files(task) == []


def test_a_process_that_slept_finds_that_it_lost_its_claim(task: FileTask) -> None:
    claim = taken(task)
    with claim:
        claim.check()
        other = abandoned(task, token="another")
        content = other.read_bytes()
        with pytest.raises(ClaimLostError, match="has taken the recording over"):
            claim.check()
    assert other.read_bytes() == content
    storage.delete_open_parts()
    assert other.read_bytes() == content


def test_a_claim_that_somebody_deleted_is_lost(task: FileTask) -> None:
    with taken(task) as claim:
        claim_path(task).unlink()
        with pytest.raises(ClaimLostError):
            claim.check()
    assert files(task) == []


def test_a_claim_is_renewed_while_its_process_works(task: FileTask) -> None:
    renewed = threading.Event()
    with taken(task, Claims(beat_s=0.01)):
        os.utime(claim_path(task), (1, 1))
        for _ in range(3000):
            if claim_path(task).stat().st_mtime > 1:
                renewed.set()
                break
            threading.Event().wait(0.01)
        assert renewed.is_set()
    assert "claim" not in {thread.name for thread in threading.enumerate()}


def test_the_end_of_a_process_deletes_its_claims_only(task: FileTask) -> None:
    taken(task)  # a signal may come before the `with` block
    storage.delete_open_parts()
    assert files(task) == []
    storage.open_files.clear()


def test_where_nothing_can_be_written_there_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    task = FileTask(tmp_path / "a.wav", tmp_path / "file" / "a.pt.wav", "a.pt", "pt")
    with pytest.raises(OutputError, match="cannot write"):
        Claims().take(task)


def test_a_folder_with_the_name_of_a_claim_is_no_claim(task: FileTask) -> None:
    claim_path(task).mkdir(parents=True)
    with pytest.raises(OutputError, match="cannot write"):
        Claims().take(task)

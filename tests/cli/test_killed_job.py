"""A file job that is killed goes on where it was, whatever the moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from stslocal.types import RECOGNITION_RATE
from tests.live_program import CHECKOUT, wait_until
from tests.pile_program import lexicon

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(sys.platform == "win32", reason="it needs signals"),
]

SENTENCES = 12


class Job:
    """One recording of twelve sentences in a folder, and the process that translates it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "talks"
        self.records = folder
        self.folder.mkdir(parents=True)
        (folder / "gate").touch()
        said = ["Good morning.", "Good night.", "It is late."]
        lines = [(0.2 + 6.0 * at, said[at % 3]) for at in range(SENTENCES)]
        recording = lexicon().script(*lines)
        soundfile.write(self.folder / "talk.wav", recording, RECOGNITION_RATE)

    def start(self, *flags: str, held_after: int | None = None) -> subprocess.Popen[str]:
        """`held_after`: after so many sentences it waits until it is `released`, or killed. The
        others then take some time, in which it stops.
        """
        environment = {**os.environ, "PILE_RECORDS": str(self.records)}
        if held_after is not None:
            environment |= {"PILE_HELD_AFTER": str(held_after), "PILE_S": "0.5"}
        return subprocess.Popen(
            [sys.executable, "-m", "tests.pile_program", str(self.folder / "talk.wav"),
             "--from", "en", "--to", "pt", *flags],
            cwd=CHECKOUT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    def translated(self) -> int:
        """How many sentences the translator was asked for."""
        path = self.records / "sentences"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def wait_for_sentences(self, count: int, process: subprocess.Popen[str]) -> None:
        def there() -> bool:
            assert process.poll() is None, process.communicate()
            return self.translated() >= count

        wait_until(there, f"{count} sentences are translated")

    def result(self) -> dict[str, Any]:
        """All files of the result, without what says how long the work took."""
        files: dict[str, Any] = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        session = json.loads(files.pop("talk.pt.session.json"))
        del session["seal"]
        for segment in session["segments"]:
            del segment["timings"]
        return {**files, "session": session}

    def left(self) -> list[str]:
        return sorted(path.suffix for path in self.folder.glob(".*"))


def ended(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out + err


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The result of a process that nobody killed."""
    job = Job(tmp_path_factory.mktemp("whole"))
    ended(job.start())
    assert job.translated() == SENTENCES
    assert job.left() == []
    return job.result()


@pytest.mark.parametrize("moment", [2, 7, SENTENCES - 1])
def test_a_killed_job_goes_on_and_its_result_is_the_same(
    moment: int, tmp_path: Path, whole: dict[str, Any]
) -> None:
    job = Job(tmp_path)
    process = job.start(held_after=moment)
    job.wait_for_sentences(moment, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert job.translated() == moment
    assert ".journal" in job.left()
    said = ended(job.start())
    # The sentence whose answer was being written when the process was killed is asked for again.
    assert SENTENCES <= job.translated() <= SENTENCES + 1
    assert job.left() == []
    assert job.result() == whole
    if moment > 5:  # speech begins when 20 s of the recording after a sentence are known
        assert "talk.wav: goes on where an earlier run was ended (sentences kept: " in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_job_says_that_it_goes_on(
    number: signal.Signals, tmp_path: Path, whole: dict[str, Any]
) -> None:
    job = Job(tmp_path)
    process = job.start(held_after=8)
    job.wait_for_sentences(8, process)
    process.send_signal(number)
    (job.records / "released").touch()
    _, err = process.communicate(timeout=300)
    assert process.returncode == 128 + number
    assert "talk.wav: what is done is kept; the same command goes on there" in err
    assert job.left() == [".journal"]
    ended(job.start())
    assert job.translated() <= SENTENCES + 1
    assert job.result() == whole

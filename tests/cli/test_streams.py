"""Standard streams that are closed, full, or read by a program that has ended."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stslocal.audio.decode import probe
from stslocal.cli.live_view import EventQueue, JsonView
from stslocal.cli.output import Printer
from stslocal.errors import OutputError
from stslocal.metrics import Event, InputLevel, from_json
from stslocal.results.session import read_session

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such shell"),
]

ROOT = Path(__file__).parents[2]
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
DISK_FULL = (
    "stslocal: cannot write to stdout: the disk is full: free some space or choose another folder"
)

ON_FAKES = """
import os, sys
from collections import defaultdict
from pathlib import Path
import numpy as np, soundfile
from stslocal import cli
from stslocal.loading import load
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon

if "OWN_TERMINAL" in os.environ:
    import fcntl, termios
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
lexicon = Lexicon()
said = lexicon.script((0.2, "Good morning."))
silence = np.zeros(90 * 16000, np.float32)
if not Path("said.wav").exists():
    soundfile.write("said.wav", said, 16000)
    soundfile.write("silence.wav", silence, 16000)
    soundfile.write("long.wav", np.concatenate([said, silence]), 16000)
load.check_run = lambda *_: None
load.load_engines = lambda *_, **__: fake_engines(lexicon, models=defaultdict(list))
sys.exit(cli.main(sys.argv[1:]))
"""
"""`stslocal` with engines made of arithmetic, in a folder with two recordings."""


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """A folder with the program: what is run there finds it as $stslocal."""
    (tmp_path / "program.py").write_text(ON_FAKES)
    run("$stslocal --version", tmp_path)
    return tmp_path


def run(line: str, folder: Path, seconds: float = 180) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line], env=environment(folder), cwd=folder, capture_output=True, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip


def environment(folder: Path) -> dict[str, str]:
    program = f"{shlex.quote(sys.executable)} {shlex.quote(str(folder / 'program.py'))}"
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "stslocal": program,
        "STSLOCAL_MODELS": str(folder / "models"),
        "STSLOCAL_VOICES": str(folder / "voices"),
    }


def test_the_program_on_fakes_works(shell: Path) -> None:
    done = run("$stslocal translate said.wav --from en --to pt -o out", shell)
    assert (done.returncode, done.stdout) == (0, "out/said.pt.wav\n"), done.stderr
    done = run("cat said.wav | $stslocal translate - --from en --to pt > piped.wav", shell)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert probe(shell / "piped.wav").duration_s


TRANSLATION = "pt:Good pt:morning."
"""What the fakes translate the recordings to."""
FILE = "translate said.wav --from en --to pt -o out"
LIVE_LONG = "live --from en --to pt --simulate long.wav"
LIVE = "live --from en --to pt --simulate said.wav"


@pytest.mark.parametrize("command", ["--help", "models list", FILE, f"{LIVE} --json"])
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_as_the_null_device(command: str, closed: str, shell: Path) -> None:
    done = run(f"$stslocal {command} {closed}", shell)
    assert done.returncode == 0, done.stderr
    assert "rror" not in done.stderr
    assert bool(done.stdout) == (">&-" not in closed.split()), "what goes to stdout goes there"


def test_messages_do_not_go_to_stdout_when_stderr_is_closed(shell: Path) -> None:
    """They were appended to the WAV."""
    run("cat said.wav | $stslocal translate --from en --to pt - > open.wav", shell)
    run("cat said.wav | $stslocal -v translate --from en --to pt - 2>&- > closed.wav", shell)
    assert (shell / "closed.wav").read_bytes() == (shell / "open.wav").read_bytes()


@pytest.mark.parametrize(
    ("streams", "message"),
    [
        ("< said.wav >&-", "stslocal: stdout is closed: send the WAV to a file with `> said.wav`"),
        ("<&- > x.wav", "stslocal: stdin is closed: give it a recording with `< talk.wav`"),
    ],
)
def test_a_recording_from_or_to_a_closed_stream(streams: str, message: str, shell: Path) -> None:
    done = run(f"$stslocal translate --from en --to pt - {streams}", shell)
    assert (done.returncode, done.stderr) == (2, f"{message}\n")


@FULL
@pytest.mark.parametrize(
    "command",
    [
        "--help", "--version", "models list", "models list --json", FILE, LIVE, f"{LIVE} --json",
        "translate - --from en --to pt < said.wav",
    ],
)  # fmt: skip
def test_a_full_disk_behind_stdout_is_one_sentence(command: str, shell: Path) -> None:
    done = run(f"$stslocal {command} > /dev/full", shell)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    faults = [line for line in done.stderr.splitlines() if line.startswith("stslocal:")]
    assert len(faults) == 1
    assert "the disk is full" in faults[0]


@FULL
@pytest.mark.parametrize("command", [FILE, f"{LIVE} --json"])
def test_a_full_disk_behind_stderr_stops_nothing(command: str, shell: Path) -> None:
    done = run(f"$stslocal {command} 2> /dev/full", shell)
    assert done.returncode == 0
    assert done.stdout


@FULL
@pytest.mark.parametrize("streams", ["2> /dev/full", "> /dev/full 2>&1", ">&- 2>&-"])
def test_an_error_keeps_its_exit_code_when_nothing_can_be_written(
    streams: str, shell: Path
) -> None:
    assert run(f"$stslocal translate said.wav {streams}", shell).returncode == 2


@pytest.mark.parametrize("json", ["--json", ""])
def test_a_live_session_ends_when_its_reader_has_ended(json: str, shell: Path) -> None:
    """`| head -1`. Of 91 s, which it would take otherwise."""
    line = f"$stslocal live --from en --to pt --simulate long.wav {json} --record kept"
    done = run(f"{line} | head -1; exit ${{PIPESTATUS[0]}}", shell)
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    (session,) = (shell / "kept").glob("*.session.json")
    assert "was not ended" not in session.read_text(encoding="utf-8"), "the recording is complete"


@pytest.mark.parametrize("options", ["--json", "", "-q"])
def test_a_reader_that_has_ended_before_anything_was_said(options: str, shell: Path) -> None:
    """Nothing is written but levels of the input, or nothing at all."""
    line = f"$stslocal live --from en --to pt --simulate silence.wav {options}"
    done = run(f"{line} | true; exit ${{PIPESTATUS[0]}}", shell)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@FULL
@pytest.mark.parametrize(("json", "translations"), [("--json", []), ("", [TRANSLATION])])
def test_a_recording_is_complete_although_the_disk_behind_stdout_is_full(
    json: str, translations: list[str], shell: Path
) -> None:
    """Lines begin with the first segment, events before anything is said."""
    done = run(f"$stslocal {LIVE} {json} --record kept > /dev/full", shell)
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "stslocal: " in line] == [DISK_FULL]
    assert recorded(shell) == translations


def test_what_was_translated_before_the_reader_ended_is_recorded(shell: Path) -> None:
    line = f"$stslocal {LIVE_LONG} --json --record kept"
    done = run(f"{line} | grep -m1 playback_started; exit ${{PIPESTATUS[0]}}", shell)
    assert done.returncode == 1
    assert recorded(shell) == [TRANSLATION]


def test_a_disk_that_is_full_after_some_events(shell: Path) -> None:
    """A file may have 2 KB; the last line that it takes is cut."""
    limited = f"trap '' XFSZ; ulimit -f 2; $stslocal {LIVE_LONG} --json"
    done = run(f"{limited} > events.jsonl", shell)
    assert done.returncode == 1
    faults = [line for line in done.stderr.splitlines() if line.startswith("stslocal:")]
    assert len(faults) == 1
    assert faults[0].startswith("stslocal: cannot write to stdout: ")
    *lines, _cut = (shell / "events.jsonl").read_text(encoding="utf-8").split("\n")
    assert all(from_json(line) for line in lines)


def recorded(folder: Path) -> list[str]:
    """The translations in the session file, which was ended."""
    (path,) = (folder / "kept").glob("*.session.json")
    session = read_session(path)
    assert not any("was not ended" in warning for warning in session.warnings)
    return [row.translation for row in session.segments]


@pytest.mark.parametrize(("has_signal", "code"), [(True, 129), (False, 1)])
def test_a_terminal_that_was_closed_ends_the_session(
    has_signal: bool, code: int, shell: Path
) -> None:
    """The kernel sends SIGHUP only to the programs of the terminal's own session."""
    terminal, end = os.openpty()
    options = ["--from", "en", "--to", "pt", "--simulate", "long.wav", "--record", "kept"]
    process = subprocess.Popen(
        [sys.executable, "program.py", "live", *options],
        stdin=end, stdout=end, stderr=end, cwd=shell, start_new_session=True,
        env={**environment(shell), **({"OWN_TERMINAL": "1"} if has_signal else {})},
    )  # fmt: skip
    os.close(end)
    try:
        shown = b""
        while TRANSLATION.encode() not in shown:
            shown += os.read(terminal, 4096)
        os.close(terminal)
        assert process.wait(60) == code
    finally:
        process.kill()
        process.wait()
    assert recorded(shell) == [TRANSLATION]


def test_a_reader_is_looked_for_although_there_is_nothing_to_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A microphone that is unplugged has no level."""
    reading, writing = os.pipe()
    stopped = threading.Event()
    with os.fdopen(writing, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        with EventQueue(lambda event: None) as queue:
            queue.stop_on_failure(stopped.set)
            os.close(reading)
            assert stopped.wait(30)
        monkeypatch.undo()
    assert isinstance(queue.failure, BrokenPipeError)


class Session:
    stops = 0

    def stop(self) -> None:
        self.stops += 1


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), BrokenPipeError()])
@pytest.mark.parametrize("late", [True, False])
def test_a_view_that_fails_stops_the_session(
    fault: OSError, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(text: str) -> int:
        raise fault

    monkeypatch.setattr("sys.stdout.write", write)
    session = Session()
    event: Event = InputLevel(0.0, 0.1, 0.1, False)
    with EventQueue(JsonView(Printer(json=True)).show) as queue:
        if not late:
            queue.stop_on_failure(session.stop)
        queue.emit(event)
    if late:
        queue.stop_on_failure(session.stop)
    assert session.stops == 1
    expected = BrokenPipeError if isinstance(fault, BrokenPipeError) else OutputError
    assert isinstance(queue.failure, expected)

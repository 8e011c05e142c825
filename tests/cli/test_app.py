from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stslocal import __version__, cli
from stslocal.cli import app
from stslocal.cli.output import Printer
from stslocal.errors import (
    AudioDecodeError,
    ModelIntegrityError,
    ModelNotFoundError,
    SettingsError,
    StageError,
    StslocalError,
)

pytestmark = pytest.mark.unit

Run = Callable[[argparse.Namespace, Printer], int]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Run], None]:
    """Make `stslocal echo [--compute-type X] [--json] [WORD]` run a function."""

    def install(run: Run) -> None:
        def add_parser(subparsers: Any) -> None:
            parser = subparsers.add_parser("echo", help="print a word")
            parser.add_argument("word", nargs="?")
            parser.add_argument("--compute-type", default="auto")
            parser.add_argument("--threads", type=int)
            parser.add_argument("--json", action="store_true")
            parser.set_defaults(run=run)

        monkeypatch.setattr(app, "COMMANDS", ("echo",))
        module = SimpleNamespace(add_parser=add_parser)
        monkeypatch.setitem(sys.modules, "stslocal.cli.echo", module)

    return install


def raising(error: BaseException) -> Run:
    def run(arguments: argparse.Namespace, printer: Printer) -> int:
        raise error

    return run


def stage_error(cause: Exception) -> StageError:
    error = StageError("synthesize", 3, cause)
    error.__cause__ = cause
    return error


def test_a_command_gets_its_arguments_and_a_printer(command: Any) -> None:
    seen: dict[str, Any] = {}

    def run(arguments: argparse.Namespace, printer: Printer) -> int:
        seen.update(vars(arguments), verbosity=printer.verbosity, as_json=printer.json)
        return 0

    command(run)
    assert (
        cli.main(["-v", "echo", "hi", "--compute_type=int8_float16", "-vq", "--json", "-vv"]) == 2
    )
    assert cli.main(["-v", "echo", "hi", "--compute_type=int8_float16", "--json", "-vv"]) == 0
    assert seen["word"] == "hi"
    assert seen["compute_type"] == "int8_float16"
    assert seen["verbosity"] == 3
    assert seen["as_json"] is True


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError("no such language"), 2),
        (ModelNotFoundError("whisper is not installed: run x"), 2),
        (ModelIntegrityError("a byte is wrong"), 1),
        (AudioDecodeError("a.mp3 is a text file"), 1),
        (StslocalError("anything else"), 1),
    ],
)
def test_an_error_is_a_sentence_and_a_code(
    command: Any, capsys: pytest.CaptureFixture[str], error: StslocalError, code: int
) -> None:
    command(raising(error))
    assert cli.main(["echo"]) == code
    assert capsys.readouterr() == ("", f"stslocal: {error}\n")


def test_an_error_inside_a_stage_is_reported_as_itself(
    command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    command(raising(stage_error(SettingsError("the voice is of another engine"))))
    assert cli.main(["echo"]) == 2
    assert capsys.readouterr().err == "stslocal: the voice is of another engine\n"
    command(raising(stage_error(ZeroDivisionError("division by zero"))))
    assert cli.main(["echo"]) == 1
    assert "synthesize (segment 3) failed: division by zero" in capsys.readouterr().err


def test_only_two_vs_show_a_traceback(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    command(raising(stage_error(ValueError("deep down"))))
    assert cli.main(["echo", "-v"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert cli.main(["echo", "-vv"]) == 1
    message = capsys.readouterr().err
    assert "Traceback" in message
    assert "ValueError: deep down" in message


def test_a_bug_is_reported_without_a_traceback_too(
    command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    command(raising(KeyError("oops")))
    assert cli.main(["echo"]) == 1
    message = capsys.readouterr().err
    assert message == (
        "stslocal: internal error (KeyError: 'oops'): run it again with -vv to see where\n"
    )
    assert cli.main(["echo", "-vv"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_exits_with_130(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    command(raising(KeyboardInterrupt()))
    assert cli.main(["echo"]) == 130
    assert capsys.readouterr().err == "stslocal: stopped\n"


_STUCK = """
import signal, sys, threading, types
from stslocal import cli
from stslocal.cli import app

def run(arguments, printer):
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.raise_signal(signal.SIGINT)
        print("still running", flush=True)

def add_parser(subparsers):
    subparsers.add_parser("echo").set_defaults(run=run)

signal.signal(signal.SIGINT, signal.default_int_handler)
app.COMMANDS = ("echo",)
sys.modules["stslocal.cli.echo"] = types.SimpleNamespace(add_parser=add_parser)
cli.main(["echo"])
"""


def test_a_second_ctrl_c_ends_the_program_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _STUCK], capture_output=True, text=True, check=False
    )
    assert done.returncode == 130
    assert done.stdout == done.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder of a process")
def test_a_working_folder_that_was_removed_is_reported(
    command: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: Any
) -> None:
    command(raising(AssertionError("it must not run")))
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert cli.main(["echo"]) == 2
    assert capsys.readouterr().err == (
        "stslocal: the folder that you are in was removed: go to another one, as with `cd`\n"
    )


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["ecko"], "there is no command 'ecko': did you mean 'echo'?"),
        (["zzz"], "there is no command 'zzz'; there are echo"),
        (["echo", "--compute-tipe", "x"], "'--compute-tipe': did you mean '--compute-type'?"),
        (["echo", "--thread", "2"], "'--thread': did you mean '--threads'?"),
        (["echo", "--threads", "many"], "--threads: 'many' is not a whole number (see `stsl"),
        (["echo", "a", "b"], "'b' is one argument too many (see `stslocal echo --help`)"),
    ],
)
def test_wrong_usage_is_one_sentence_with_the_nearest_word(
    command: Any, capsys: pytest.CaptureFixture[str], argv: list[str], message: str
) -> None:
    command(raising(AssertionError("it must not run")))
    assert cli.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_no_command_shows_the_help(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    command(raising(AssertionError("it must not run")))
    assert cli.main([]) == 0
    assert "print a word" in capsys.readouterr().out
    assert cli.main(["-v"]) == 0


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"stslocal {__version__}\n"


def test_arguments_after_two_dashes_are_not_options(command: Any) -> None:
    seen: list[str] = []

    def run(arguments: argparse.Namespace, printer: Printer) -> int:
        seen.append(arguments.word)
        return 0

    command(run)
    assert cli.main(["echo", "--", "-v"]) == 0
    assert cli.main(["echo", "--", "--a_b"]) == 0
    assert seen == ["-v", "--a_b"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_command_in_order(
    command: Any, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    cleaned = []

    def run(arguments: argparse.Namespace, printer: Printer) -> int:
        try:
            signal.raise_signal(number)
            return 0
        finally:
            signal.raise_signal(signal.SIGHUP)  # a closed terminal often says so twice
            cleaned.append(True)

    command(run)
    assert cli.main(["echo"]) == 128 + number
    assert cleaned == [True]
    assert "stopped" in capsys.readouterr().err
    assert signal.getsignal(number) is before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
def test_nohup_is_obeyed(command: Any) -> None:
    def run(arguments: argparse.Namespace, printer: Printer) -> int:
        signal.raise_signal(signal.SIGHUP)
        return 0

    command(run)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert cli.main(["echo"]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)

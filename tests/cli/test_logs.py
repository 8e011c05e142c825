"""-v, -vv and --log-file: which log records are shown, and where."""

from __future__ import annotations

import argparse
import errno
import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from stslocal import cli
from stslocal.cli import app
from stslocal.cli.live_screen import ScreenView
from stslocal.cli.logs import log_records_shown
from stslocal.cli.output import Printer
from stslocal.errors import EngineError

pytestmark = pytest.mark.unit

PACKAGE = logging.getLogger("stslocal")
ENGINE = logging.getLogger("stslocal.engines.some_engine")
SELECTION = logging.getLogger("stslocal.loading.select")
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (\w+) +(\S+) \[\w+\]: (.*)")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """No command changes the package's logging for good."""
    before = (PACKAGE.level, list(PACKAGE.handlers))
    yield
    assert (PACKAGE.level, PACKAGE.handlers) == before


def talk(arguments: argparse.Namespace, printer: Printer) -> int:
    """Log at each level, as an engine and as a module whose news a command prints itself."""
    for logger in (ENGINE, SELECTION):
        logger.debug("%s said %r", logger.name[-6:], "ação")
        logger.info("loaded in %.1f s", 1.25)
        logger.warning("float32 instead of float16")
    printer.detail("detail")
    printer.status("status")
    printer.result("result")
    printer.result_json("talk", {"ok": True})
    return 0


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make `stslocal talk [--json] [WORD]` run a function."""

    def install(run: Callable[[argparse.Namespace, Printer], int] = talk) -> None:
        def add_parser(subparsers: Any) -> None:
            parser = subparsers.add_parser("talk", help="print something")
            parser.add_argument("word", nargs="?")
            parser.add_argument("--json", action="store_true")
            parser.set_defaults(run=run)

        monkeypatch.setattr(app, "COMMANDS", ("talk",))
        monkeypatch.setitem(
            sys.modules, "stslocal.cli.talk", SimpleNamespace(add_parser=add_parser)
        )

    install()
    return install


def rows(path: Path) -> list[tuple[str, ...]]:
    """The level, logger and message of each line of a log."""
    found = [LINE.fullmatch(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [match.groups() for match in found if match is not None]


INFO = ["loaded in 1.2 s", "warning: float32 instead of float16"]
DEBUG = ["engine said 'ação'"]


@pytest.mark.parametrize(
    ("verbosity", "seen"),
    [
        ([], []),
        (["-q"], []),
        (["-v"], INFO),
        (["-vv"], DEBUG + INFO),
        (["-v", "-q"], []),
    ],
)
@pytest.mark.usefixtures("command")
def test_v_shows_records_and_without_it_none_is_shown(
    capsys: pytest.CaptureFixture[str], verbosity: list[str], seen: list[str]
) -> None:
    assert cli.main([*verbosity, "talk"]) == 0
    out, err = capsys.readouterr()
    printed = ["detail"] if seen else []
    printed += ["status"] if "-q" not in verbosity or "-v" in verbosity else []
    assert err.splitlines() == seen + printed, "the command's own lines are printed once"
    assert out == "result\n"


@pytest.mark.parametrize(
    "argv",
    [
        ["--log-file", "{}", "talk"],
        ["talk", "--log-file", "{}"],
        ["talk", "--log-file={}"],
        ["--log_file={}", "talk", "word"],
        ["talk", "word", "--log_file", "{}", "-q"],
    ],
)
@pytest.mark.usefixtures("command")
def test_a_log_file_has_all_records_for_any_place_of_the_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str]
) -> None:
    path = tmp_path / "run.log"
    assert cli.main([token.format(path) for token in argv]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("result\n", "" if "-q" in argv else "status\n")
    first, *middle, last = rows(path)
    assert first[:2] == ("DEBUG", "stslocal.cli.app")
    assert first[2].startswith("stslocal 0.")
    assert "talk" in first[2]
    assert middle == [
        ("DEBUG", ENGINE.name, "engine said 'ação'"),
        ("INFO", ENGINE.name, "loaded in 1.2 s"),
        ("WARNING", ENGINE.name, "float32 instead of float16"),
        ("DEBUG", SELECTION.name, "select said 'ação'"),
        ("INFO", SELECTION.name, "loaded in 1.2 s"),
        ("WARNING", SELECTION.name, "float32 instead of float16"),
        ("INFO", "stslocal.cli.output", "status"),
    ]
    assert last[2] == "the exit code is 0"


@pytest.mark.usefixtures("command")
def test_a_second_run_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text("an earlier line\n")
    for _ in range(2):
        assert cli.main(["talk", "--log-file", str(path)]) == 0
    assert path.read_text(encoding="utf-8").startswith("an earlier line\n")
    assert sum("exit code" in row[2] for row in rows(path)) == 2


@pytest.mark.usefixtures("command")
def test_with_json_stdout_has_only_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["-vv", "talk", "--json", "--log-file", str(tmp_path / "run.log")]) == 0
    assert json.loads(capsys.readouterr().out) == {"talk": {"ok": True}}


@pytest.mark.parametrize("place", ["no/run.log", "", "file/run.log"])
@pytest.mark.parametrize("before", [True, False])
def test_a_file_that_cannot_be_written_is_reported_before_anything_runs(
    tmp_path: Path,
    command: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    place: str,
    before: bool,
) -> None:
    def never(arguments: argparse.Namespace, printer: Printer) -> int:
        raise AssertionError("it must not run")

    command(never)
    (tmp_path / "file").touch()
    option = ["--log-file", str(tmp_path / place)]
    assert cli.main([*option, "talk"] if before else ["talk", *option]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"stslocal: --log-file: cannot write {tmp_path / place}: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("argv", [["--log-file"], ["--log-file", "--json"], ["--log-file="]])
@pytest.mark.usefixtures("command")
def test_the_option_needs_a_file(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["talk", *argv]) == 2
    assert "--log-file needs the name of a file, such as" in capsys.readouterr().err


@pytest.mark.usefixtures("command")
def test_after_two_dashes_it_is_a_word(tmp_path: Path) -> None:
    assert cli.main(["talk", "--", "--log-file"]) == 0


def test_an_error_is_in_the_file_with_its_traceback(
    tmp_path: Path, command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(arguments: argparse.Namespace, printer: Printer) -> int:
        raise EngineError("it does not compute") from ZeroDivisionError("deep down")

    command(fail)
    path = tmp_path / "run.log"
    assert cli.main(["talk", "--log-file", str(path)]) == 1
    assert capsys.readouterr().err == "stslocal: it does not compute\n"
    text = path.read_text(encoding="utf-8")
    assert "ZeroDivisionError: deep down" in text
    assert ("ERROR", "stslocal.cli.output", "it does not compute") in rows(path)
    assert rows(path)[-1][2] == "the exit code is 1"


def test_characters_that_utf8_lacks_are_written_as_escapes(tmp_path: Path) -> None:
    with log_records_shown(Printer(), tmp_path / "run.log"):
        ENGINE.info("%s", "a\udce3b.wav")
    assert r"a\udce3b.wav" in (tmp_path / "run.log").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_ends_only_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with log_records_shown(Printer(), Path("/dev/full")):
        ENGINE.info("one")
        ENGINE.info("two")
    assert capsys.readouterr().err == (
        "warning: the log ends here: cannot write /dev/full: the disk is full: free some space "
        "or choose another folder\n"
    )


def test_a_reader_that_has_ended_does_not_stop_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    monkeypatch.setattr("sys.stderr", Broken())
    with log_records_shown(Printer(verbosity=1), None):
        ENGINE.info("a line without a reader")


def test_records_are_printed_above_a_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", terminal)
    printer = Printer(verbosity=1)
    with (
        log_records_shown(printer, None),
        printer.progress("a.mp3", total=2) as bar,
    ):
        bar.update(1)
        ENGINE.info("whisper-base is loaded in %.1f s", 1.5)
        bar.update(2)
    line = next(row for row in terminal.getvalue().split("\n") if "whisper-base" in row)
    assert line.endswith("whisper-base is loaded in 1.5 s"), "the bar is drawn below it"


def test_records_are_printed_above_the_moving_lines_of_live(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen, errors = Terminal(), io.StringIO()
    monkeypatch.setattr("sys.stderr", errors)
    console = Console(file=screen, force_terminal=True, width=80)
    printer = Printer(verbosity=1)
    with log_records_shown(printer, None), ScreenView(printer, console) as view:
        view._live.start()
        ENGINE.info("the model computes on %s", "cpu")
        view._live.update(view.moving_lines(), refresh=True)
    assert errors.getvalue() == "", "the record is printed through the screen"
    assert "the model computes on cpu\n" in screen.getvalue()


def test_the_help_says_that_the_log_has_texts(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "--log-file FILE append everything that -vv prints to a file, with times" in text
    assert "the file has the text of what was said and translated" in text

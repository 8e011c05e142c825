"""Finds the command, runs it, and turns its end into a sentence and an exit code.

0    done
1    failed while running
2    wrong usage or settings, or a model that is not installed
130  stopped with Ctrl-C; 143 by SIGTERM, 129 by a terminal that was closed (SIGHUP)
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from stslocal import __version__
from stslocal.cli.arguments import LOG_FILE, Parser, did_you_mean, split_global_options
from stslocal.cli.logs import log_records_shown
from stslocal.cli.output import Printer
from stslocal.cli.streams import (
    STDOUT,
    discard,
    flush_stdout,
    open_standard_streams,
    write_stdout,
)
from stslocal.engines.process import prepare_process
from stslocal.errors import (
    ModelNotFoundError,
    OutputError,
    SettingsError,
    StslocalError,
    root_cause,
)

_log = logging.getLogger(__name__)

COMMANDS: tuple[str, ...] = ("translate", "live", "voices", "models", "devices", "doctor")
"""Modules of `stslocal.cli`, in the order in which `--help` lists them. Each has
`add_parser(subparsers)`, which sets `run=` to a function (arguments, printer) -> exit code."""

_DESCRIPTION = """\
Turns speech in one language into speech in another, on this machine alone.

  stslocal models pull starter          fetch the models, once
  stslocal translate talk.mp3 --to pt   translate a recording into spoken Portuguese
  stslocal live --to en                 translate your speech into English while you speak
  stslocal doctor                       check this machine, the models and their speed
"""

_EPILOG = """\
`stslocal COMMAND --help` shows a command's options; write flags with - or with _. -v, -q and
--log-file may stand before the command or after it."""


def build_parser() -> argparse.ArgumentParser:
    """Build the whole command line. Imports the command modules, which import nothing heavy."""
    parser = Parser(prog="stslocal", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"stslocal {__version__}")
    parser.add_argument(
        "-v", "--verbose", action="count",
        help="print more; -vv also prints what was dropped and why, with its text, and tracebacks",
    )  # fmt: skip
    parser.add_argument("-q", "--quiet", action="count", help="say less; -qq only errors")
    parser.add_argument(
        LOG_FILE, metavar="FILE",
        help="append everything that -vv prints to a file, with times; the file has the text of "
        "what was said and translated",
    )  # fmt: skip
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for name in COMMANDS:
        importlib.import_module(f"stslocal.cli.{name}").add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (`sys.argv` by default) and return its exit code."""
    printer = Printer()
    open_standard_streams()
    try:
        tokens, options = split_global_options(sys.argv[1:] if argv is None else argv)
        printer.verbosity = options.verbosity
        with log_records_shown(printer, options.log_file):
            _log_start(tokens)
            code = _exit_code(tokens, printer)
            _leave_nothing_to_flush()
            _log.debug("the exit code is %d", code)
            return code
    except SettingsError as error:
        return _report(error, printer)


def _exit_code(tokens: Sequence[str], printer: Printer) -> int:
    """Run the command, report its error if there is one, and return the exit code."""
    try:
        with _signals_end_in_order():
            code = _run(tokens, printer)
        flush_stdout()
        return code
    except StslocalError as error:
        return _report(error, printer)
    except KeyboardInterrupt as stop:
        printer.error("stopped")
        return stop.exit_code if isinstance(stop, _Stopped) else 130
    except BrokenPipeError:  # the program that read our output has ended (`| head`)
        return 1
    except Exception as bug:  # noqa: BLE001
        # A bug of ours: the person can report it.
        _show_traceback(bug, printer)
        printer.error(
            f"internal error ({type(bug).__name__}: {bug}): run it again with -vv to see where"
        )
        return 1


def _run(tokens: Sequence[str], printer: Printer) -> int:
    parser = build_parser()
    if not tokens:
        write_stdout(parser.format_help())
        return 0
    _refuse_unknown_command(tokens)
    try:
        arguments, unknown = parser.parse_known_args(tokens)
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    if unknown:
        known = _option_names(parser, arguments.command)
        hint = did_you_mean(unknown[0].partition("=")[0], known)
        raise SettingsError(f"unrecognized argument '{unknown[0]}'{hint}")
    printer.json = getattr(arguments, "json", False)
    _check_working_folder()
    # Nothing heavy is imported yet. Only the models command may connect to the hub.
    prepare_process(hub_offline=arguments.command != "models")
    code: int = arguments.run(arguments, printer)
    return code


def _leave_nothing_to_flush() -> None:
    """Drop what stdout does not take: Python would report it again, in its own words."""
    try:
        flush_stdout()
    except (BrokenPipeError, OutputError):
        discard(STDOUT)


class _Stopped(KeyboardInterrupt):
    """A signal asks the program to end, as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number


@contextmanager
def _signals_end_in_order() -> Iterator[None]:
    """Let the first signal to end the program end it in order, and a later Ctrl-C at once.

    Ending in order removes what is half written, and waits for the engine call that runs, because
    it cannot be interrupted. SIGTERM comes from `timeout`, `docker stop` and services, SIGHUP from
    a terminal that is closed; the latter often twice. What the caller has set, such as `nohup`,
    stays.
    """
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        if not stopped:
            stopped.append(number)
            raise _Stopped(number)
        if number == signal.SIGINT:
            os._exit(128 + number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            default = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
            if number is not None and signal.getsignal(number) is default:
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _refuse_unknown_command(tokens: Sequence[str]) -> None:
    if tokens[0].startswith("-") or tokens[0] in COMMANDS:
        return
    hint = did_you_mean(tokens[0], COMMANDS) or f"; there are {', '.join(COMMANDS)}"
    raise SettingsError(f"there is no command '{tokens[0]}'{hint}")


def _check_working_folder() -> None:
    """Raise SettingsError where the shell's folder was removed: C libraries end the process."""
    try:
        Path.cwd()
    except OSError as error:
        raise SettingsError(
            "the folder that you are in was removed: go to another one, as with `cd`"
        ) from error


def _option_names(parser: argparse.ArgumentParser, command: str | None) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction) and command in action.choices:
            yield from _option_names(action.choices[command], None)


def _log_start(tokens: Sequence[str]) -> None:
    if _log.isEnabledFor(logging.DEBUG):
        from platform import platform, python_version

        _log.debug(
            "stslocal %s, Python %s, %s: stslocal %s",
            __version__, python_version(), platform(), shlex.join(tokens),
        )  # fmt: skip


def _report(error: StslocalError, printer: Printer) -> int:
    _show_traceback(error, printer)
    reason = root_cause(error)
    printer.error(str(reason))
    return 2 if isinstance(reason, SettingsError | ModelNotFoundError) else 1


def _show_traceback(error: Exception, printer: Printer) -> None:
    _log.debug("the command failed", exc_info=error)
    if printer.verbosity >= 2:
        printer.traceback(error)

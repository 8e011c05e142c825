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
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from stslocal import __version__
from stslocal.cli import whisper_flags
from stslocal.cli.arguments import JSON_LINES, LOG_FILE, Parser, split_global_options, wants_json
from stslocal.cli.error_sentences import internal_error
from stslocal.cli.logs import log_records_shown
from stslocal.cli.output import Printer
from stslocal.cli.signals import Stopped, signals_end_in_order
from stslocal.cli.streams import (
    STDOUT,
    discard,
    flush_stdout,
    open_standard_streams,
    write_stdout,
)
from stslocal.cli.usage import (
    HELP,
    option_names,
    refuse_file_with_a_dash,
    refuse_unknown_command,
    refuse_unknown_option,
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

COMMANDS: tuple[str, ...] = (
    "translate", "edit", "redo", "live", "serve", "voices", "models", "devices", "settings",
    "doctor", "completion",
)  # fmt: skip
"""Modules of `stslocal.cli`, in the order in which `--help` lists them. Each has
`add_parser(subparsers)`, which sets `run=` to a function (arguments, printer) -> exit code."""
WITH_ACTIONS = ("voices", "models")
"""Commands that have commands of their own."""

_DESCRIPTION = """\
Turns speech in one language into speech in another, on this machine alone.

  stslocal models pull starter          fetch the models, once
  stslocal translate talk.mp3 --to pt   speak a recording in Portuguese
  stslocal live --to en                 speak English while you talk
  stslocal doctor                       check this machine and the models
"""

_EPILOG = """\
`stslocal help COMMAND` shows a command's options; write flags with - or with _. -v, -q and
--log-file may stand before the command or after it."""


def build_parser() -> argparse.ArgumentParser:
    """Build the whole command line. Imports the command modules, which import nothing heavy."""
    parser = Parser(prog="stslocal", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument(
        "-V", "--version", action="version", version=f"stslocal {__version__}",
        help="show the version",
    )  # fmt: skip
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
            code = _exit_code(tokens, printer, alone=argv is None)
            _leave_nothing_to_flush()
            _log.debug("the exit code is %d", code)
            return code
    except SettingsError as error:
        printer.json = wants_json(sys.argv[1:] if argv is None else argv)
        return _report(error, [], printer)


def _exit_code(tokens: Sequence[str], printer: Printer, *, alone: bool) -> int:
    """Run the command, report its error if there is one, and return the exit code."""
    printer.json = wants_json(tokens)
    printer.json_lines = printer.json and (
        tokens[:1] == ["live"] or "--meter" in tokens or JSON_LINES in tokens
    )
    try:
        with signals_end_in_order(alone=alone, quiet=printer.verbosity < -1):
            code = _run(tokens, printer)
        flush_stdout()
        return code
    except StslocalError as error:
        return _report(error, tokens, printer)
    except KeyboardInterrupt as stop:
        code = stop.exit_code if isinstance(stop, Stopped) else 130
        printer.error("stopped")
        printer.error_json("stopped", exit_code=code, command=_command(tokens))
        return code
    except BrokenPipeError:  # the program that read our output has ended (`| head`)
        return 1
    except Exception as bug:  # noqa: BLE001
        _show_traceback(bug, printer)
        message = internal_error(bug)
        printer.error(message)
        printer.error_json(message, exit_code=1, command=_command(tokens))
        return 1


def _run(tokens: Sequence[str], printer: Printer) -> int:
    parser = build_parser()
    if tokens[:1] == [HELP]:
        tokens = [*tokens[1:], "--help"]
    if not tokens:
        write_stdout(parser.format_help())
        return 0
    refuse_unknown_command(tokens, (*COMMANDS, HELP), parser._option_string_actions)
    if tokens[0] in whisper_flags.COMMANDS:
        known = set(option_names(parser, tokens[0]))
        tokens = whisper_flags.with_our_names(tokens, known)
        whisper_flags.refuse_whisper_flags(tokens, known)
    refuse_file_with_a_dash(parser, tokens[0], tokens)
    try:
        arguments, unknown = parser.parse_known_args(tokens)
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    if unknown:
        refuse_unknown_option(parser, arguments.command or "", unknown[0])
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


def _check_working_folder() -> None:
    """Raise SettingsError where the shell's folder was removed: C libraries end the process."""
    try:
        Path.cwd()
    except OSError as error:
        raise SettingsError(
            "the folder that you are in was removed: go to another one, as with `cd`"
        ) from error


def _log_start(tokens: Sequence[str]) -> None:
    if _log.isEnabledFor(logging.DEBUG):
        from platform import platform, python_version

        _log.debug(
            "stslocal %s, Python %s, %s: stslocal %s",
            __version__, python_version(), platform(), shlex.join(tokens),
        )  # fmt: skip


def _report(error: StslocalError, tokens: Sequence[str], printer: Printer) -> int:
    _show_traceback(error, printer)
    reason = root_cause(error)
    code = 2 if isinstance(reason, SettingsError | ModelNotFoundError) else 1
    printer.error(str(reason))
    printer.error_json(str(reason), exit_code=code, command=_command(tokens))
    return code


def _command(tokens: Sequence[str]) -> str | None:
    """The command of a command line, with its action: `models pull`."""
    words: list[str] = []
    for token in tokens[:2]:
        if token.startswith("-") or (words and words[0] not in WITH_ACTIONS):
            break
        words.append(token)
    return " ".join(words) or None


def _show_traceback(error: Exception, printer: Printer) -> None:
    _log.debug("the command failed", exc_info=error)
    if printer.verbosity >= 2:
        printer.traceback(error)

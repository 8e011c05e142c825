"""Extends argparse: flags with `-` or `_`, `-v` and `-q` anywhere, and the nearest name.

The nearest name is suggested for a command or an option that does not exist.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from stslocal.cli.streams import write_stdout
from stslocal.errors import SettingsError
from stslocal.settings import COMPUTE_TYPES, DEVICES
from stslocal.storage import expanded

LOG_FILE = "--log-file"
_VERBOSITY = {"--verbose": 1, "--quiet": -1}


@dataclass(slots=True)
class GlobalOptions:
    """The options that may stand before or after the command."""

    verbosity: int = 0
    """-v adds one, -q takes one."""
    log_file: Path | None = None
    """The file to which log records are appended."""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises SettingsError and takes no abbreviated options.

    `subparsers.add_parser(...)` makes parsers of this class too.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("allow_abbrev", False)
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Raise SettingsError instead of exiting, so that `main` reports all errors alike."""
        raise SettingsError(f"{message} (see `{self.prog} --help`)")

    def _print_message(self, message: str, file: object = None) -> None:
        """Print the help or the version. argparse would ignore a full disk."""
        write_stdout(message)


def split_global_options(argv: Sequence[str]) -> tuple[list[str], GlobalOptions]:
    """Take every -v, -vv, -q, --verbose, --quiet and --log-file out of `argv`.

    Also turns `--compute_type` into `--compute-type`, the spelling that argparse knows.
    Arguments after a lone `--` stay as they are. Raises SettingsError for a --log-file without a
    file.
    """
    rest: list[str] = []
    options = GlobalOptions()
    tokens = iter(argv)
    for token in tokens:
        if token == "--":
            rest += [token, *tokens]
        elif token in _VERBOSITY:
            options.verbosity += _VERBOSITY[token]
        elif re.fullmatch(r"-(v+|q+)", token):
            options.verbosity += token.count("v") - token.count("q")
        elif token.startswith("--"):
            name, equals, value = token.partition("=")
            name = name.replace("_", "-")
            if name == LOG_FILE:
                options.log_file = _log_file(value if equals else next(tokens, "-"))
            else:
                rest.append(name + equals + value)
        else:
            rest.append(token)
    return rest, options


def _log_file(text: str) -> Path:
    if not text or text.startswith("-"):
        raise SettingsError(f"{LOG_FILE} needs the name of a file, such as `{LOG_FILE} run.log`")
    return expanded(text, LOG_FILE)


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Return `": did you mean 'x'?"` for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(text, list(known), n=1, cutoff=0.6)
    return f": did you mean '{near[0]}'?" if near else ""


def actions_of(
    parser: argparse.ArgumentParser,
) -> Callable[[str, Any, str], argparse.ArgumentParser]:
    """Return a function that adds a sub-command; it takes the name, the function and the help."""
    commands = parser.add_subparsers(metavar="ACTION", dest="action", required=True)

    def add(name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = commands.add_parser(
            name, help=help_text, description=help_text[0].upper() + help_text[1:] + "."
        )
        command.set_defaults(run=run)
        return command

    return add


def add_language_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for the languages and the glossary."""
    language = parser.add_argument_group("languages")
    language.add_argument("--to", metavar="LANG", help="language to speak, such as pt or english")
    language.add_argument(
        "--from", dest="source", metavar="LANG", help="language spoken (default: auto)"
    )
    language.add_argument(
        "--glossary", metavar="FILE",
        help="file of terms with fixed translations: one a line, then a tab and its translation; "
        "a term without a translation is not translated",
    )  # fmt: skip


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the engines and how they compute."""
    engines = parser.add_argument_group("engines")
    engines.add_argument("--asr", metavar="NAME", help="recognizer (default: auto)")
    engines.add_argument(
        "--mt", metavar="NAME",
        help="translator; whisper: the recognizer's own translation into English (default: auto)",
    )  # fmt: skip
    engines.add_argument("--tts", metavar="NAME", help="synthesizer (default: auto)")
    engines.add_argument("--device", choices=DEVICES, help="default: auto")
    engines.add_argument("--compute-type", choices=COMPUTE_TYPES, help="default: auto")
    engines.add_argument(
        "--threads", type=int, metavar="N", help="CPU threads in all (default: one a core)"
    )

"""Extends argparse: flags with `-` or `_`, `-v` and `-q` anywhere, and the nearest name.

The nearest name is suggested for a command or an option that does not exist.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn

from stslocal.cli.streams import write_stdout
from stslocal.errors import SettingsError
from stslocal.settings import COMPUTE_TYPES, DEVICES
from stslocal.storage import expanded

LOG_FILE = "--log-file"
JSON_LINES = "--json-lines"
EXAMPLES = {
    "stslocal translate": "stslocal translate talk.mp3 --to pt",
    "stslocal completion": "stslocal completion bash",
    "stslocal models": "stslocal models list",
    "stslocal models pull": "stslocal models pull starter",
    "stslocal models import": "stslocal models import FOLDER",
    "stslocal models remove": "stslocal models remove full",
    "stslocal voices": "stslocal voices list",
    "stslocal voices enroll": 'stslocal voices enroll maria clip.wav --consent "my own voice"',
    "stslocal voices show": "stslocal voices show maria",
    "stslocal voices test": 'stslocal voices test maria "Bom dia." --to pt',
    "stslocal voices export": "stslocal voices export maria maria.voice",
    "stslocal voices import": "stslocal voices import maria.voice",
    "stslocal voices remove": "stslocal voices remove maria",
}
"""Command lines that work, by command: the end of an error about an argument that is missing."""
_VERBOSITY = {"--verbose": 1, "--quiet": -1}


@dataclass(slots=True)
class GlobalOptions:
    """The options that may stand before or after the command."""

    verbosity: int = 0
    """-v adds one, -q takes one."""
    log_file: Path | None = None
    """The file to which log records are appended."""


class _HelpFormatter(argparse.HelpFormatter):
    """Fills paragraphs to the width of the terminal, and keeps indented lines as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines: list[str] = []
        for is_prose, group in groupby(text.splitlines(), lambda line: line[:1].strip() != ""):
            if is_prose:
                prose = " ".join(group)
                # Commands and options stay on one line.
                bound = re.sub("`[^`]*`", lambda match: match[0].replace(" ", "\0"), prose)
                filled = textwrap.wrap(bound, width, break_long_words=False, break_on_hyphens=False)
                lines += [line.replace("\0", " ") for line in filled]
            else:
                lines += group
        return "\n".join(indent + line for line in lines)


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises SettingsError and takes no abbreviated options.

    `subparsers.add_parser(...)` makes parsers of this class too.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("allow_abbrev", False)
        kwargs.setdefault("formatter_class", _HelpFormatter)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._positionals.title = "arguments"

    def error(self, message: str) -> NoReturn:
        """Raise SettingsError instead of exiting, so that `main` reports all errors alike."""
        see = f"see `{self.prog} --help`"
        if missing := re.fullmatch("the following arguments are required: (.*)", message):
            needed = " and ".join(missing[1].split(", "))
            if needed == "ACTION":
                needed = f"one of the actions {', '.join(self._actions_below())}"
            example = EXAMPLES.get(self.prog)
            such_as = f", such as `{example}`" if example else ""
            raise SettingsError(f"`{self.prog}` needs {needed}{such_as} ({see})")
        if empty := re.fullmatch("argument (.*): expected .*argument.*", message):
            option, value = empty[1].split("/")[-1], self._metavar(empty[1])
            raise SettingsError(f"{option} needs a value: write `{option} {value}` ({see})")
        message = re.sub("^argument ", "", message)
        for kind, right in (("int", "a whole number"), ("float", "a number")):
            message = re.sub(f"invalid {kind} value: (.*)", rf"\1 is not {right}", message)
        raise SettingsError(f"{message} ({see})")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Name the nearest choice. argparse calls this for every value."""
        if action.choices is None or value in action.choices:
            return
        known = list(map(str, action.choices))
        name = "/".join(action.option_strings) or self.prog.removeprefix("stslocal ")
        hint = did_you_mean(str(value), known) or f"; there are {', '.join(known)}"
        self.error(f"{name}: there is no '{value}'{hint}")

    def _metavar(self, option: str) -> str:
        for action in self._actions:
            if "/".join(action.option_strings) == option:
                return str(action.metavar or "|".join(map(str, action.choices or ("VALUE",))))
        return "VALUE"

    def _actions_below(self) -> list[str]:
        below = [each for each in self._actions if isinstance(each, argparse._SubParsersAction)]
        return [name for action in below for name in action.choices]

    def _print_message(self, message: str, file: object = None) -> None:
        """Print the help or the version. argparse would ignore a full disk."""
        write_stdout(message)


def _is_level(token: str) -> bool:
    return re.fullmatch(r"-\d+ ?dB", token, re.IGNORECASE) is not None


def split_global_options(argv: Sequence[str]) -> tuple[list[str], GlobalOptions]:
    """Take every -v, -vv, -q, --verbose, --quiet and --log-file out of `argv`.

    Also turns `--compute_type` into `--compute-type`, the spelling that argparse knows, and
    `--original -20dB` into `--original=-20dB`.
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
            if "." not in name:  # else a file, whose name is shown as it is
                name = name.replace("_", "-")
            if name == LOG_FILE:
                options.log_file = _log_file(value if equals else next(tokens, "-"))
            else:
                rest.append(name + equals + value)
        elif _is_level(token) and rest and re.fullmatch("--[a-z-]+", rest[-1]):
            rest[-1] += f"={token}"  # argparse would take it for an option
        else:
            rest.append(token)
    return rest, options


class SchemaAction(argparse.Action):
    """`--json-schema`: prints the JSON Schema of the events, and ends as `--help` does."""

    def __init__(self, option_strings: Sequence[str], dest: str, **about: str | None) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=about.get("help"))

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        """Print it, and end."""
        from stslocal.metrics.event_schema import event_schema

        write_stdout(json.dumps(event_schema(), indent=2, ensure_ascii=False) + "\n")
        parser.exit()


def wants_json(tokens: Sequence[str]) -> bool:
    """Whether --json is among the arguments, also of a command line that cannot be run."""
    options = tokens[: tokens.index("--") if "--" in tokens else None]
    return "--json" in options or JSON_LINES in options


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


def add_json(command: argparse.ArgumentParser) -> None:
    """Add --json to a command whose result is one object."""
    command.add_argument("--json", action="store_true", help="print the result as JSON")


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
        "a term without a translation is not translated; a third column says how it is spoken",
    )  # fmt: skip


def add_engine_options(
    parser: argparse.ArgumentParser, *, tts: str = "synthesizer (default: auto)"
) -> None:
    """Add the options that choose the engines and how they compute; `tts` is the help of --tts."""
    engines = parser.add_argument_group("engines")
    engines.add_argument("--asr", metavar="NAME", help="recognizer (default: auto)")
    engines.add_argument(
        "--mt", metavar="NAME",
        help="translator; whisper: the recognizer's own translation into English (default: auto)",
    )  # fmt: skip
    engines.add_argument("--tts", metavar="NAME", help=tts)
    engines.add_argument("--device", choices=DEVICES, help="where to compute (default: auto)")
    engines.add_argument(
        "--compute-type", choices=COMPUTE_TYPES, metavar="TYPE",
        help=f"format of the numbers: {', '.join(COMPUTE_TYPES)} (default: auto)",
    )  # fmt: skip
    engines.add_argument(
        "--threads", type=int, metavar="N", help="CPU threads in all (default: one a core)"
    )

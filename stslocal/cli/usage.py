"""What a person may have meant by a command line that cannot be run, and what to type instead."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from stslocal.cli.arguments import did_you_mean
from stslocal.errors import SettingsError
from stslocal.errors import command as command_line
from stslocal.foreign_files import PathKind, kind_of
from stslocal.settings import NO_SPEECH

HELP = "help"
"""`stslocal help [COMMAND]` is `stslocal [COMMAND] --help`."""
_MOST_SHOWN = 3
"""More inputs than these are not repeated."""
_LOOKS_LIKE_A_FILE = re.compile(r".*\.\w{2,4}")


def refuse_unknown_command(
    tokens: Sequence[str], commands: Sequence[str], program_options: Collection[str]
) -> None:
    """Raise SettingsError when the first word is no command; it may be a recording."""
    first = tokens[0]
    if first in commands:
        return
    if first.startswith("-"):
        if first.partition("=")[0] in program_options:
            return
        raise SettingsError(
            f"the command comes before its options, as in `stslocal translate talk.mp3 --to pt`: "
            f"'{first}' stands first (see `stslocal --help`)"
        )
    if hint := did_you_mean(first, commands):
        raise SettingsError(f"there is no command '{first}'{hint}")
    if is_path(first) or "://" in first:
        raise SettingsError(
            f"'{first}' is not a command: to translate it, name the command and a language, as in "
            f"`stslocal translate {shlex.quote(first)} --to pt`"
        )
    raise SettingsError(
        f"there is no command '{first}'; there are {', '.join(commands)} (see `stslocal --help`)"
    )


def example_with_language(command: str, *words: str) -> str:
    """A command line as it was given, with a language to translate into."""
    return f"`{shlex.join(['stslocal', command, *words, '--to', 'pt'])}`"


def text_alone(command: str, arguments: argparse.Namespace, inputs: Sequence[str] = ()) -> str:
    """A command line as it was given, with a translation that is text alone."""
    words = inputs if len(inputs) <= _MOST_SHOWN else ["RECORDINGS"]
    given = {"--from": arguments.source, "--to": arguments.to}
    for option in ("output-dir", "shard"):
        given[f"--{option}"] = getattr(arguments, option.replace("-", "_"), None)
    options = [word for name, value in given.items() if value for word in (name, str(value))]
    options += ["--watch"] * getattr(arguments, "watch", False)
    return command_line(command, *words, *options, "--tts", NO_SPEECH)


def refuse_unknown_option(parser: argparse.ArgumentParser, command: str, unknown: str) -> None:
    """Raise SettingsError for an argument that the command does not take."""
    known = list(option_names(parser, command))
    see = f"see `stslocal {command} --help`"
    if not unknown.startswith("-"):
        raise SettingsError(f"'{unknown}' is one argument too many ({see})")
    hint = did_you_mean(unknown.partition("=")[0], known)
    if hint:
        raise SettingsError(f"there is no option '{unknown}'{hint}")
    raise SettingsError(f"{command} has no option '{unknown}' ({see})")


def refuse_file_with_a_dash(
    parser: argparse.ArgumentParser, command: str, tokens: Sequence[str]
) -> None:
    """Raise SettingsError for a file whose name begins with a dash, which looks like an option."""
    known = set(option_names(parser, command))
    for token in tokens:
        if token == "--":
            return
        if token[:1] != "-" or token == "-" or token.partition("=")[0] in known:
            continue
        begins_as_option = token[1] != "-" and token[:2] in known
        if kind_of(token) is PathKind.FILE or (
            _LOOKS_LIKE_A_FILE.fullmatch(token) and not begins_as_option and "=" not in token
        ):
            raise SettingsError(
                f"'{token}' begins with a dash, so it looks like an option: for the file write "
                f"{shlex.quote('./' + token)}"
            )


def is_path(text: str) -> bool:
    """Whether a word is a file or a folder, or is written like one."""
    return (
        kind_of(text) in (PathKind.FILE, PathKind.FOLDER, PathKind.PIPE)
        or bool(_LOOKS_LIKE_A_FILE.fullmatch(text))
        or Path(text).name != text
    )


def option_names(parser: argparse.ArgumentParser, command: str) -> Iterator[str]:
    """All options of the program and of a command, also those of its actions."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                if command in ("", name):
                    yield from option_names(below, "")

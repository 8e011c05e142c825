"""`stslocal completion`: prints a script that lets a shell complete commands and options."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from stslocal.cli.output import Printer
from stslocal.cli.usage import HELP
from stslocal.languages import languages
from stslocal.settings import NO_SPEECH

_EPILOG = """\
Put it into your shell's start file, then open a new terminal:

  bash   echo 'eval "$(stslocal completion bash)"' >> ~/.bashrc
  zsh    echo 'eval "$(stslocal completion zsh)"' >> ~/.zshrc
  fish   stslocal completion fish > ~/.config/fish/completions/stslocal.fish
"""

_BASH = """\
# Completion of stslocal for bash.
_stslocal() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} taken="" i words=""
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$taken ${{COMP_WORDS[i]}}" in
            {commands}) taken="${{taken:+$taken }}${{COMP_WORDS[i]}}" ;;
        esac
    done
    case "$taken|$before" in
        {values}
        *) if [[ $word == -* ]]; then
            case "$taken" in
                {options}
            esac
        else
            case "$taken" in
                {words}
            esac
        fi ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    [[ ${{#COMPREPLY[@]}} -gt 0 ]] || compopt -o default 2>/dev/null
}}
complete -F _stslocal stslocal
"""

_ZSH = """\
#compdef stslocal
# Completion of stslocal for zsh.
_stslocal() {{
    local taken="" each before=${{words[CURRENT-1]}} found=""
    for each in ${{words[2,CURRENT-1]}}; do
        case "$taken $each" in
            {commands}) taken="${{taken:+$taken }}$each" ;;
        esac
    done
    case "$taken|$before" in
        {values}
        *) if [[ $PREFIX == -* ]]; then
            case "$taken" in
                {options}
            esac
        else
            case "$taken" in
                {words}
            esac
        fi ;;
    esac
    if [[ -n $found ]]; then compadd -- ${{=found}}; else _files; fi
}}
(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit; }}
compdef _stslocal stslocal
"""


@dataclass(frozen=True, slots=True)
class _Command:
    """What may follow one command."""

    path: str
    """Such as `models pull`; empty for the program itself."""
    commands: dict[str, str]
    """The commands below it, with their help."""
    options: list[argparse.Action]
    arguments: list[argparse.Action]

    def words(self) -> list[str]:
        """The words that may follow and are no options."""
        known = [word for argument in self.arguments for word in _suggestions(argument)]
        return [*self.commands, *known]


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "completion",
        help="let your shell complete commands and options",
        description="Print a script that lets a shell complete commands and options.",
        epilog=_EPILOG,
    )
    parser.add_argument("shell", metavar="SHELL", choices=tuple(_SCRIPTS), help="bash, zsh or fish")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print the script."""
    from stslocal.cli.app import build_parser

    script = _SCRIPTS[arguments.shell](list(_commands(build_parser(), "")))
    for line in script.rstrip().splitlines():
        printer.result(line)
    return 0


def _commands(parser: argparse.ArgumentParser, path: str) -> Iterator[_Command]:
    """Every command of the command line, the program itself first."""
    below: dict[str, argparse.ArgumentParser] = {}
    notes: dict[str, str] = {}
    actions = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below = dict(action.choices)
            notes = {choice.dest: choice.help or "" for choice in action._choices_actions}
        else:
            actions.append(action)
    options = [action for action in actions if action.option_strings]
    arguments = [action for action in actions if not action.option_strings]
    if not path:
        yield _Command(HELP, dict(notes), [], [])
        notes[HELP] = "show the options of a command"
    yield _Command(path, notes, options, arguments)
    for name, command in below.items():
        yield from _commands(command, f"{path} {name}".strip())


def _suggestions(action: argparse.Action) -> list[str]:
    """The values that an option or an argument may have, where they can be listed."""
    if action.choices is not None:
        return list(map(str, action.choices))
    if action.option_strings and action.metavar == "LANG":
        return [language.code for language in languages()]
    return _engines(action.option_strings[0]) if action.option_strings else []


def _engines(option: str) -> list[str]:
    """The names of engines that --asr, --mt and --tts take."""
    from stslocal.engines import registry

    roles: dict[str, registry.Role[Any]] = {
        "--asr": registry.RECOGNIZER,
        "--mt": registry.TRANSLATOR,
        "--tts": registry.SYNTHESIZER,
    }
    if option not in roles:
        return []
    names = [choice.entry.name for choice in registry.choices(roles[option])]
    more = {"--mt": ["whisper"], "--tts": [NO_SPEECH]}.get(option, [])
    return ["auto", *more, *dict.fromkeys(names)]


def _cases(commands: list[_Command], variable: str) -> dict[str, str]:
    """The lines of `case` for a shell of the Bourne family."""

    def lines(rows: Iterable[tuple[str, Iterable[str]]]) -> str:
        made = [
            f"{pattern}) {variable}={shlex.quote(' '.join(words))} ;;"
            for pattern, words in rows
            if words
        ]
        return "\n        ".join(made)

    paths = [f"{each.path} {name}" for each in commands for name in each.commands]
    return {
        "commands": "|".join(map(shlex.quote, paths)),
        "values": lines(
            ("|".join(shlex.quote(f"{each.path}|{name}") for name in action.option_strings), words)
            for each in commands
            for action in each.options
            if (words := _suggestions(action))
        ),
        "options": lines(
            (shlex.quote(each.path), [n for option in each.options for n in option.option_strings])
            for each in commands
        ),
        "words": lines((shlex.quote(each.path), each.words()) for each in commands),
    }


def _bash(commands: list[_Command]) -> str:
    return _BASH.format(**_cases(commands, "words"))


def _zsh(commands: list[_Command]) -> str:
    return _ZSH.format(**_cases(commands, "found"))


def _fish(commands: list[_Command]) -> str:
    lines = ["# Completion of stslocal for fish."]
    for each in commands:
        seen = [f"__fish_seen_subcommand_from {word}" for word in each.path.split()]
        here = "; and ".join(seen) or "__fish_use_subcommand"
        first = here
        if each.commands and each.path:
            first += f"; and not __fish_seen_subcommand_from {' '.join(each.commands)}"
        for word in each.words():
            note = each.commands.get(word, "")
            lines.append(
                f"complete -c stslocal -f -n {_fish_text(first)} -a {word} -d {_fish_text(note)}"
            )
        for option in each.options:
            parts = [f"complete -c stslocal -n {_fish_text(here)}"]
            for name in option.option_strings:
                parts.append(f"-{'l' if name.startswith('--') else 's'} {name.lstrip('-')}")
            if words := _suggestions(option):
                parts.append(f"-x -a {_fish_text(' '.join(words))}")
            elif option.nargs != 0:
                parts.append("-r")
            parts.append(f"-d {_fish_text((option.help or '').partition('; ')[0])}")
            lines.append(" ".join(parts))
    return "\n".join(lines)


def _fish_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_SCRIPTS = {"bash": _bash, "zsh": _zsh, "fish": _fish}

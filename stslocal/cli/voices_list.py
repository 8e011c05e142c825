"""`stslocal voices list`: the saved voices, or the built-in ones of the synthesizers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from stslocal.cli.arguments import add_json
from stslocal.cli.output import Printer
from stslocal.errors import ModelNotFoundError, SettingsError
from stslocal.languages import find, name_of

if TYPE_CHECKING:
    from stslocal.engines.registry import BuiltInVoice, Choice


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument(
        "--built-in", action="store_true", help="list the voices that come with the synthesizers"
    )
    command.add_argument(
        "--to", metavar="LANG", help="with --built-in: only those whose own language it is"
    )
    add_json(command)


def run_list(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print a line for each voice."""
    if arguments.built_in:
        return _run_built_in(arguments.to, printer)
    if arguments.to is not None:
        raise SettingsError("--to is for the built-in voices: add --built-in")
    from stslocal.voices.store import VoiceStore

    saved = VoiceStore()
    voices = saved.voices()
    if not voices:
        printer.status(
            f"no voice is saved in {saved.folder}: `stslocal voices enroll` makes one; `stslocal "
            "voices list --built-in` shows those that need no recording"
        )
    width = max((len(voice.name) for voice in voices), default=0)
    for voice in voices:
        about = voice.provenance
        printer.result(
            f"{voice.name:{width}}  {voice.engine:8}  {about.get('made_on', '-'):10}  "
            f"from {about.get('made_from', 'an unknown source')}"
        )
    rows = [
        {"name": v.name, "engine": v.engine, "path": str(v.path), "provenance": v.provenance}
        for v in voices
    ]
    printer.result_json("voices", rows)
    return 0


def _run_built_in(text: str | None, printer: Printer) -> int:
    """Print the voices of the installed synthesizers; of one language if `text` names it."""
    from stslocal.engines import registry
    from stslocal.models.store import ModelStore

    language = "" if text is None else find(text).code
    store = ModelStore.discover()
    installed = [
        choice
        for choice in registry.choices(registry.SYNTHESIZER)
        if choice.importable and all(map(store.installed, choice.weights.models))
    ]
    if not installed:
        pack = next(iter(store.packs.values()))
        raise ModelNotFoundError(
            f"no synthesizer is installed: run `stslocal models pull {pack.id}`"
        )
    speaking = [choice for choice in installed if language in ("", *choice.capabilities.languages)]
    if not speaking:
        spoken = {code for choice in installed for code in choice.capabilities.languages}
        raise SettingsError(
            f"no synthesizer that is installed speaks {name_of(language)}: choose one of "
            f"{', '.join(sorted(map(name_of, spoken)))}, or run `stslocal models pull {language}`"
        )
    rows = []
    for choice in speaking:
        voices = registry.built_in_voices(choice.name, store)
        rows += [_row(choice, voice) for voice in voices if voice.language in ("", language)]
        if not language:
            rows += [_row(choice, voice) for voice in voices if voice.language]
        _print(choice, voices, language, printer)
    printer.result_json("voices", rows)
    return 0


def _print(
    choice: Choice, voices: tuple[BuiltInVoice, ...], language: str, printer: Printer
) -> None:
    name = choice.entry.name
    shown = [voice for voice in voices if not language or voice.language in ("", language)]
    width = max((len(voice.name) for voice in voices), default=0)
    for code in dict.fromkeys(voice.language for voice in shown):
        printer.result(f"{name}, {name_of(code) if code else 'every language'}")
        for voice in shown:
            if voice.language == code:
                pitch = f"{voice.pitch_hz:.0f} Hz" if voice.pitch_hz else ""
                default = "the default" if voice.is_default else ""
                line = f"  {voice.name:{width}}  {voice.description:17}  {pitch:>6}  {default}"
                printer.result(line.rstrip())
    spoken = choice.capabilities.languages
    foreign = [voice for voice in voices if voice.language and voice not in shown]
    if language and foreign:
        printer.status(
            f"{len(foreign)} more voices of {name} speak {name_of(language)} with an accent: "
            "`stslocal voices list --built-in` shows them all"
        )
    elif any(voice.language not in ("", *spoken) for voice in voices):
        printer.status(
            f"each voice of {name} speaks {', '.join(sorted(map(name_of, spoken)))}: with an "
            "accent where it is not its own language"
        )


def _row(choice: Choice, voice: BuiltInVoice) -> dict[str, Any]:
    return {
        "name": voice.name,
        "engine": choice.entry.name,
        "language": voice.language or None,
        "description": voice.description,
        "pitch_hz": round(voice.pitch_hz, 1) or None,
        "default": voice.is_default,
        "speaks": sorted(choice.capabilities.languages),
    }

"""`stslocal voices enroll`: makes a voice from recordings of a speaker who agreed to it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stslocal.cli.output import Printer
from stslocal.cli.references import read_reference
from stslocal.errors import SettingsError
from stslocal.languages import name_of
from stslocal.settings import AUTO_VOICE, Settings

if TYPE_CHECKING:
    from stslocal.engines.speaker.reference import ReferenceQuality
    from stslocal.models.store import ModelStore
    from stslocal.types import VoiceProfile

_WAY_OUT = "take a recording of one speaker, or add --anyway"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command that no other command has."""
    command.add_argument("name", metavar="NAME", help="name of the new voice")
    command.add_argument("clips", nargs="+", type=Path, metavar="CLIP", help="recordings of them")
    command.add_argument(
        "--consent", metavar="TEXT", help="who agreed to its use, for what; kept with the voice"
    )
    command.add_argument(
        "--anyway",
        action="store_true",
        help="also from recordings that seem to be music or the speech of two persons",
    )
    command.add_argument("--overwrite", action="store_true", help="replace a voice of that name")


def enroll(arguments: argparse.Namespace, settings: Settings, printer: Printer) -> int:
    """Make a voice from recordings, which are judged before the synthesizer is loaded."""
    from stslocal.loading.advice import SPEAKING, device_advice
    from stslocal.loading.load import check_speaking, load_voice_engines
    from stslocal.models.store import ModelStore
    from stslocal.voices.enrol import enrol
    from stslocal.voices.store import VoiceStore

    if not (arguments.consent or "").strip():
        raise SettingsError(
            "say whose voice it is and that they agree to its use, such as "
            '`--consent "my own voice"`: the text is kept with the voice'
        )
    saved = VoiceStore()
    saved.path_for_new(arguments.name, overwrite=arguments.overwrite)
    settings = replace(settings, target=settings.target or "en", voice=AUTO_VOICE)
    store = ModelStore.discover()
    taken = check_speaking(settings, store)
    _refuse_built_in(arguments.name, taken.synthesizer, store)
    reference = read_reference(arguments.clips, store, way_out=_WAY_OUT, anyway=arguments.anyway)
    if len(reference.clips) > 1:
        for clip, quality in reference.clips:
            printer.status(f"{clip.name}: {quality.verdict}")
    engines = load_voice_engines(settings, store)
    if advice := device_advice(taken, settings, SPEAKING):
        printer.status(advice)
    profile = enrol(
        engines,
        reference,
        name=arguments.name,
        language=settings.target,
        consent=arguments.consent.strip(),
    )
    clones = engines.synthesizer.capabilities.clones
    path = saved.save(profile, overwrite=arguments.overwrite)
    printer.result(f"{profile.name}: {reference.quality.verdict}")
    printer.result(_made(profile, settings.target, engines.name, clones=clones))
    if not clones and (advice := _how_to_clone(settings.target, store)):
        printer.status(advice)
    printer.result(f"saved in {path}: use it with `--voice {profile.name}`")
    row = {**voice_row(profile, path), "quality": _quality_row(reference.quality)}
    printer.result_json("voice", {**row, "kind": _kind(profile, clones=clones)})
    return 0


def _refuse_built_in(name: str, synthesizer: str, store: ModelStore) -> None:
    from stslocal.engines import registry

    if any(voice.name == name for voice in registry.built_in_voices(synthesizer, store)):
        raise SettingsError(f"{name} is a built-in voice: choose another name")


def _kind(profile: VoiceProfile, *, clones: bool) -> str:
    if "default" in profile.provenance:
        return "default"
    if "conversion" in profile.provenance:
        return "conversion"
    return "clone" if clones else "likeness"


def kind_in_words(profile: VoiceProfile) -> str:
    """Say which kind of voice a saved one is."""
    from stslocal.voices.choose import voice_kind

    return {
        "cloned": f"cloned: {profile.engine} speaks in the speaker's own voice",
        "converted": f"converted: a built-in voice, changed into the speaker's by {profile.engine}",
        "matched": "matched: the built-in voice nearest to the speaker's",
        "default": "the default voice: none could be made like the speaker's",
        "built-in": "a built-in voice",
    }[voice_kind(profile)]


def _made(profile: VoiceProfile, language: str, engine: str, *, clones: bool) -> str:
    """Say what the voice is: a clone, a likeness and of what, or the default voice and why."""
    about = profile.provenance
    kind = _kind(profile, clones=clones)
    if kind == "default":
        return f"it is the default voice of {engine}: {about['default']}"
    if kind == "conversion":
        return f"it is converted: {about['conversion']}"
    if kind == "clone":
        return f"it is a clone of the speaker's voice, by {engine}"
    shift = profile.pitch_semitones
    moved = f", {abs(shift):.1f} semitones {'higher' if shift > 0 else 'lower'}" if shift else ""
    alike = f", {about['similarity']} alike" if "similarity" in about else ""
    return (
        f"it is a likeness, not a clone: in {name_of(language)} the built-in voice nearest to the "
        f"speaker, {about.get('styles', engine)}{alike}{moved}"
    )


def _how_to_clone(language: str, store: ModelStore) -> str:
    """The advice that names a synthesizer that clones; empty if none speaks the language."""
    from stslocal.engines import registry
    from stslocal.loading.needs import how_to_install

    for choice in registry.choices(registry.SYNTHESIZER):
        if choice.capabilities.clones and language in choice.capabilities.languages:
            install = how_to_install([choice], store)
            how = f": {install}, then" if install else ":"
            return f"{choice.entry.name} makes a clone{how} add `--tts {choice.entry.name}`"
    return ""


def voice_row(profile: VoiceProfile, path: Path) -> dict[str, Any]:
    """A voice as JSON."""
    return {
        "name": profile.name,
        "engine": profile.engine,
        "path": str(path),
        "pitch_semitones": round(profile.pitch_semitones, 2),
        "provenance": dict(profile.provenance),
    }


def _quality_row(quality: ReferenceQuality) -> dict[str, Any]:
    return {
        "speech_s": round(quality.speech_s, 2),
        "level_dbfs": round(quality.level_dbfs, 1),
        "clipped_share": round(quality.clipped_share, 5),
        "snr_db": round(quality.snr_db, 1),
        "pitch_hz": round(quality.pitch_hz, 1),
        "faults": list(quality.faults),
    }

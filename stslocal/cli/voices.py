"""`stslocal voices`: making, keeping, trying and passing on voices."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stslocal.cli.arguments import actions_of
from stslocal.cli.output import Printer
from stslocal.errors import SettingsError
from stslocal.settings import DEVICES, Settings

if TYPE_CHECKING:
    from stslocal.engines.speaker.reference import ReferenceQuality
    from stslocal.types import VoiceProfile

_DESCRIPTION = """\
A voice is made once from a recording and then used with `--voice NAME`, by translate and live.

  stslocal voices enroll maria clip.wav --consent "Maria: for our lectures"
  stslocal voices test maria "Bom dia." --to pt
  stslocal translate talk.mp3 --to pt --voice maria

With XTTS it is a clone of the speaker's voice. Without, it is the nearest of the built-in ones,
at the speaker's pitch. Voices are files of numbers and text in the folder STSLOCAL_VOICES, else
your data folder.
"""


def add_parser(subparsers: Any) -> None:
    """Add `voices` and its own commands."""
    parser = subparsers.add_parser(
        "voices", help="make a voice from a recording, and keep it", description=_DESCRIPTION
    )
    add = actions_of(parser)
    command = add("enroll", run_enroll, "make a voice from recordings of one speaker")
    command.add_argument("name", metavar="NAME", help="what to call it")
    command.add_argument("clips", nargs="+", type=Path, metavar="CLIP", help="recordings of them")
    command.add_argument(
        "--consent", metavar="TEXT", help="who agreed to its use and for what; kept with the voice"
    )
    _add_overwrite(command)
    _add_engine(command)
    _add_json(command)

    _add_json(add("list", run_list, "list the voices that were made"))

    command = add("show", run_show, "tell where a voice comes from")
    command.add_argument("name", metavar="NAME")
    _add_json(command)

    command = add("test", run_test, "speak a text in a voice, into a WAV file")
    command.add_argument("name", metavar="NAME", help="a voice that was made, or a built-in one")
    command.add_argument("text", metavar="TEXT", help="what to say")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: NAME.test.wav")
    _add_engine(command)
    _add_json(command)

    command = add("export", run_export, "copy a voice to a file, to be imported elsewhere")
    command.add_argument("name", metavar="NAME")
    command.add_argument("path", type=Path, metavar="PATH", help="a new file, or a folder")

    command = add("import", run_import, "take in a voice that was exported")
    command.add_argument("path", type=Path, metavar="FILE")
    command.add_argument("--name", metavar="NAME", help="default: the name that it has")
    _add_overwrite(command)

    command = add("remove", run_remove, "delete voices")
    command.add_argument("names", nargs="+", metavar="NAME")


def run_enroll(arguments: argparse.Namespace, printer: Printer) -> int:
    """Make a voice; the recordings are judged before anything is loaded."""
    from stslocal.loading.load import load_voice_engines
    from stslocal.models.store import ModelStore
    from stslocal.voices.enrol import Reference, enroll
    from stslocal.voices.store import VoiceStore

    if not (arguments.consent or "").strip():
        raise SettingsError(
            "whose voice is it, and do they agree? say so with --consent, such as "
            '`--consent "my own voice"`: it is kept with the voice'
        )
    saved = VoiceStore()
    saved.free(arguments.name, overwrite=arguments.overwrite)
    settings = _settings(arguments)
    reference = Reference.read(arguments.clips)
    if len(reference.clips) > 1:
        for path, quality in reference.clips:
            printer.status(f"{path.name}: {quality.verdict}")
    engines = load_voice_engines(settings, ModelStore.discover())
    if engines.has_built_in(arguments.name):
        raise SettingsError(f"{arguments.name} is a built-in voice: choose another name")
    profile = enroll(
        engines,
        reference,
        name=arguments.name,
        language=settings.target or "en",
        consent=arguments.consent.strip(),
    )
    path = saved.save(profile, overwrite=arguments.overwrite)
    printer.result(f"{profile.name}: {reference.quality.verdict}")
    printer.result(f"saved in {path}: use it with `--voice {profile.name}`")
    printer.result_json({**_described(profile, path), "quality": _figures(reference.quality)})
    return 0


def run_list(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print a line a voice."""
    from stslocal.voices.store import VoiceStore

    saved = VoiceStore()
    voices = saved.voices()
    if not voices:
        printer.status(f"no voice is saved in {saved.folder}: `stslocal voices enroll` makes one")
    width = max((len(voice.name) for voice in voices), default=0)
    for voice in voices:
        about = voice.provenance
        printer.result(
            f"{voice.name:{width}}  {voice.engine:8}  {about.get('made_on', '-'):10}  "
            f"from {about.get('made_from', 'an unknown source')}"
        )
    printer.result_json(
        [
            {"name": v.name, "engine": v.engine, "path": str(v.path), "provenance": v.provenance}
            for v in voices
        ]
    )
    return 0


def run_show(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print all that is known of a voice."""
    from stslocal.voices.store import VoiceStore

    saved = VoiceStore()
    profile, path = saved.load(arguments.name), saved.path(arguments.name)
    rows = {"name": profile.name, "engine": profile.engine, "file": str(path)}
    if profile.pitch_semitones:
        rows["pitch"] = f"{profile.pitch_semitones:+.1f} semitones"
    rows.update(profile.provenance)
    rows.setdefault("consent", "none was recorded")
    width = max(map(len, rows))
    for key, value in rows.items():
        printer.result(f"{key.replace('_', ' '):{width}}  {value}")
    printer.result_json(_described(profile, path))
    return 0


def run_test(arguments: argparse.Namespace, printer: Printer) -> int:
    """Speak a text; a voice that was made is spoken by the engine that it was made for."""
    from stslocal.audio.encode import AudioWriter
    from stslocal.errors import EngineError
    from stslocal.loading.load import load_voice_engines
    from stslocal.models.store import ModelStore
    from stslocal.voices.store import VoiceStore

    saved = VoiceStore()
    made = saved.load(arguments.name) if arguments.name in saved else None
    if made is not None and arguments.tts is None:
        arguments.tts = made.engine
    settings = _settings(arguments)
    engines = load_voice_engines(settings, ModelStore.discover())
    language = settings.target or (made.provenance.get("language") if made else None) or "en"
    voice = engines.voice(arguments.name, language=language)
    path: Path = arguments.output or Path(f"{arguments.name}.test.wav")
    rate = engines.synthesizer.sample_rate
    with AudioWriter(path, rate) as writer:
        for chunk in engines.synthesizer.synthesize(arguments.text, language=language, voice=voice):
            writer.write(chunk)
        if not writer.position:
            raise EngineError(f"there is nothing to say in {arguments.text!r}")
    seconds = writer.position / rate
    printer.result(str(path))
    printer.status(f"{seconds:.1f} s of {language} by {engines.name}")
    printer.result_json({"audio": str(path), "duration_s": round(seconds, 3), "to": language})
    return 0


def run_export(arguments: argparse.Namespace, printer: Printer) -> int:
    """Copy a voice out."""
    from stslocal.voices.store import VoiceStore

    printer.result(str(VoiceStore().export(arguments.name, arguments.path)))
    return 0


def run_import(arguments: argparse.Namespace, printer: Printer) -> int:
    """Copy a voice in, after a look at what it is."""
    from stslocal.voices.store import VoiceStore

    profile = VoiceStore().import_file(
        arguments.path, name=arguments.name, overwrite=arguments.overwrite
    )
    consent = profile.provenance.get("consent", "none was recorded")
    printer.result(f"{profile.name}: a voice for {profile.engine}; consent: {consent}")
    return 0


def run_remove(arguments: argparse.Namespace, printer: Printer) -> int:
    """Delete voices."""
    from stslocal.voices.store import VoiceStore

    saved = VoiceStore()
    for name in arguments.names:
        saved.path(name)
    for name in arguments.names:
        saved.remove(name)
        printer.result(f"{name}: removed")
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    flags = {"target": arguments.to, "tts": arguments.tts, "device": arguments.device}
    return Settings.load(flags)


def _described(profile: VoiceProfile, path: Path) -> dict[str, Any]:
    return {
        "name": profile.name,
        "engine": profile.engine,
        "path": str(path),
        "pitch_semitones": round(profile.pitch_semitones, 2),
        "provenance": dict(profile.provenance),
    }


def _figures(quality: ReferenceQuality) -> dict[str, Any]:
    return {
        "speech_s": round(quality.speech_s, 2),
        "level_dbfs": round(quality.level_dbfs, 1),
        "clipped_share": round(quality.clipped_share, 5),
        "snr_db": round(quality.snr_db, 1),
        "pitch_hz": round(quality.pitch_hz, 1),
        "faults": list(quality.faults),
    }


def _add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument("--to", metavar="LANG", help="language to speak (default: your settings')")
    command.add_argument("--tts", metavar="NAME", help="synthesizer (default: auto)")
    command.add_argument("--device", choices=DEVICES, help="default: auto")


def _add_overwrite(command: argparse.ArgumentParser) -> None:
    command.add_argument("--overwrite", action="store_true", help="replace a voice of that name")


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print the result as JSON")

"""`stslocal voices`: makes, lists, tries, copies and deletes voices."""

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

With XTTS the voice is a clone of the speaker's. Without XTTS it is the nearest built-in voice, at
the speaker's pitch. Voices are files of numbers and text. They lie in the folder STSLOCAL_VOICES,
else in your data folder.
"""


def add_parser(subparsers: Any) -> None:
    """Add `voices` and its own commands."""
    parser = subparsers.add_parser(
        "voices", help="make a voice from a recording, and keep it", description=_DESCRIPTION
    )
    add = actions_of(parser)
    command = add("enroll", run_enroll, "make a voice from recordings of one speaker")
    command.add_argument("name", metavar="NAME", help="name of the new voice")
    command.add_argument("clips", nargs="+", type=Path, metavar="CLIP", help="recordings of them")
    command.add_argument(
        "--consent", metavar="TEXT", help="who agreed to its use, for what; kept with the voice"
    )
    _add_overwrite(command)
    _add_engine(command)
    _add_json(command)

    _add_json(add("list", run_list, "list your saved voices"))

    command = add("show", run_show, "show where a voice comes from")
    command.add_argument("name", metavar="NAME")
    _add_json(command)

    command = add("test", run_test, "speak a text in a voice, into a WAV file")
    command.add_argument("name", metavar="NAME", help="a saved voice, or a built-in one")
    command.add_argument("text", metavar="TEXT", help="text to speak")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: NAME.test.wav")
    _add_engine(command)
    _add_json(command)

    command = add("export", run_export, "copy a voice to a file, to be imported elsewhere")
    command.add_argument("name", metavar="NAME")
    command.add_argument("path", type=Path, metavar="PATH", help="a new file, or a folder")

    command = add("import", run_import, "save a voice that was exported")
    command.add_argument("path", type=Path, metavar="FILE")
    command.add_argument("--name", metavar="NAME", help="default: its own name")
    _add_overwrite(command)

    command = add("remove", run_remove, "delete voices")
    command.add_argument("names", nargs="+", metavar="NAME")


def run_enroll(arguments: argparse.Namespace, printer: Printer) -> int:
    """Make a voice from recordings, which are judged before anything is loaded."""
    from stslocal.loading.load import load_voice_engines
    from stslocal.models.store import ModelStore
    from stslocal.voices.enrol import Reference, enrol
    from stslocal.voices.store import VoiceStore

    if not (arguments.consent or "").strip():
        raise SettingsError(
            "say whose voice it is and that they agree to its use, such as "
            '`--consent "my own voice"`: the text is kept with the voice'
        )
    saved = VoiceStore()
    saved.path_for_new(arguments.name, overwrite=arguments.overwrite)
    settings = _settings(arguments)
    reference = Reference.read(arguments.clips)
    if len(reference.clips) > 1:
        for path, quality in reference.clips:
            printer.status(f"{path.name}: {quality.verdict}")
    engines = load_voice_engines(settings, ModelStore.discover())
    if engines.has_built_in(arguments.name):
        raise SettingsError(f"{arguments.name} is a built-in voice: choose another name")
    profile = enrol(
        engines,
        reference,
        name=arguments.name,
        language=settings.target or "en",
        consent=arguments.consent.strip(),
    )
    path = saved.save(profile, overwrite=arguments.overwrite)
    printer.result(f"{profile.name}: {reference.quality.verdict}")
    printer.result(f"saved in {path}: use it with `--voice {profile.name}`")
    row = {**_voice_row(profile, path), "quality": _quality_row(reference.quality)}
    printer.result_json(row)
    return 0


def run_list(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print a line for each saved voice."""
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
    """Print everything that is known about a voice."""
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
    printer.result_json(_voice_row(profile, path))
    return 0


def run_test(arguments: argparse.Namespace, printer: Printer) -> int:
    """Speak a text into a WAV file. A saved voice is spoken by the engine that it was made for."""
    from stslocal.audio.encode import AudioWriter
    from stslocal.errors import EngineError
    from stslocal.loading.load import load_voice_engines
    from stslocal.models.store import ModelStore
    from stslocal.voices.store import VoiceStore

    saved = VoiceStore()
    profile = saved.load(arguments.name) if arguments.name in saved else None
    if profile is not None and arguments.tts is None:
        arguments.tts = profile.engine
    settings = _settings(arguments)
    engines = load_voice_engines(settings, ModelStore.discover())
    own_language = profile.provenance.get("language") if profile else None
    language = settings.target or own_language or "en"
    voice = engines.voice(arguments.name, language=language)
    path: Path = arguments.output or Path(f"{arguments.name}.test.wav")
    rate = engines.synthesizer.sample_rate
    with AudioWriter(path, rate) as writer:
        for chunk in engines.synthesizer.synthesize(arguments.text, language=language, voice=voice):
            writer.write(chunk)
        if not writer.position:
            raise EngineError(f"{arguments.text!r} has no words to speak: give another text")
    seconds = writer.position / rate
    printer.result(str(path))
    printer.status(f"{seconds:.1f} s of {language} by {engines.name}")
    printer.result_json({"audio": str(path), "duration_s": round(seconds, 3), "to": language})
    return 0


def run_export(arguments: argparse.Namespace, printer: Printer) -> int:
    """Copy a voice to a file."""
    from stslocal.voices.store import VoiceStore

    printer.result(str(VoiceStore().export(arguments.name, arguments.path)))
    return 0


def run_import(arguments: argparse.Namespace, printer: Printer) -> int:
    """Check an exported voice and save it."""
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


def _voice_row(profile: VoiceProfile, path: Path) -> dict[str, Any]:
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


def _add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument("--to", metavar="LANG", help="language to speak (default: your settings')")
    command.add_argument("--tts", metavar="NAME", help="synthesizer (default: auto)")
    command.add_argument("--device", choices=DEVICES, help="default: auto")


def _add_overwrite(command: argparse.ArgumentParser) -> None:
    command.add_argument("--overwrite", action="store_true", help="replace a voice of that name")


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print the result as JSON")

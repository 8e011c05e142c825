"""`stslocal voices`: makes, lists, tries, copies and deletes voices."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from stslocal.cli import voices_enroll, voices_list
from stslocal.cli.arguments import actions_of, add_json
from stslocal.cli.output import Printer
from stslocal.errors import SettingsError
from stslocal.languages import name_of
from stslocal.settings import DEVICES, Settings

_DESCRIPTION = """\
A voice is made once from a recording and then used with `--voice NAME`, by translate and live.

  stslocal voices enroll maria clip.wav --consent "Maria: for our lectures"
  stslocal voices test maria "Bom dia." --to pt
  stslocal voices list --built-in --to pt
  stslocal translate talk.mp3 --to pt --voice maria

With Pocket TTS or XTTS the voice is cloned from the speaker's. Without them it is a built-in voice:
with the voice converter OpenVoice it is converted into the speaker's, and else it is the nearest
one. Voices are files of numbers and text. They lie in the folder STSLOCAL_VOICES, else in your data
folder.
"""


def add_parser(subparsers: Any) -> None:
    """Add `voices` and its own commands."""
    parser = subparsers.add_parser(
        "voices", help="make a voice from a recording, and keep it", description=_DESCRIPTION
    )
    add = actions_of(parser)
    command = add("enroll", run_enroll, "make a voice from recordings of one speaker")
    voices_enroll.add_arguments(command)
    _add_engine(command)
    add_json(command)

    voices_list.add_arguments(
        add("list", voices_list.run_list, "list your saved voices, or the built-in ones")
    )

    command = add("show", run_show, "show where a voice comes from")
    command.add_argument("name", metavar="NAME")
    add_json(command)

    command = add("test", run_test, "speak a text in a voice, into a WAV file")
    command.add_argument("name", metavar="NAME", help="a saved voice, or a built-in one")
    command.add_argument("text", metavar="TEXT", help="text to speak")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: NAME.test.wav")
    _add_engine(command)
    add_json(command)

    command = add("export", run_export, "copy a voice to a file, to be imported elsewhere")
    command.add_argument("name", metavar="NAME")
    command.add_argument("path", type=Path, metavar="PATH", help="a new file, or a folder")
    add_json(command)

    command = add("import", run_import, "save a voice that was exported")
    command.add_argument("path", type=Path, metavar="FILE")
    command.add_argument("--name", metavar="NAME", help="default: its own name")
    _add_overwrite(command)
    add_json(command)

    command = add("remove", run_remove, "delete voices")
    command.add_argument("names", nargs="+", metavar="NAME")
    add_json(command)


def run_enroll(arguments: argparse.Namespace, printer: Printer) -> int:
    """Make a voice from recordings and save it."""
    return voices_enroll.enroll(arguments, _settings(arguments), printer)


def run_show(arguments: argparse.Namespace, printer: Printer) -> int:
    """Print everything that is known about a voice."""
    from stslocal.voices.store import VoiceStore

    saved = VoiceStore()
    profile, path = saved.load(arguments.name), saved.path(arguments.name)
    rows = {
        "name": profile.name,
        "kind": voices_enroll.kind_in_words(profile),
        "engine": profile.engine,
        "file": str(path),
    }
    if profile.pitch_semitones:
        rows["pitch"] = f"{profile.pitch_semitones:+.1f} semitones"
    rows.update(profile.provenance)
    rows.setdefault("consent", "none was recorded")
    width = max(map(len, rows))
    for key, value in rows.items():
        printer.result(f"{key.replace('_', ' '):{width}}  {value}")
    printer.result_json("voice", voices_enroll.voice_row(profile, path))
    return 0


def run_test(arguments: argparse.Namespace, printer: Printer) -> int:
    """Speak a text into a WAV file. A saved voice is spoken by the engine that it was made for."""
    from stslocal.audio.encode import AudioWriter
    from stslocal.engines import registry
    from stslocal.errors import EngineError
    from stslocal.files.checks import check_writable
    from stslocal.loading.advice import SPEAKING, device_advice
    from stslocal.loading.load import check_speaking, load_voice_engines
    from stslocal.models.store import ModelStore
    from stslocal.voices.choose import check_voice
    from stslocal.voices.store import VoiceStore

    no_words = f"{arguments.text!r} has no words to speak: give another text"
    if not any(letter.isalnum() for letter in arguments.text):
        raise SettingsError(no_words)
    saved, store = VoiceStore(), ModelStore.discover()
    profile = saved.load(arguments.name) if arguments.name in saved else None
    converters = registry.names(registry.VOICE_CONVERTER)
    if profile is not None and arguments.tts is None and profile.engine not in converters:
        arguments.tts = profile.engine
    settings = replace(_settings(arguments), voice=arguments.name)
    own_language = profile.provenance.get("language") if profile else None
    language = settings.target or own_language or "en"
    settings = replace(settings, target=language)
    taken = check_speaking(settings, store)
    check_voice(arguments.name, taken.synthesizer, store, saved, taken.converter)
    path: Path = arguments.output or Path(f"{arguments.name}.test.wav")
    check_writable(path, makes_folder=False)
    engines = load_voice_engines(settings, store)
    if advice := device_advice(taken, settings, SPEAKING):
        printer.status(advice)
    voice = engines.voice(arguments.name, language=language)
    rate = engines.synthesizer.sample_rate
    with AudioWriter(path, rate) as writer:
        for chunk in engines.synthesizer.synthesize(arguments.text, language=language, voice=voice):
            writer.write(chunk)
        if not writer.position:
            raise EngineError(no_words)
    seconds = writer.position / rate
    printer.result(str(path))
    printer.status(f"{seconds:.1f} s of {name_of(language)} by {engines.name}")
    row = {"audio": str(path), "duration_s": round(seconds, 3), "to": language}
    printer.result_json("speech", row)
    return 0


def run_export(arguments: argparse.Namespace, printer: Printer) -> int:
    """Copy a voice to a file."""
    from stslocal.voices.store import VoiceStore

    path = VoiceStore().export(arguments.name, arguments.path)
    printer.result(str(path))
    printer.result_json("exported", {"name": arguments.name, "path": str(path)})
    return 0


def run_import(arguments: argparse.Namespace, printer: Printer) -> int:
    """Check an exported voice and save it."""
    from stslocal.voices.store import VoiceStore

    saved = VoiceStore()
    profile = saved.import_file(arguments.path, name=arguments.name, overwrite=arguments.overwrite)
    consent = profile.provenance.get("consent", "none was recorded")
    printer.result(f"{profile.name}: a voice for {profile.engine}; consent: {consent}")
    path = saved.path(profile.name)
    printer.result_json("voice", voices_enroll.voice_row(profile, path))
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
    printer.result_json("removed", arguments.names)
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    flags = {"target": arguments.to, "tts": arguments.tts, "device": arguments.device}
    return Settings.load(flags)


def _add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument("--to", metavar="LANG", help="language to speak (default: your settings')")
    command.add_argument("--tts", metavar="NAME", help="synthesizer (default: auto)")
    command.add_argument("--device", choices=DEVICES, help="default: auto")


def _add_overwrite(command: argparse.ArgumentParser) -> None:
    command.add_argument("--overwrite", action="store_true", help="replace a voice of that name")

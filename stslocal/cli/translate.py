"""`stslocal translate`: translates recordings into speech, subtitles and session files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stslocal.cli.arguments import JSON_LINES, add_engine_options, add_language_options
from stslocal.cli.file_options import (
    add_check_options,
    add_given_options,
    add_original_options,
    add_sharing_options,
    add_sound_options,
    add_subtitle_options,
    add_video_options,
    check_without_speech,
    file_options,
    listed_languages,
    settings_with_subtitles,
)
from stslocal.cli.file_translations import FileTranslations
from stslocal.cli.loading_progress import load_reported
from stslocal.cli.output import Printer
from stslocal.cli.ray_translations import RayTranslations, add_cluster_options, check_cluster
from stslocal.cli.references import check_reference
from stslocal.cli.sentences import report_sentence
from stslocal.cli.speaker_options import add_speaker_options
from stslocal.cli.streams import was_closed
from stslocal.cli.usage import example_with_language, text_alone
from stslocal.errors import NotSpokenError, SettingsError, StslocalError
from stslocal.files.plan import STDIN, FileTask, plan_files
from stslocal.files.shard import Shard
from stslocal.files.watch import Watch
from stslocal.foreign_files import PathKind, kind_of
from stslocal.settings import (
    AUTO_FORMAT,
    LIKE_THE_SPEAKER,
    NO_SPEECH,
    OUTPUT_FORMATS,
    SOUND_FORMATS,
    VIDEO_FORMATS,
    Settings,
)

_EPILOG = """\
examples:
  stslocal translate talk.mp3 --to pt
  stslocal translate lectures/ --to en -o translated --output-format mp3
  stslocal translate incoming/ --to en -o translated --watch
  stslocal translate talk.mp4 --to pt --voice pm_alex --subtitles srt
  stslocal translate talk.mp3 --to uk --tts none
  stslocal translate meeting.mp3 --from en,pt --to pt --speakers auto
  arecord -d 20 -f cd | stslocal translate - --to pt > said.wav

The results lie beside each recording, or in the folder given with -o: NAME.LANG.wav, subtitles
of the translation (NAME.LANG.srt) and of the source (NAME.en.srt for English), and
NAME.LANG.session.json with every segment's words, times and translation. A video gives a video,
such as NAME.LANG.mp4: its pictures as they are, the translated sound, the original beside it, and
the subtitles.

With --tts none nothing is spoken, so any language can be chosen into which is translated: subtitles
and session file are written, and a video has its own sound and the subtitles.

A recording whose results are there is not translated again, also if you corrected them. A file that
stslocal did not write, or that was changed since, is replaced with --overwrite only.

Several processes, also on several machines, may translate the same folder: no recording is
translated twice, and that of a process that died is taken over.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "translate",
        help="translate recordings into speech in another language",
        description="Translate recordings into speech in another language, in a voice like the "
        "speaker's.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="recordings or videos, folders of them, or patterns; - reads WAV from stdin "
        "and writes WAV to stdout",
    )
    add_language_options(parser)
    output = parser.add_argument_group("results")
    output.add_argument(
        "-o", "--output-dir", type=Path, metavar="DIR",
        help="folder for the results, or one file name such as said.mp3 or said.mp4 (default: "
        "beside each recording)",
    )  # fmt: skip
    output.add_argument(
        "--output-format", choices=(AUTO_FORMAT, *OUTPUT_FORMATS), metavar="FORMAT",
        help=f"{', '.join(SOUND_FORMATS)}; {', '.join(VIDEO_FORMATS)}: a video with the translated "
        "sound; auto (default): a video for a video, else wav",
    )  # fmt: skip
    add_video_options(output)
    add_subtitle_options(output)
    output.add_argument(
        "--overwrite", action="store_true",
        help="translate again even if the results are there, and replace whatever has their names",
    )  # fmt: skip
    output.add_argument("--json", action="store_true", help="print the results as JSON")
    output.add_argument(
        JSON_LINES, action="store_true",
        help="print each sentence as JSON when it is ready, a line each, and then the results",
    )  # fmt: skip
    add_sharing_options(parser)
    add_given_options(parser)
    add_cluster_options(parser)
    add_sound_options(parser)
    add_original_options(parser)
    add_speaker_options(parser)
    voice = parser.add_argument_group("voice")
    voice.add_argument(
        "--voice", metavar="NAME",
        help="auto (default), convert or match: like the speaker's; or the name of a voice",
    )  # fmt: skip
    voice.add_argument(
        "--reference", type=Path, metavar="FILE", help="match the speaker of this recording instead"
    )
    voice.add_argument(
        "--speed-cap", type=float, metavar="X",
        help="fastest rate of the translated speech, from 1 to 2 times its own (default: 1.5)",
    )  # fmt: skip
    voice.add_argument(
        "--max-lag", dest="max_lag_s", type=float, metavar="SECONDS",
        help="speak faster than 1.2 where a sentence would be later than this (default: 4)",
    )  # fmt: skip
    add_check_options(parser)
    add_engine_options(
        parser,
        tts="synthesizer; none: no speech, but subtitles, session and report alone (default: auto)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Translate the recordings; 0 when all of them are done."""
    try:
        return _run(arguments, printer)
    except NotSpokenError as error:
        command = text_alone("translate", arguments, arguments.inputs)
        fault = str(error).partition(":")[0]
        raise SettingsError(f"{fault}: {command} writes subtitles alone") from error


def _run(arguments: argparse.Namespace, printer: Printer) -> int:
    settings = _settings(arguments)
    if not settings.target:
        example = example_with_language("translate", *arguments.inputs[:1])
        raise SettingsError(f"name the language to translate into with --to, such as {example}")
    if settings.source == settings.target:
        raise SettingsError(
            f"--from and --to are both {settings.target}: there is nothing to translate"
        )
    settings = settings_with_subtitles(settings, arguments)
    if arguments.reference is not None and settings.voice not in LIKE_THE_SPEAKER:
        raise SettingsError("--reference needs `--voice auto`, which is the default")
    if not settings.is_spoken:
        check_without_speech(arguments, printer)
    check_cluster(arguments)
    if STDIN in arguments.inputs:
        return _run_stream(arguments, settings, printer)
    _check_output_name(arguments)
    shard = None if arguments.shard is None else Shard.parse(arguments.shard)
    find = _finder(arguments, settings, printer, shard)
    if arguments.watch:
        _check_watch(arguments)
        return FileTranslations([], settings, arguments, printer).run_watch(Watch(find))
    tasks = find()
    if not tasks:
        printer.status(f"no recording is in share {shard}: it has nothing to do")
    translations = FileTranslations if arguments.ray is None else RayTranslations
    return translations(tasks, settings, arguments, printer).run()


def _finder(
    arguments: argparse.Namespace, settings: Settings, printer: Printer, shard: Shard | None
) -> Callable[[], list[FileTask]]:
    """The function that finds the recordings; what it leaves out, it says once."""
    reported: set[str] = set()

    def warn(text: str) -> None:
        if text not in reported:
            reported.add(text)
            printer.warning(text)

    def find() -> list[FileTask]:
        try:
            return plan_files(
                arguments.inputs,
                target=settings.target,
                output=arguments.output_dir,
                output_format=settings.output_format,
                is_spoken=settings.is_spoken,
                shard=shard,
                may_be_empty=arguments.watch,
                on_skipped=warn,
            )
        except StslocalError as error:
            if not arguments.watch:
                raise
            warn(str(error))  # what a person adds next may repair it
            return []

    return find


def _check_watch(arguments: argparse.Namespace) -> None:
    for text in arguments.inputs:
        if kind_of(text) is not PathKind.FOLDER:
            raise SettingsError(f"--watch watches folders, and {text} is none: name a folder")
    output = arguments.output_dir
    if output is not None and output.suffix[1:].lower() in OUTPUT_FORMATS and not output.is_dir():
        raise SettingsError(f"--watch writes many results: give a folder with -o, not {output}")


def _check_output_name(arguments: argparse.Namespace) -> None:
    """Refuse `-o said.mp3 --output-format flac`."""
    output, wanted = arguments.output_dir, arguments.output_format
    if output is None or wanted is None or output.is_dir():
        return
    named = output.suffix[1:].lower()
    if named in OUTPUT_FORMATS and wanted not in (AUTO_FORMAT, named):
        raise SettingsError(f"{output} is not named as {wanted}: leave out --output-format")


def _run_stream(arguments: argparse.Namespace, settings: Settings, printer: Printer) -> int:
    from stslocal.files.speak import PlacedSegment
    from stslocal.files.write import translate_to_stream
    from stslocal.models.store import ModelStore

    if arguments.inputs != [STDIN]:
        raise SettingsError("- stands for stdin: leave out the other inputs")
    if not settings.is_spoken:
        raise SettingsError(
            f"with `--tts {NO_SPEECH}` subtitles are written beside a file: name one instead of -"
        )
    if arguments.watch or arguments.shard is not None or arguments.ray is not None:
        raise SettingsError("--watch, --shard and --ray are for folders: leave them out with -")
    if arguments.speakers is not None or arguments.channels == "speakers":
        raise SettingsError(
            "the speakers of stdin are not found, because it can be read once only: give a file "
            "instead of -"
        )
    if arguments.original not in (None, "auto", "off"):
        raise SettingsError("--original needs a file, which can be read twice: leave it out with -")
    if arguments.background == "keep":
        raise SettingsError(
            "--background keep needs a file, which can be read twice: leave it out with -"
        )
    if arguments.json or arguments.json_lines or arguments.output_dir is not None:
        raise SettingsError("with - as input the translation is written to stdout: leave out "
                            "--json, --json-lines and -o")  # fmt: skip
    if settings.output_format in VIDEO_FORMATS:
        raise SettingsError(
            f"no {settings.output_format} can be written to stdout: name the video, as in "
            "`stslocal translate talk.mp4 --to pt`"
        )
    for stream, name, remedy in (
        (sys.stdout, "stdout", "send the WAV to a file with `> said.wav`"),
        (sys.stdin, "stdin", "give it a recording with `< talk.wav`"),
    ):
        if stream.isatty():
            raise SettingsError(f"{name} is a terminal: {remedy}")
        if was_closed(stream):
            raise SettingsError(f"{name} is closed: {remedy}")
    store = ModelStore.discover()
    check_reference(arguments.reference, store)
    engines = load_reported(settings, store, printer)
    options = file_options(settings, arguments)

    def show_sentence(placed: PlacedSegment) -> None:
        report_sentence(printer, placed)

    for warning in translate_to_stream(
        engines, sys.stdin.buffer, sys.stdout.buffer, options, on_segment=show_sentence
    ):
        printer.warning(warning)
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    names = ("source", "voice", "asr", "mt", "tts", "device", "compute_type", "threads",
             "glossary", "output_format", "subtitles", "subtitle_times", "original",
             "background", "speed_cap", "max_lag_s", "check")  # fmt: skip
    flags = {name: getattr(arguments, name) for name in names}
    if listed_languages(arguments.source):
        flags["source"] = "auto"
    return Settings.load({**flags, "target": arguments.to})

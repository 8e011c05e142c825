"""`stslocal translate`: translates recordings into speech, subtitles and session files."""

from __future__ import annotations

import argparse
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from stslocal.cli.arguments import add_engine_options, add_language_options
from stslocal.cli.file_errors import sentence_of
from stslocal.cli.file_options import add_sound_options, file_options
from stslocal.cli.output import Printer, format_duration, report_selection
from stslocal.errors import SettingsError
from stslocal.files.plan import STDIN, FileTask, plan_files
from stslocal.settings import (
    OUTPUT_FORMATS,
    SUBTITLE_FORMATS,
    Settings,
)

if TYPE_CHECKING:
    from stslocal.files.write import FileProgress, TranslatedSpeech
    from stslocal.loading.engines import Engines
    from stslocal.loading.selection import EngineSelection
    from stslocal.models.store import ModelStore

_log = logging.getLogger(__name__)

_EPILOG = """\
examples:
  stslocal translate talk.mp3 --to pt
  stslocal translate lectures/ --to en -o translated --output-format mp3
  stslocal translate talk.mp4 --to pt --voice pm_alex --subtitles srt
  arecord -d 20 -f cd | stslocal translate - --to pt > said.wav

The results lie beside each recording, or in the folder given with -o: NAME.LANG.wav, subtitles
of the translation (NAME.LANG.srt) and of the source (NAME.LANG.source.srt), and
NAME.LANG.session.json with every segment's words, times and translation. A recording whose
results are there and whole is not translated again.
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
        help="folder for the results, or one file name (default: beside each recording)",
    )  # fmt: skip
    output.add_argument("--output-format", choices=OUTPUT_FORMATS, help="default: wav")
    output.add_argument(
        "--subtitles", type=_subtitles, metavar="KINDS",
        help=f"{','.join(SUBTITLE_FORMATS)} or none (default: {','.join(SUBTITLE_FORMATS)})",
    )  # fmt: skip
    output.add_argument(
        "--overwrite", action="store_true", help="translate again even if the results are there"
    )
    output.add_argument("--json", action="store_true", help="print the results as JSON")
    add_sound_options(parser)
    voice = parser.add_argument_group("voice")
    voice.add_argument(
        "--voice", metavar="NAME",
        help="match: the voice nearest to the speaker's (default), or the name of a voice",
    )  # fmt: skip
    voice.add_argument(
        "--reference", type=Path, metavar="FILE", help="match the speaker of this recording instead"
    )
    voice.add_argument(
        "--speed-cap", type=float, metavar="X",
        help="fastest rate of the translated speech, from 1 to 2 times its own (default: 1.2)",
    )  # fmt: skip
    add_engine_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, printer: Printer) -> int:
    """Translate the recordings; 0 when all of them are done."""
    settings = _settings(arguments)
    if not settings.target:
        raise SettingsError("name the language to speak with --to, such as `--to pt`")
    if settings.source == settings.target:
        raise SettingsError(
            f"--from and --to are both {settings.target}: there is nothing to translate"
        )
    if arguments.reference is not None and settings.voice != "match":
        raise SettingsError("--reference needs `--voice match`, which is the default")
    if STDIN in arguments.inputs:
        return _run_stream(arguments, settings, printer)
    tasks = plan_files(
        arguments.inputs,
        target=settings.target,
        output=arguments.output_dir,
        output_format=settings.output_format,
        on_skipped=printer.warning,
    )
    return _FileTranslations(tasks, settings, arguments, printer).run()


class _FileTranslations:
    """Translates the files of one command line, one after the other."""

    def __init__(
        self,
        tasks: list[FileTask],
        settings: Settings,
        arguments: argparse.Namespace,
        printer: Printer,
    ) -> None:
        from stslocal.loading.select import select_engines
        from stslocal.models.store import ModelStore

        self._tasks = tasks
        self._settings = settings
        self._overwrite: bool = arguments.overwrite
        self._options = file_options(settings, arguments)
        self._printer = printer
        self._store: ModelStore = ModelStore.discover()
        self._selection = select_engines(settings, self._store)
        self._engines: Engines | None = None
        self._tried_to_load = False
        self._results: list[dict[str, object]] = []
        self._failures: list[Exception] = []

    def run(self) -> int:
        """Translate the files that are not translated yet; one that fails does not stop the rest.

        Returns the exit code. Raises the error of a file when it is the only one.
        """
        try:
            for task in self._tasks:
                with self._border(task):
                    if self._is_done_earlier(task):
                        continue
                    self._translate(task)
        finally:
            self._printer.result_json(self._results)
        if len(self._tasks) > 1:
            done = len(self._tasks) - len(self._failures)
            self._printer.status(f"{done} of {len(self._tasks)} recordings are translated")
        return 1 if self._failures else 0

    @contextmanager
    def _border(self, task: FileTask) -> Iterator[None]:
        """Report any error of one recording, a bug included, so that the others go on.

        Raises it when the recording is the only one, and when the models cannot be loaded: then
        no recording can be translated.
        """
        try:
            yield
        except Exception as error:
            if len(self._tasks) == 1 or (self._tried_to_load and self._engines is None):
                raise
            self._failures.append(error)
            sentence = sentence_of(error, task.source)
            self._printer.error(sentence)
            _log.debug("%s failed", task.source, exc_info=error)
            if self._printer.verbosity >= 2:
                traceback.print_exception(error)
            self._results.append({"input": str(task.source), "error": sentence})

    def _is_done_earlier(self, task: FileTask) -> bool:
        from stslocal.files.write import session_of_earlier_run

        if self._overwrite:
            return False
        earlier = session_of_earlier_run(task, self._options, self._selection)
        if earlier is None:
            return False
        self._printer.status(f"{task.source.name}: done earlier (--overwrite translates it again)")
        self._add_result(task, {"earlier": True, "duration_s": earlier.source.duration_s})
        return True

    def _prepare_engines(self) -> Engines:
        if self._engines is None:
            self._tried_to_load = True
            self._engines = _load_engines(
                self._settings, self._store, self._printer, self._selection
            )
        return self._engines

    def _translate(self, task: FileTask) -> None:
        speech = self._translate_with_progress(self._prepare_engines(), task)
        for warning in speech.session.warnings:
            fault = warning.removeprefix(f"{task.source}: ")  # those of decoding name the file
            self._printer.warning(f"{task.source.name}: {fault}")
        self._add_result(
            task,
            {
                "earlier": False,
                "duration_s": round(speech.session.source.duration_s, 3),
                "elapsed_s": round(speech.elapsed_s, 3),
                "real_time_factor": round(speech.real_time_factor, 3),
                "from": speech.session.source_language,
                "to": speech.session.target_language,
                "segments": len(speech.session.segments),
                "warnings": list(speech.session.warnings),
            },
        )
        self._printer.status(
            f"{task.source.name}: {format_duration(speech.session.source.duration_s)} "
            f"in {speech.elapsed_s:.1f} s (real-time factor {speech.real_time_factor:.2f})"
        )

    def _translate_with_progress(self, engines: Engines, task: FileTask) -> TranslatedSpeech:
        from stslocal.files.write import translate_to_files

        with self._printer.progress(task.source.name, unit="audio") as bar:

            def show(progress: FileProgress) -> None:
                bar.update(
                    progress.done_s,
                    total=progress.total_s,
                    note=f"real-time factor {progress.real_time_factor:.2f}",
                )

            return translate_to_files(engines, task, self._options, on_progress=show)

    def _add_result(self, task: FileTask, row: dict[str, object]) -> None:
        self._printer.result(str(task.audio))
        self._results.append(
            {
                "input": str(task.source),
                "audio": str(task.audio),
                "session": str(task.session),
                **row,
            }
        )


def _run_stream(arguments: argparse.Namespace, settings: Settings, printer: Printer) -> int:
    from stslocal.files.write import translate_to_stream
    from stslocal.models.store import ModelStore

    if arguments.inputs != [STDIN]:
        raise SettingsError("- stands for stdin: leave out the other inputs")
    if arguments.json or arguments.output_dir is not None:
        raise SettingsError("with - as input the translation is written to stdout: leave out "
                            "--json and -o")  # fmt: skip
    if sys.stdout.isatty():
        raise SettingsError("stdout is a terminal: send the WAV to a file with `> said.wav`")
    engines = _load_engines(settings, ModelStore.discover(), printer)
    options = file_options(settings, arguments)
    for warning in translate_to_stream(engines, sys.stdin.buffer, sys.stdout.buffer, options):
        printer.warning(warning)
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    names = ("source", "voice", "asr", "mt", "tts", "device", "compute_type", "threads",
             "glossary", "output_format", "subtitles", "speed_cap")  # fmt: skip
    flags = {name: getattr(arguments, name) for name in names}
    return Settings.load({**flags, "target": arguments.to})


def _load_engines(
    settings: Settings,
    store: ModelStore,
    printer: Printer,
    selection: EngineSelection | None = None,
) -> Engines:
    from stslocal.loading.load import load_engines

    began = perf_counter()
    engines = load_engines(settings, store, selection=selection, announce=printer.status)
    report_selection(engines.selection, printer)
    engines.check(settings)
    printer.detail(f"models loaded in {perf_counter() - began:.1f} s")
    return engines


def _subtitles(text: str) -> list[str]:
    return [] if text == "none" else [part.strip() for part in text.split(",")]

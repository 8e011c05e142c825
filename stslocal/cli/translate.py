"""`stslocal translate`: translates recordings into speech, subtitles and session files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from stslocal.cli.arguments import add_engine_options, add_language_options
from stslocal.cli.output import Printer, format_duration, report_selection
from stslocal.errors import OutputError, SettingsError, StslocalError, root_cause
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

_EPILOG = """\
examples:
  stslocal translate talk.mp3 --to pt
  stslocal translate lectures/ --to en -o translated --output-format mp3
  stslocal translate talk.mp4 --to pt --voice pm_alex --subtitles srt
  arecord -d 20 -f cd | stslocal translate - --to pt > said.wav

The results lie beside each recording, or in the folder given with -o: NAME.LANG.wav, subtitles
of the translation (NAME.LANG.srt) and of the source (NAME.en.srt for English), and
NAME.LANG.session.json with every segment's words, times and translation. A recording whose
results are there is not translated again, also if you corrected them. A file that stslocal did not
write, or that was changed since, is replaced with --overwrite only.
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
        help="folder for the results, or one file name such as said.mp3 (default: beside each "
        "recording)",
    )  # fmt: skip
    output.add_argument("--output-format", choices=OUTPUT_FORMATS, help="default: wav")
    output.add_argument(
        "--subtitles", type=_subtitles, metavar="KINDS",
        help=f"{','.join(SUBTITLE_FORMATS)} or none (default: {','.join(SUBTITLE_FORMATS)})",
    )  # fmt: skip
    output.add_argument(
        "--overwrite", action="store_true",
        help="translate again even if the results are there, and replace whatever has their names",
    )  # fmt: skip
    output.add_argument("--json", action="store_true", help="print the results as JSON")
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
    _check_output_name(arguments)
    tasks = plan_files(
        arguments.inputs,
        target=settings.target,
        output=arguments.output_dir,
        output_format=settings.output_format,
    )
    return _FileTranslations(tasks, settings, arguments, printer).run()


def _check_output_name(arguments: argparse.Namespace) -> None:
    """Refuse `-o said.mp3 --output-format flac`."""
    output, wanted = arguments.output_dir, arguments.output_format
    if output is None or wanted is None or output.is_dir():
        return
    named = output.suffix[1:].lower()
    if named in OUTPUT_FORMATS and named != wanted:
        raise SettingsError(f"{output} is not named as {wanted}: leave out --output-format")


class _FileTranslations:
    """Translates the files of one command line, one after the other."""

    def __init__(
        self,
        tasks: list[FileTask],
        settings: Settings,
        arguments: argparse.Namespace,
        printer: Printer,
    ) -> None:
        from stslocal.files.options import FileOptions
        from stslocal.loading.select import select_engines
        from stslocal.models.store import ModelStore

        self._tasks = tasks
        self._settings = settings
        self._overwrite: bool = arguments.overwrite
        self._options = FileOptions.from_settings(settings, arguments.reference)
        self._printer = printer
        self._store: ModelStore = ModelStore.discover()
        self._selection = select_engines(settings, self._store)
        self._engines: Engines | None = None
        self._results: list[dict[str, object]] = []
        self._failures: list[StslocalError] = []

    def run(self) -> int:
        """Translate the files that are not translated yet; one that fails does not stop the rest.

        Returns the exit code. Raises the error of a file when it is the only one.
        """
        try:
            # What may not be replaced is reported before the models are loaded.
            for task in [task for task in self._tasks if not self._ends_without_work(task)]:
                self._translate(task)
        finally:
            order = {str(task.source): place for place, task in enumerate(self._tasks)}
            self._results.sort(key=lambda row: order[str(row["input"])])
            self._printer.result_json(self._results)
        if len(self._tasks) > 1:
            done = len(self._tasks) - len(self._failures)
            self._printer.status(f"{done} of {len(self._tasks)} recordings are translated")
        return 1 if self._failures else 0

    def _ends_without_work(self, task: FileTask) -> bool:
        """Report a task that is done, or whose files are not to be replaced; False for others."""
        from stslocal.files.earlier import EarlierFiles

        if self._overwrite:
            return False
        earlier = EarlierFiles(task)
        if result := earlier.result(self._options, self._selection):
            kept = "".join(f"; {name} was changed since and is kept" for name in result.changed)
            self._printer.status(
                f"{task.source.name}: done earlier{kept} (--overwrite translates it again)"
            )
            duration_s = result.session.source.duration_s
            row = {"earlier": True, "duration_s": duration_s, "changed": list(result.changed)}
            self._add_result(task, row)
            return True
        try:
            earlier.refuse_to_replace(task.target_paths(self._options.subtitles))
        except OutputError as error:
            self._fail(task, error)
            return True
        return False

    def _fail(self, task: FileTask, error: StslocalError) -> None:
        """Note that a recording failed. Raises the error of the only recording."""
        if len(self._tasks) == 1:
            raise error
        self._failures.append(error)
        self._printer.error(str(root_cause(error)))
        self._results.append({"input": str(task.source), "error": str(root_cause(error))})

    def _translate(self, task: FileTask) -> None:
        if self._engines is None:
            self._engines = _load_engines(
                self._settings, self._store, self._printer, self._selection
            )
        try:
            speech = self._translate_with_progress(self._engines, task)
        except StslocalError as error:
            self._fail(task, error)
            return
        for warning in speech.session.warnings:
            self._printer.warning(f"{task.source.name}: {warning}")
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

            return translate_to_files(
                engines, task, self._options, overwrite=self._overwrite, on_progress=show
            )

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
    from stslocal.files.options import FileOptions
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
    options = FileOptions.from_settings(settings, arguments.reference)
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

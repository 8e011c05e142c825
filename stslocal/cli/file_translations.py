"""The recordings of one `stslocal translate`, one after the other."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from stslocal.cli.error_sentences import sentence_of
from stslocal.cli.file_options import file_options
from stslocal.cli.output import Printer, format_duration, report_selection
from stslocal.cli.references import check_reference
from stslocal.files.plan import FileTask
from stslocal.settings import Settings

if TYPE_CHECKING:
    from stslocal.files.speak import PlacedSegment
    from stslocal.files.write import FileProgress, TranslatedSpeech
    from stslocal.loading.engines import Engines
    from stslocal.loading.selection import EngineSelection
    from stslocal.models.store import ModelStore

_log = logging.getLogger(__name__)


class FileTranslations:
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
        from stslocal.files.checks import check_task

        try:
            # What can be known before is reported before the models are loaded.
            to_translate = []
            for task in self._tasks:
                with self._border(task):
                    if not self._ends_without_work(task):
                        check_task(task, self._options)
                        to_translate.append(task)
            if to_translate:
                check_reference(self._options.request.reference, self._store)
            for task in to_translate:
                with self._border(task):
                    self._translate(task)
        except BaseException:
            self._printer.unfinished_json("recordings", self._rows())
            raise
        self._printer.result_json("recordings", self._rows())
        if len(self._tasks) > 1:
            done = len(self._tasks) - len(self._failures)
            self._printer.status(f"{done} of {len(self._tasks)} recordings are translated")
        return 1 if self._failures else 0

    def _rows(self) -> list[dict[str, object]]:
        """What became of the recordings so far, in the order of the command line."""
        order = {str(task.source): place for place, task in enumerate(self._tasks)}
        return sorted(self._results, key=lambda row: order[str(row["input"])])

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
                self._printer.traceback(error)
            self._results.append({"input": str(task.source), "error": sentence})

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
        earlier.refuse_to_replace(task.target_paths(self._options.subtitles))
        return False

    def _prepare_engines(self) -> Engines:
        if self._engines is None:
            self._tried_to_load = True
            self._engines = load_reported(
                self._settings, self._store, self._printer, self._selection
            )
        return self._engines

    def _translate(self, task: FileTask) -> None:
        from stslocal.metrics import speed_in_words

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
        speed = speed_in_words(speech.real_time_factor)
        self._printer.status(
            f"{task.source.name}: {format_duration(speech.session.source.duration_s)} "
            f"in {speech.elapsed_s:.1f} s{f' ({speed} than the recording)' if speed else ''}"
        )

    def _translate_with_progress(self, engines: Engines, task: FileTask) -> TranslatedSpeech:
        from stslocal.files.write import translate_to_files
        from stslocal.metrics import speed_in_words

        with self._printer.progress(task.source.name, unit="audio") as bar:

            def show(progress: FileProgress) -> None:
                bar.update(
                    progress.done_s,
                    total=progress.total_s,
                    note=speed_in_words(progress.real_time_factor),
                )

            def show_sentence(placed: PlacedSegment) -> None:
                translated = placed.spoken.translated
                segment = translated.segment
                texts = [(segment.language, segment.text), (translated.language, translated.text)]
                self._printer.sentence(segment.start_s, texts)

            return translate_to_files(
                engines,
                task,
                self._options,
                overwrite=self._overwrite,
                on_progress=show,
                on_segment=show_sentence,
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


def load_reported(
    settings: Settings,
    store: ModelStore,
    printer: Printer,
    selection: EngineSelection | None = None,
) -> Engines:
    """Load the engines and tell which were taken, and why."""
    from stslocal.loading.advice import device_advice, region_advice
    from stslocal.loading.load import load_engines

    began = perf_counter()
    with printer.progress("loading the models"):
        engines = load_engines(settings, store, selection=selection, announce=printer.status)
    report_selection(engines.selection, printer)
    engines.check(settings)
    for about in (region_advice, device_advice):
        if advice := about(engines.selection, settings):
            printer.status(advice)
    printer.detail(f"models loaded in {perf_counter() - began:.1f} s")
    return engines

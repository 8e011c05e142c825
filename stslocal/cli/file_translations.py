"""The recordings of one `stslocal translate`, one after the other.

Several processes may have the same recordings: each claims a recording before it translates it, and
waits at the end for those that others have claimed, in case one of them dies.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from stslocal.cli.error_sentences import sentence_of
from stslocal.cli.file_options import check_background, file_options, needed_roles
from stslocal.cli.loading_progress import load_reported
from stslocal.cli.output import Printer, format_duration
from stslocal.cli.references import check_reference
from stslocal.cli.sentences import report_resumed, report_sentence, says_what_is_kept
from stslocal.cli.speaker_options import check_speaker_choice, with_finder
from stslocal.files.plan import FileTask
from stslocal.settings import Settings

if TYPE_CHECKING:
    from stslocal.files.claims import Claim
    from stslocal.files.speak import PlacedSegment
    from stslocal.files.summary import FileSummary
    from stslocal.files.watch import Watch
    from stslocal.files.write import FileProgress, TranslatedSpeech
    from stslocal.loading.engines import Engines
    from stslocal.models.store import ModelStore

_log = logging.getLogger(__name__)

LOOK_AGAIN_S = 1.0
"""Seconds between two looks at the claims of others, and at watched folders."""


class FileTranslations:
    """Translates the files of one command line, one after the other."""

    def __init__(
        self,
        tasks: list[FileTask],
        settings: Settings,
        arguments: argparse.Namespace,
        printer: Printer,
    ) -> None:
        from stslocal.files.claims import Claims
        from stslocal.loading.needs import check_needs
        from stslocal.loading.select import select_engines
        from stslocal.models.store import ModelStore

        self._tasks = tasks
        self._is_alone = len(tasks) == 1 and not arguments.watch
        self._claims = Claims()
        self._before = {task.source: _state(task) for task in tasks}
        """The results that were there at the start."""
        self._settings = settings
        self._overwrite: bool = arguments.overwrite
        self._options = file_options(settings, arguments)
        self._roles = needed_roles(self._options)
        check_speaker_choice(self._options.speakers, tasks)
        self._printer = printer
        self._store: ModelStore = ModelStore.discover()
        check_background(self._options, self._store)
        speakers = with_finder(self._options.speakers, self._store)
        self._options = replace(self._options, speakers=speakers)
        self._selection = select_engines(settings, self._store)
        if self._options.languages:
            check_needs(settings, self._store, self._selection)
        for language in self._options.languages:
            if language != settings.target:
                self._selection.coverage().check_pair(language, settings.target)
        self._engines: Engines | None = None
        self._tried_to_load = False
        self._results: list[dict[str, object]] = []
        self._failures: list[Exception] = []

    def run(self) -> int:
        """Translate the files that are not translated yet; one that fails does not stop the rest.

        Returns the exit code. Raises the error of a file when it is the only one.
        """
        try:
            # What can be known before is reported before the models are loaded.
            to_do = [task for task in self._tasks if self._is_to_do(task)]
            if to_do:
                check_reference(self._options.request.reference, self._store)
            self._translate_all(to_do)
        except BaseException:
            self._printer.unfinished_json("recordings", self._rows())
            raise
        return self._end()

    def run_watch(self, watch: Watch) -> int:
        """Translate recordings as they come, until a signal ends it in order.

        Returns the exit code. Raises the error of models that cannot be loaded.
        """
        check_reference(self._options.request.reference, self._store)
        waiting: list[FileTask] = []
        try:
            self._prepare_engines()
            self._printer.status("watching for recordings; Ctrl-C ends it")
            while True:
                new = watch.look()
                self._tasks += new
                self._before |= {task.source: _state(task) for task in new}
                waiting = self._left_over([*waiting, *filter(self._is_to_do, new)])
                time.sleep(LOOK_AGAIN_S)
        except KeyboardInterrupt:
            return self._end()
        except BaseException:
            self._printer.unfinished_json("recordings", self._rows())
            raise

    def _end(self) -> int:
        """Report what was done; returns the exit code."""
        self._printer.result_json("recordings", self._rows())
        if not self._is_alone:
            done = sum("error" not in row for row in self._results)
            self._printer.status(f"{done} of {len(self._tasks)} recordings are translated")
        return 1 if self._failures else 0

    def _is_to_do(self, task: FileTask) -> bool:
        """Whether a recording is to be translated; reports one that is done or cannot be."""
        from stslocal.files.checks import check_task

        is_to_do = False
        with self._border(task):
            if not self._ends_without_work(task):
                check_task(task, self._options)
                is_to_do = True
        return is_to_do

    def _translate_all(self, tasks: list[FileTask]) -> None:
        """Translate recordings, and wait for those that other processes translate."""
        left = self._left_over(tasks)
        reported = 0
        while left:
            if len(left) != reported:
                reported = len(left)
                which = left[0].source.name if reported == 1 else f"{reported} recordings"
                self._printer.status(f"waiting for {which}: another stslocal is at work")
            time.sleep(LOOK_AGAIN_S)
            left = self._left_over(left)

    def _left_over(self, tasks: list[FileTask]) -> list[FileTask]:
        """Translate what no other process has claimed; returns the others."""
        return [task for task in tasks if not self._is_dealt_with(task)]

    def _is_dealt_with(self, task: FileTask) -> bool:
        """Translate a recording, unless another process does; False if that one is not done yet."""
        from stslocal.files.claims import ClaimLostError

        with self._border(task):
            engines = self._prepare_engines()  # a claim is not held while models are loaded
            claim = self._claims.take(task)
            if claim is None:
                return False
            with claim:
                if self._ends_without_work(task, "another stslocal has translated it"):
                    return True
                try:
                    self._translate(engines, task, claim)
                except ClaimLostError as lost:
                    self._printer.warning(f"{task.source.name}: {lost}")
                    return False
        return True

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
            if self._is_alone or (self._tried_to_load and self._engines is None):
                raise
            self._failures.append(error)
            sentence = sentence_of(error, task.source)
            self._printer.error(sentence)
            _log.debug("%s failed", task.source, exc_info=error)
            if self._printer.verbosity >= 2:
                self._printer.traceback(error)
            self._results.append({"input": str(task.source), "error": sentence})

    def _ends_without_work(self, task: FileTask, done: str = "done earlier") -> bool:
        """Report a task that is `done`, or whose files are not to be replaced; False for others."""
        from stslocal.files.earlier import EarlierFiles

        if self._is_again(task):
            return False
        earlier = EarlierFiles(task)
        if result := earlier.result(self._options, self._selection):
            kept = "".join(f"; {name} was changed since and is kept" for name in result.changed)
            self._printer.status(
                f"{task.source.name}: {done}{kept} (--overwrite translates it again)"
            )
            duration_s = result.session.source.duration_s
            row = {"earlier": True, "duration_s": duration_s, "changed": list(result.changed)}
            self._add_result(task, row)
            return True
        options = self._options
        paths = task.target_paths(options.subtitles, report=options.report)
        earlier.refuse_to_replace(paths)
        return False

    def _is_again(self, task: FileTask) -> bool:
        """Whether the result is to be made although it is there, by --overwrite."""
        return self._overwrite and _state(task) == self._before[task.source]

    def _prepare_engines(self) -> Engines:
        if self._engines is None:
            self._tried_to_load = True
            self._engines = load_reported(
                self._settings, self._store, self._printer, self._selection, *self._roles
            )
        return self._engines

    def _translate(self, engines: Engines, task: FileTask, claim: Claim) -> None:
        from stslocal.files.summary import FileSummary

        speech = self._translate_with_progress(engines, task, claim)
        self._report(task, FileSummary.of(speech))

    def _report(self, task: FileTask, done: FileSummary) -> None:
        """Say that a recording is translated, and how that went."""
        from stslocal.metrics import speed_in_words

        for warning in done.warnings:
            fault = warning.removeprefix(f"{task.source}: ")  # those of decoding name the file
            self._printer.warning(f"{task.source.name}: {fault}")
        self._add_result(task, done.as_row())
        speed = speed_in_words(done.real_time_factor)
        self._printer.status(
            f"{task.source.name}: {format_duration(done.duration_s)} "
            f"in {done.elapsed_s:.1f} s{f' ({speed} than the recording)' if speed else ''}"
        )

    def _translate_with_progress(
        self, engines: Engines, task: FileTask, claim: Claim
    ) -> TranslatedSpeech:
        from stslocal.files.write import translate_to_files
        from stslocal.metrics import speed_in_words

        with self._printer.progress(task.source.name, unit="audio") as bar:

            def show(progress: FileProgress, note: str = "") -> None:
                speed = speed_in_words(progress.real_time_factor)
                bar.update(progress.done_s, total=progress.total_s, note=note or speed)

            def show_sentence(placed: PlacedSegment) -> None:
                name = None if self._is_alone else task.source.name
                report_sentence(self._printer, placed, name=name, recording=str(task.source))

            with says_what_is_kept(self._printer, task):
                return translate_to_files(
                    engines,
                    task,
                    self._options,
                    overwrite=self._overwrite,
                    check=claim.check,
                    on_progress=show,
                    on_segment=show_sentence,
                    on_resumed=lambda kept: report_resumed(self._printer, task, kept),
                    on_mixing=lambda progress: show(progress, "taking the voice out"),
                )

    def _add_result(self, task: FileTask, row: dict[str, object]) -> None:
        self._printer.result(str(task.shown(self._options.subtitles)))
        self._results.append(
            {
                "input": str(task.source),
                "audio": None if task.media is None else str(task.media),
                "session": str(task.session),
                **row,
            }
        )


def _state(task: FileTask) -> tuple[int, int, int] | None:
    """Tells one session file of a result from another; None where there is none."""
    try:
        status = task.session.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns

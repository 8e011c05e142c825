"""Works on the jobs, one after the other, as `stslocal translate` does on its recordings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from stslocal.files.checks import check_task
from stslocal.files.choices import chosen
from stslocal.files.earlier import EarlierFiles
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask, plan_files
from stslocal.files.speak import PlacedSegment
from stslocal.files.write import FileProgress, TranslatedSpeech, translate_to_files
from stslocal.loading.engines import Engines
from stslocal.server.jobs.corrections import do_corrections
from stslocal.server.jobs.job import (
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    RUNNING,
    Job,
    JobRecording,
)
from stslocal.server.jobs.results import Stopped, result_files, sentence
from stslocal.server.jobs.store import JobStore
from stslocal.server.jobs.wishes import engines_of, settings_of
from stslocal.server.state import ServerState
from stslocal.server.stoppable import stoppable

_log = logging.getLogger(__name__)


class JobWorker:
    """The threads that work on jobs. A recording whose results are there is not done again."""

    def __init__(self, store: JobStore, state: ServerState) -> None:
        self._store = store
        self._state = state
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work."""
        works = {f"jobs-{n}": self._run for n in range(self._state.options.limits.jobs_at_once)}
        for name, work in {**works, "jobs-corrections": self._run_corrections}.items():
            thread = threading.Thread(target=work, name=name)
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        """Stop after the current sentence, and wait for it. The job goes on at the next start."""
        self._ending.set()
        self._store.close()
        for thread in self._threads:
            thread.join()

    def _is_ending(self) -> bool:
        return self._ending.is_set() or self._state.ending.is_set()

    def _run(self) -> None:
        while not self._is_ending() and (job := self._store.take()) is not None:
            try:
                self._work(job)
            except Stopped:
                job.state = QUEUED if self._is_ending() else CANCELLED
            finally:
                self._store.leave(job)

    def _run_corrections(self) -> None:
        while not self._is_ending() and (job := self._store.take(corrects=True)) is not None:
            try:
                do_corrections(job, self._store, self._state, lambda: self._check(job))
                self._store.conclude(job)
            except Stopped:
                job.state = QUEUED
                if not self._is_ending():
                    self._store.conclude(job)
            finally:
                self._store.leave(job)

    def _work(self, job: Job) -> None:
        """Translate the recordings of a job; one that fails does not stop the others."""
        for recording in job.recordings:
            if recording.state in (DONE, FAILED):
                continue
            self._check(job)
            recording.state, recording.error = RUNNING, ""
            self._store.keep(job)
            with self._border(job, recording):
                self._translate(job, recording)
                recording.state = DONE
            self._store.keep(job)
        failed = [one for one in job.recordings if one.state == FAILED]
        job.state = FAILED if len(failed) == len(job.recordings) else DONE

    @contextmanager
    def _border(self, job: Job, recording: JobRecording) -> Iterator[None]:
        """Turn any error of one recording, a bug included, into its sentence."""
        try:
            yield
        except Stopped:
            recording.state = QUEUED
            raise
        except Exception as error:
            if self._is_ending() or job.cancel_requested:  # a stage ended for that reason
                recording.state = QUEUED
                raise Stopped from error
            _log.debug("job %s: %s failed", job.id, recording.stored, exc_info=error)
            recording.state = FAILED
            path = self._store.recording(job, recording)
            recording.error = sentence(error, path, recording)

    def _translate(self, job: Job, recording: JobRecording) -> None:
        wanted = job.request
        settings, options = chosen(settings_of(wanted, self._state), wanted.choices)
        longest_s = self._state.options.limits.recording_s
        options = replace(options, longest_s=longest_s, shown_name=recording.name)
        source = self._store.recording(job, recording)
        (task,) = plan_files(
            [str(source)],
            target=settings.target,
            output=self._store.results(job),
            output_format=settings.output_format,
            is_spoken=settings.is_spoken,
        )
        check_task(task, options)
        engines = engines_of(wanted, self._state)
        engines.check(settings)
        for language in options.languages:
            if language != settings.target:
                engines.coverage.check_pair(language, settings.target)
        engines = stoppable(engines, lambda: self._check(job))
        if earlier := EarlierFiles(task).result(options, engines.selection):
            session, names = earlier.session, [*earlier.session.output, task.session.name]
        else:
            speech = self._speech(job, recording, engines, task, options)
            session, names = speech.session, [path.name for path in speech.files]
        recording.done_s = recording.total_s = session.source.duration_s
        recording.warnings = [warning.replace(f"{source}: ", "") for warning in session.warnings]
        recording.files = result_files(job, recording, task.folder, task.name, names)

    def _speech(
        self,
        job: Job,
        recording: JobRecording,
        engines: Engines,
        task: FileTask,
        options: FileOptions,
    ) -> TranslatedSpeech:
        def show(progress: FileProgress) -> None:
            recording.done_s, recording.total_s = progress.done_s, progress.total_s
            job.version += 1

        def show_sentence(placed: PlacedSegment) -> None:
            self._check(job)
            translated = placed.spoken.translated
            job.sentence = {
                "recording": recording.name,
                "start_s": round(translated.segment.start_s, 2),
                "text": translated.segment.text,
                "translation": translated.text,
            }

        return translate_to_files(
            engines, task, options, overwrite=True, on_progress=show, on_segment=show_sentence
        )

    def _check(self, job: Job) -> None:
        if self._is_ending() or job.cancel_requested:
            raise Stopped

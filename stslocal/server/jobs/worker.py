"""Works on the jobs, one after the other, as `stslocal translate` does on its recordings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from stslocal.errors import StslocalError, root_cause
from stslocal.files.checks import check_task
from stslocal.files.choices import chosen
from stslocal.files.earlier import EarlierFiles
from stslocal.files.options import FileOptions
from stslocal.files.plan import REPORT_SUFFIX, SESSION_SUFFIX, FileTask, plan_files
from stslocal.files.speak import PlacedSegment
from stslocal.files.write import FileProgress, TranslatedSpeech, translate_to_files
from stslocal.loading.engines import Engines
from stslocal.server.jobs.fetched import fetched_session
from stslocal.server.jobs.job import (
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    RUNNING,
    Job,
    JobRecording,
    ResultFile,
    shown_stems,
)
from stslocal.server.jobs.store import JobStore
from stslocal.server.jobs.wishes import settings_of
from stslocal.server.state import ServerState
from stslocal.server.stoppable import stoppable
from stslocal.settings import SUBTITLE_FORMATS, VIDEO_FORMATS

_log = logging.getLogger(__name__)

_SUBTITLES = tuple(f".{kind}" for kind in SUBTITLE_FORMATS)


class _Cancelled(Exception):  # noqa: N818 - what the client wants, which is no error
    """The job was cancelled, or the server is ending."""


class JobWorker:
    """The threads that work on jobs. A recording whose results are there is not done again."""

    def __init__(self, store: JobStore, state: ServerState) -> None:
        self._store = store
        self._state = state
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work."""
        for number in range(self._state.options.limits.jobs_at_once):
            thread = threading.Thread(target=self._run, name=f"jobs-{number}")
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
            except _Cancelled:
                job.state = QUEUED if self._is_ending() else CANCELLED
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
        except _Cancelled:
            recording.state = QUEUED
            raise
        except Exception as error:
            if self._is_ending() or job.cancel_requested:  # a stage ended for that reason
                recording.state = QUEUED
                raise _Cancelled from error
            _log.debug("job %s: %s failed", job.id, recording.stored, exc_info=error)
            recording.state = FAILED
            recording.error = self._sentence(job, recording, error)

    def _sentence(self, job: Job, recording: JobRecording, error: Exception) -> str:
        """What went wrong, with the client's name of the recording in place of our path."""
        if isinstance(error, StslocalError):
            text = str(root_cause(error))
        else:
            text = f"{recording.name} failed by a fault of the server ({type(error).__name__})"
        return text.replace(str(self._store.recording(job, recording)), recording.name)

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
        )
        check_task(task, options)
        engines = self._state.engines_for(wanted.source, wanted.target, "files")
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
        recording.files = self._files(job, recording, task, names)

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
            raise _Cancelled

    def _files(
        self, job: Job, recording: JobRecording, task: FileTask, names: list[str]
    ) -> list[ResultFile]:
        """The results with the names that clients see."""
        stems = shown_stems([one.name for one in job.recordings])
        stem = stems[job.recordings.index(recording)]
        shown = {name: stem + name.removeprefix(task.name) for name in names}
        return [
            ResultFile(
                name=shown[name],
                stored=name,
                bytes=_bytes(task.folder / name, shown),
                kind=_kind(name),
            )
            for name in names
        ]


def _bytes(path: Path, shown: Mapping[str, str]) -> int:
    """How many bytes a client gets of a result."""
    if path.name.endswith(SESSION_SUFFIX):
        return len(fetched_session(path, shown))
    return path.stat().st_size


def _kind(name: str) -> str:
    if name.endswith(SESSION_SUFFIX):
        return "session"
    if name.endswith(REPORT_SUFFIX):
        return "report"
    if Path(name).suffix[1:] in VIDEO_FORMATS:
        return "video"
    return "subtitles" if Path(name).suffix in _SUBTITLES else "audio"

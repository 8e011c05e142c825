"""The jobs on disk: a folder each, whose `job.json` says all. A restart finds them again.

JOBS/ID/job.json
JOBS/ID/recordings/1.mp3     what clients sent, numbered
JOBS/ID/results/1.pt.wav     what `stslocal translate` writes beside a recording
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stslocal.errors import OutputError, output_error
from stslocal.files.finding import RECORDING_SUFFIXES
from stslocal.foreign_files import UnreadableFileError, read_json
from stslocal.server.errors import Refusal
from stslocal.server.jobs.job import (
    CANCELLED,
    FINAL,
    QUEUED,
    RUNNING,
    Job,
    JobRecording,
    JobRequest,
    parse_job,
)
from stslocal.server.options import Limits
from stslocal.server.uploads import Upload
from stslocal.storage import write_text

if TYPE_CHECKING:
    from filelock import FileLock

_log = logging.getLogger(__name__)

_ID = re.compile(r"[0-9a-f]{16}")
_FILE = "job.json"
_UNFINISHED = ".new-"


class JobStore:
    """The jobs of one server. Any thread may use it."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        """`folder` is the server's; the jobs lie in its `jobs`."""
        self._folder = folder / "jobs"
        self._uploads = folder / "uploads"
        self._limits = limits
        self._jobs: dict[str, Job] = {}
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._owner: FileLock | None = None
        self.fault = "the jobs are not opened yet: try again in a moment"
        """Why there are no jobs; empty when there are."""

    def open(self) -> None:
        """Take the folder, and find the jobs that lie there. Those in work are queued again."""
        from filelock import FileLock, Timeout

        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            owner = FileLock(self._folder.with_name("jobs.lock"))
            owner.acquire(blocking=False)
        except Timeout:
            self.fault = (
                f"another server has the jobs of {self._folder}: end it, or give this one another "
                "folder with STSLOCAL_SERVER"
            )
            return
        except OSError as error:
            self.fault = str(output_error(self._folder, error))
            return
        self._owner = owner
        for left in [*self._folder.glob(f"{_UNFINISHED}*"), *self._uploads.glob("upload-*")]:
            shutil.rmtree(left, ignore_errors=True)
        with self._lock:
            for path in self._folder.iterdir():
                if _ID.fullmatch(path.name) and (job := _read(path)) is not None:
                    self._jobs[job.id] = job
        self.fault = ""

    def close(self) -> None:
        """Give the folder back."""
        self.fault = "the server is ending"
        if self._owner is not None:
            self._owner.release()
            self._owner = None
        self.wake()

    def jobs(self) -> list[Job]:
        """All jobs, the newest first. Raises Refusal where there are none to be had."""
        self._check()
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: job.created_at, reverse=True)

    def find(self, job_id: str) -> Job:
        """The job with an id. Raises Refusal."""
        self._check()
        job = self._jobs.get(job_id)
        if job is None:
            raise Refusal(404, "job_not_found", f"there is no job {job_id[:40]!r}")
        return job

    def check_room(self, coming: int) -> None:
        """Raise Refusal where no further job of `coming` bytes may be kept."""
        self._check()
        if len(self._jobs) >= self._limits.jobs:
            raise Refusal(
                409, "too_many_jobs", f"{len(self._jobs)} jobs are kept, which is the most: delete "
                "one first"
            )  # fmt: skip
        if self._bytes() + coming > self._limits.jobs_bytes:
            raise Refusal(507, "disk_full", "the jobs take all of their disk: delete one first")

    def create(self, request: JobRequest, uploads: Sequence[Upload]) -> Job:
        """Make a job of uploads, which are moved into it, and queue it.

        Raises Refusal, and OutputError where the disk takes no more.
        """
        recordings = [
            JobRecording(upload.name, f"{number}{_suffix(upload.name)}")
            for number, upload in enumerate(uploads, 1)
        ]
        job = Job.new(request, recordings)
        unfinished = self._folder / f"{_UNFINISHED}{job.id}"
        with self._lock:
            self.check_room(sum(upload.path.stat().st_size for upload in uploads))
            try:
                (unfinished / "recordings").mkdir(parents=True, mode=0o700)
                (unfinished / "results").mkdir(mode=0o700)
                for recording, upload in zip(recordings, uploads, strict=True):
                    upload.path.replace(unfinished / "recordings" / recording.stored)
                _write(unfinished, job)
                unfinished.rename(self._folder / job.id)
            except OSError as error:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise output_error(self._folder, error) from error
            self._jobs[job.id] = job
            self._changed.notify_all()
        return job

    def take(self, *, corrects: bool = False) -> Job | None:
        """The next job to work on, the oldest first. Waits for one; None when the store closes.

        Those in which lines are done again are work of their own (`corrects`): it takes seconds.
        """
        with self._lock:
            while not self.fault:
                waiting = [
                    job
                    for job in self._jobs.values()
                    if job.state == QUEUED and job.corrects == corrects
                ]
                if waiting:
                    job = min(waiting, key=lambda one: one.created_at)
                    job.state = RUNNING
                    self.keep(job)
                    return job
                self._changed.wait()
        return None

    def keep(self, job: Job) -> None:
        """Write a job's file after a change. A full disk is reported by the work itself."""
        job.version += 1
        with suppress(OutputError), self._lock:
            if job.id in self._jobs:
                _write(self._folder / job.id, job)

    def cancel(self, job: Job) -> None:
        """Stop a job: at once where it waits, at the next sentence where it is in work."""
        with self._lock:
            if job.state in FINAL:
                return
            job.cancel_requested = True
            if job.state == QUEUED:
                job.state = CANCELLED
                if job.corrects:
                    self.conclude(job)
            self.keep(job)

    def correct(
        self, job: Job, recording: JobRecording, lines: list[int], store: Callable[[], None]
    ) -> None:
        """Queue lines of a finished translation to be done again, after `store` has stored them.

        Raises Refusal where the job is in work, and what `store` raises; nothing is queued then.
        """
        with self._lock:
            if job.state not in FINAL or job.id not in self._jobs:
                raise Refusal(
                    409, "job_in_work", "the job is in work: correct its lines when it has ended"
                )
            store()
            recording.redo, recording.error = lines, ""
            recording.spoken = recording.to_speak = 0
            job.cancel_requested, job.sentence = False, {}
            job.state = QUEUED
            self.keep(job)
            self._changed.notify_all()

    def conclude(self, job: Job) -> None:
        """End the work on lines: what is not done again stays corrected in the session file."""
        for recording in job.recordings:
            recording.redo = None
        job.cancel_requested = False
        job.conclude()

    def delete(self, job: Job) -> None:
        """Forget a job. Its folder goes now, or when the work on it has ended."""
        with self._lock:
            job.cancel_requested = True
            self._jobs.pop(job.id, None)
            job.version += 1
            is_in_work = job.state == RUNNING
            if not is_in_work:
                job.state = CANCELLED
        if not is_in_work:
            shutil.rmtree(self._folder / job.id, ignore_errors=True)

    def leave(self, job: Job) -> None:
        """The work on a job has ended: delete its folder if the job was deleted meanwhile."""
        self.keep(job)
        if job.id not in self._jobs:
            shutil.rmtree(self._folder / job.id, ignore_errors=True)

    def recording(self, job: Job, recording: JobRecording) -> Path:
        """Where a recording lies."""
        return self._folder / job.id / "recordings" / recording.stored

    def session(self, job: Job, recording: JobRecording) -> Path:
        """Where the session file of a recording lies. Raises Refusal where there is none yet."""
        file = recording.session
        if file is None:
            raise Refusal(
                409, "not_translated", f"{recording.name} is not translated yet: it has no lines"
            )
        return self.results(job) / file.stored

    def results(self, job: Job) -> Path:
        """The folder of a job's results."""
        return self._folder / job.id / "results"

    def wake(self) -> None:
        """Let the threads that wait for a job look again."""
        with self._lock:
            self._changed.notify_all()

    def _check(self) -> None:
        if self.fault:
            raise Refusal(503, "jobs_unavailable", self.fault)

    def _bytes(self) -> int:
        return sum(_size(path) for path in self._folder.rglob("*"))


def _size(path: Path) -> int:
    try:
        return 0 if path.is_dir() else path.stat().st_size
    except OSError:
        return 0


def _suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return suffix if suffix in RECORDING_SUFFIXES else ""


def _write(folder: Path, job: Job) -> None:
    write_text(folder / _FILE, json.dumps(job.kept(), indent=1, ensure_ascii=False))


def _read(folder: Path) -> Job | None:
    """The job of a folder, to be worked on again where it is not finished; None for a damaged one,
    which stays where it is.
    """
    try:
        job = parse_job(read_json(folder / _FILE))
    except UnreadableFileError as error:
        _log.warning("%s %s", folder / _FILE, error)
        return None
    if job.id != folder.name:
        _log.warning("%s is the file of another job", folder / _FILE)
        return None
    if job.state not in FINAL:
        job.state = CANCELLED if job.cancel_requested and not job.corrects else QUEUED
    return job

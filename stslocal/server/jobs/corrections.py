"""Does lines of finished translations again, as `stslocal redo` does."""

from __future__ import annotations

import logging
from collections.abc import Callable

from stslocal.files.correcting import redo_with
from stslocal.files.project import Project, open_project
from stslocal.server.jobs.job import Job, JobRecording
from stslocal.server.jobs.results import Stopped, result_files, sentence
from stslocal.server.jobs.store import JobStore
from stslocal.server.jobs.wishes import engines_of, settings_of
from stslocal.server.state import ServerState

_log = logging.getLogger(__name__)


def do_corrections(
    job: Job, store: JobStore, state: ServerState, check: Callable[[], None]
) -> None:
    """Do the lines of a job that wait for it. What fails is in the recording's `error`.

    `check` is called before each line, and raises Stopped to end the work.
    """
    for recording in job.recordings:
        if recording.redo is None:
            continue
        check()
        try:
            _do(job, recording, store, state, check)
        except Exception as error:
            if isinstance(error, Stopped):
                raise
            _log.debug("job %s: %s failed", job.id, recording.stored, exc_info=error)
            said = sentence(error, store.recording(job, recording), recording)
            recording.error = _with_shown_names(said, recording, store.results(job))
        recording.redo = None
        store.keep(job)


def _do(
    job: Job,
    recording: JobRecording,
    store: JobStore,
    state: ServerState,
    check: Callable[[], None],
) -> None:
    project = open_project(store.session(job, recording))
    settings = settings_of(job.request, state)
    engines = engines_of(job.request, state)

    def show(done: int, total: int) -> None:
        check()
        recording.spoken, recording.to_speak = done, total
        job.version += 1

    result = redo_with(
        engines,
        settings,
        project,
        recording.redo or (),
        recording=store.recording(job, recording),
        on_spoken=show,
    )
    session = project.session if result is None else result.session
    names = [*session.output, project.path.name]
    recording.warnings = [*session.warnings, *(result.warnings if result else ())]
    recording.files = result_files(job, recording, project.folder, _stem(project), names)


def _stem(project: Project) -> str:
    """What the names of a recording's results begin with, such as `1`."""
    return project.task.name


def _with_shown_names(text: str, recording: JobRecording, folder: object) -> str:
    """A sentence with the client's names of results in place of ours."""
    text = text.replace(f"{folder}/", "")
    for file in recording.files:
        text = text.replace(file.stored, file.name)
    return text

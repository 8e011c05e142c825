"""The results of a recording, and what went wrong with it, as clients see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from stslocal.errors import StslocalError, root_cause
from stslocal.files.finding import REPORT_SUFFIX, SESSION_SUFFIX, SPEECH_SUFFIX
from stslocal.server.jobs.fetched import fetched_session
from stslocal.server.jobs.job import Job, JobRecording, ResultFile, shown_stems
from stslocal.settings import SUBTITLE_FORMATS, VIDEO_FORMATS

_SUBTITLES = tuple(f".{kind}" for kind in SUBTITLE_FORMATS)


class Stopped(Exception):  # noqa: N818 - what the client wants, which is no error
    """The job was cancelled, or the server is ending."""


def sentence(error: Exception, path: Path, recording: JobRecording) -> str:
    """What went wrong, with the client's name of the recording in place of our path."""
    if isinstance(error, StslocalError):
        text = str(root_cause(error))
    else:
        text = f"{recording.name} failed by a fault of the server ({type(error).__name__})"
    return text.replace(str(path), recording.name)


def result_files(
    job: Job, recording: JobRecording, folder: Path, stem: str, names: Sequence[str]
) -> list[ResultFile]:
    """The results with the names that clients see. `stem` is what they begin with in `folder`."""
    stems = shown_stems([one.name for one in job.recordings])
    shown_stem = stems[job.recordings.index(recording)]
    shown = {name: shown_stem + name.removeprefix(stem) for name in names}
    return [
        ResultFile(shown[name], name, _bytes(folder / name, shown), _kind(name)) for name in names
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
    if name.endswith(SPEECH_SUFFIX):
        return "speech"
    if Path(name).suffix[1:] in VIDEO_FORMATS:
        return "video"
    return "subtitles" if Path(name).suffix in _SUBTITLES else "audio"

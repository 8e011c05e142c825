"""A job: recordings to translate, how far they are, and their results. Kept as a JSON file."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from stslocal.foreign_files import UnreadableFileError

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
FINAL = (DONE, FAILED, CANCELLED)
SCHEMA, VERSION = "stslocal.job", 1

T = TypeVar("T")


@dataclass(slots=True)
class ResultFile:
    """A file that a client may fetch."""

    name: str
    """As the client sees it, such as `talk.pt.wav`: unique in the job."""
    stored: str
    """Its name in the folder of results, such as `1.pt.wav`."""
    bytes: int
    kind: str
    """`audio`, `video`, `subtitles`, `report`, `session`, or `speech`: the translated speech alone,
    which is kept where the original is in the result too."""


@dataclass(slots=True)
class JobRecording:
    """One recording of a job."""

    name: str
    """As the client calls it."""
    stored: str
    """Its name in the folder of recordings, such as `1.mp3`."""
    state: str = QUEUED
    done_s: float = 0.0
    """Seconds of it that are translated."""
    total_s: float | None = None
    """Its length as its file declares it; None where it does not."""
    error: str = ""
    warnings: list[str] = field(default_factory=list)
    files: list[ResultFile] = field(default_factory=list)
    redo: list[int] | None = None
    """Lines that are to be spoken again beside those that were corrected; None where none is."""
    spoken: int = 0
    """Of the lines that are done again, those that are spoken; in memory only."""
    to_speak: int = 0

    @property
    def session(self) -> ResultFile | None:
        """The session file; None where the recording is not translated."""
        return next((file for file in self.files if file.kind == "session"), None)


@dataclass(slots=True)
class JobRequest:
    """What the client wants, checked."""

    target: str
    source: str = "auto"
    voice: str = "auto"
    output_format: str = "wav"
    subtitles: tuple[str, ...] = ("srt", "vtt")
    tts: str = ""
    """`none` for text alone; empty for the server's synthesizer."""
    choices: dict[str, Any] = field(default_factory=dict)
    """What else is chosen, as in `stslocal.files.choices`."""

    @property
    def languages(self) -> str:
        """The languages that are spoken: `auto`, one, or several with commas between them."""
        return ",".join(self.choices.get("languages", ())) or self.source


@dataclass(slots=True)
class Job:
    """A job. Only its worker changes it after it is queued, but for `cancel_requested`."""

    id: str
    created_at: int
    """Unix time in seconds."""
    request: JobRequest
    recordings: list[JobRecording]
    state: str = QUEUED
    cancel_requested: bool = False
    version: int = 0
    """Counts the changes, in memory only."""
    sentence: dict[str, Any] = field(default_factory=dict)
    """The last sentence that was translated, in memory only."""

    @classmethod
    def new(cls, request: JobRequest, recordings: list[JobRecording]) -> Job:
        """A job with an id that nobody can guess."""
        now = datetime.now(timezone.utc)
        return cls(secrets.token_hex(8), int(now.timestamp()), request, recordings)

    @property
    def corrects(self) -> bool:
        """Whether its next work is to do lines of its results again."""
        return any(one.redo is not None for one in self.recordings)

    def conclude(self) -> None:
        """Take the state that its recordings give, when no work is left."""
        states = {one.state for one in self.recordings}
        if states == {FAILED}:
            self.state = FAILED
        else:
            self.state = DONE if states <= {DONE, FAILED} else CANCELLED

    def find(self, number: str) -> JobRecording | None:
        """The recording with a number, from 1; None where there is none."""
        is_number = number.isascii() and number.isdecimal() and len(number) <= 4
        place = int(number) if is_number else 0
        return self.recordings[place - 1] if 1 <= place <= len(self.recordings) else None

    @property
    def files(self) -> list[ResultFile]:
        """All results, in the order of the recordings."""
        return [file for recording in self.recordings for file in recording.files]

    def shown(self) -> dict[str, Any]:
        """The job as clients see it."""
        rows = []
        for number, recording in enumerate(self.recordings, 1):
            row: dict[str, Any] = {
                "name": recording.name,
                "state": recording.state,
                "done_s": round(recording.done_s, 2),
                "total_s": recording.total_s and round(recording.total_s, 2),
                "warnings": recording.warnings,
            }
            if recording.session is not None:
                row["lines"] = f"/v1/jobs/{self.id}/recordings/{number}/lines"
            if recording.redo is not None:
                row["redo"] = {"done": recording.spoken, "total": recording.to_speak}
            rows.append({**row, "error": recording.error} if recording.error else row)
        return {
            "id": self.id,
            "object": "job",
            "state": self.state,
            "created_at": self.created_at,
            "from": self.request.languages,
            "to": self.request.target,
            "voice": self.request.voice,
            **({"tts": self.request.tts} if self.request.tts else {}),
            "choices": {k: v for k, v in self.request.choices.items() if k != "languages"},
            "recordings": rows,
            "files": [
                {
                    "name": file.name,
                    "kind": file.kind,
                    "bytes": file.bytes,
                    "url": f"/v1/jobs/{self.id}/files/{quote(file.name)}",
                }
                for file in self.files
            ],
            "sentence": self.sentence or None,
        }

    def kept(self) -> dict[str, Any]:
        """The job as its file keeps it."""
        kept = {key: value for key, value in asdict(self).items() if key not in _NOT_KEPT}
        for row in kept["recordings"]:
            del row["spoken"], row["to_speak"]
        return {"schema": SCHEMA, "version": VERSION, **kept}


_NOT_KEPT = ("version", "sentence")


def parse_job(document: Any) -> Job:
    """The job of a file. Raises UnreadableFileError where it is none."""
    try:
        if document["schema"] != SCHEMA or document["version"] != VERSION:
            raise UnreadableFileError(f"is no {SCHEMA} of version {VERSION}")
        request = _made(JobRequest, document["request"])
        request.subtitles = tuple(request.subtitles)
        request.choices = dict(request.choices)
        recordings = []
        for row in document["recordings"]:
            recording = _made(JobRecording, row)
            recording.files = [_made(ResultFile, file) for file in row["files"]]
            recordings.append(recording)
        job = Job(
            id=str(document["id"]),
            created_at=int(document["created_at"]),
            request=request,
            recordings=recordings,
            state=str(document["state"]),
            cancel_requested=bool(document["cancel_requested"]),
        )
        if any(not isinstance(n, int) for one in recordings for n in one.redo or ()):
            raise TypeError("a line that is no number")
        stored = [one.stored for one in recordings] + [file.stored for file in job.files]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableFileError(f"is no job: {error!r}") from error
    if any(not isinstance(name, str) or Path(name).name != name for name in stored):
        raise UnreadableFileError("names a file outside its folder")
    return job


def _made(kind: type[T], row: Mapping[str, Any]) -> T:
    known = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    return kind(**{key: value for key, value in row.items() if key in known})


def shown_stems(names: Sequence[str]) -> list[str]:
    """The names of the results of recordings, each of them once: `talk`, `talk (2)`."""
    stems: list[str] = []
    for name in names:
        stem = Path(name).stem or "recording"
        others = 1
        free = stem
        while free.casefold() in (other.casefold() for other in stems):
            others += 1
            free = f"{stem} ({others})"
        stems.append(free)
    return stems

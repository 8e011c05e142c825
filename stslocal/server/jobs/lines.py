"""The routes for the lines of a job's recordings: to read them, to listen, to correct."""

from __future__ import annotations

import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from stslocal.audio.decode import SoundChoice
from stslocal.audio.encode import AudioWriter
from stslocal.audio.excerpt import read_excerpt
from stslocal.errors import SettingsError
from stslocal.files.correcting import loaded_voice_fault, read_lines, stored
from stslocal.files.project import open_project
from stslocal.foreign_files import UnreadableFileError, parse_json
from stslocal.results.line_edits import EDITABLE, LONGEST_TEXT, Line
from stslocal.server.errors import Refusal
from stslocal.server.jobs.job import Job, JobRecording
from stslocal.server.jobs.results import sentence
from stslocal.server.jobs.store import JobStore
from stslocal.server.jobs.wishes import engines_of
from stslocal.server.openapi import JSON, described
from stslocal.server.state import ServerState
from stslocal.server.uploads import invalid, receive_body

_SOUND_RATE = 24_000
_OF = ("translation", "original")
_BODY = {
    "lines": (
        {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["number"],
                "properties": {
                    "number": {"type": "integer", "minimum": 1},
                    "text": {"type": ["string", "null"], "maxLength": LONGEST_TEXT},
                    "translation": {"type": ["string", "null"], "maxLength": LONGEST_TEXT},
                    "start_s": {"type": ["number", "null"], "minimum": 0},
                    "end_s": {"type": ["number", "null"], "minimum": 0},
                    "voice": {"type": ["string", "null"]},
                    "speed": {"type": ["number", "null"], "minimum": 0.5, "maximum": 2},
                    "skip": {"type": ["boolean", "null"]},
                },
            },
        },
        "The lines to do again, each with its `number` and what is corrected in it; null takes a "
        "correction back. One with its number alone is spoken again.",
    )
}


class LineRoutes:
    """The routes for the sentences of finished translations."""

    def __init__(self, state: ServerState, store: JobStore) -> None:
        self._state = state
        self._store = store

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        lines = "/v1/jobs/{job}/recordings/{recording}/lines"
        return [
            Route(lines, self.lines, methods=["GET"]),
            Route(lines, self.correct, methods=["PATCH"]),
            Route(f"{lines}/{{line}}/{{of}}.wav", self.sound, methods=["GET"]),
        ]

    @described(tag="jobs")
    async def lines(self, request: Request) -> Response:
        """List the sentences of a translated recording, with what was corrected in them.

        `recording` is its number in the job, from 1. The times are those of the translation;
        `source_start_s` and `source_end_s` are those of the recording.
        """
        job, recording = self._asked(request)
        lines = await run_in_threadpool(self._lines, job, recording)
        return JSONResponse(
            {
                "object": "list",
                "name": recording.name,
                "from": job.request.languages,
                "to": job.request.target,
                "data": [asdict(line) for line in lines],
            }
        )

    @described(tag="jobs", body=JSON, fields=_BODY, required=["lines"])
    async def correct(self, request: Request) -> Response:
        """Correct sentences, and speak them again: the job waits, works and ends once more.

        All corrections are stored, or none. Every other sentence stays as it is. A corrected text
        is translated again unless its translation is given too.
        """
        job, recording = self._asked(request)
        body = await receive_body(request, self._state.options.limits.body_bytes)
        corrections = _corrections(body)
        await run_in_threadpool(self._correct, job, recording, corrections)
        return JSONResponse(job.shown(), 202)

    @described(tag="jobs", answers=["audio/wav"])
    async def sound(self, request: Request) -> Response:
        """The sound of a sentence as WAV, at most a minute. `of`: `translation` or `original`."""
        job, recording = self._asked(request)
        of, number = request.path_params["of"], request.path_params["line"]
        if of not in _OF:
            raise invalid("of", f"there is no sound {of[:40]!r}: take one of {', '.join(_OF)}")
        wav = await run_in_threadpool(self._sound, job, recording, number, of)
        headers = {"x-content-type-options": "nosniff", "cache-control": "no-store"}
        return Response(wav, media_type="audio/wav", headers=headers)

    def _asked(self, request: Request) -> tuple[Job, JobRecording]:
        job = self._store.find(request.path_params["job"])
        number = request.path_params["recording"]
        recording = job.find(number)
        if recording is None:
            raise Refusal(
                404, "recording_not_found",
                f"the job has no recording {number[:40]!r}: it has 1 to {len(job.recordings)}",
            )  # fmt: skip
        return job, recording

    def _lines(self, job: Job, recording: JobRecording) -> list[Line]:
        return read_lines(self._store.session(job, recording))

    def _correct(
        self, job: Job, recording: JobRecording, corrections: dict[int, dict[str, Any]]
    ) -> None:
        path = self._store.session(job, recording)
        engines = engines_of(job.request, self._state)
        fault = loaded_voice_fault(engines, job.request.target)

        def keep() -> None:
            project = open_project(path)
            try:
                stored(project, corrections, fault)
            except SettingsError as error:
                said = sentence(error, path, recording)
                raise invalid("lines", said) from error

        self._store.correct(job, recording, sorted(corrections), keep)

    def _sound(self, job: Job, recording: JobRecording, number: str, of: str) -> bytes:
        project = open_project(self._store.session(job, recording))
        segments = project.session.segments
        is_number = number.isascii() and number.isdecimal() and len(number) <= 9
        place = int(number) if is_number else 0
        if not 1 <= place <= len(segments):
            raise Refusal(404, "line_not_found", f"there is no line {number[:40]!r}")
        segment = segments[place - 1]
        span = segment.target if of == "translation" else segment.source
        if span is None:
            raise Refusal(404, "no_sound", f"line {place} has no sound: its translation is silent")
        path, choice = project.audio, SoundChoice(1)
        if of == "original":
            path = self._store.recording(job, recording)
            choices = job.request.choices
            choice = SoundChoice(choices.get("audio_track"), choices.get("channel"))
        return _wav(path, span.start_s, span.end_s, choice)


def _wav(path: Path, start_s: float, end_s: float, choice: SoundChoice) -> bytes:
    sound = read_excerpt(path, start_s, end_s, sample_rate=_SOUND_RATE, choice=choice)
    stream = io.BytesIO()
    with AudioWriter(stream, _SOUND_RATE, "wav") as writer:
        writer.write(sound)
    return stream.getvalue()


def _corrections(body: bytes) -> dict[int, dict[str, Any]]:
    """The corrections of a body, by the numbers of the lines. Raises Refusal."""
    try:
        given = parse_json(body)
    except UnreadableFileError as error:
        raise invalid("", f"the body {error}", "invalid_json") from None
    if not isinstance(given, dict) or not isinstance(given.get("lines"), list):
        raise invalid("lines", 'send {"lines": [{"number": 1, "translation": "..."}]}')
    if others := given.keys() - {"lines"}:
        raise invalid(
            min(others)[:60], f"there is no parameter {min(others)[:60]!r}: leave it out",
            "unknown_parameter",
        )  # fmt: skip
    if not given["lines"]:
        raise invalid("lines", "there is no line to correct: send one in `lines`", "missing")
    corrections: dict[int, dict[str, Any]] = {}
    for row in given["lines"]:
        number = row.get("number") if isinstance(row, dict) else None
        if not isinstance(number, int) or isinstance(number, bool):
            raise invalid("lines", "a line needs its `number`, from 1 on")
        if number in corrections:
            raise invalid("lines", "a line is there twice: leave one of them")
        corrections[number] = {name: value for name, value in row.items() if name != "number"}
        if unknown := corrections[number].keys() - set(EDITABLE):
            known = ", ".join(EDITABLE)
            raise invalid(
                "lines", f"there is no {min(unknown)[:60]!r} in a line: there are {known}"
            )
    return corrections

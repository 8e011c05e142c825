"""The routes of the jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from stslocal.audio.decode import SoundChoice, check_sound
from stslocal.errors import AudioDecodeError
from stslocal.server.errors import Refusal
from stslocal.server.event_stream import EVENT_STREAM, NOT_STORED, event
from stslocal.server.jobs.job import FINAL, Job, JobRequest
from stslocal.server.jobs.store import JobStore
from stslocal.server.openapi import FILE, FORM, TEXT, choice_of, described
from stslocal.server.state import ServerState
from stslocal.server.uploads import Form, Upload, invalid, private_folder, receive_form
from stslocal.settings import AUTO_FORMAT, OUTPUT_FORMATS, SUBTITLE_FORMATS

_POLL_S = 0.25
_KEEP_ALIVE_S = 15.0
_MEDIA = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
    ".ass": "text/x-ssa",
    ".txt": "text/plain",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
}
_FIELDS = {
    "file": (FILE, "A recording or video; may be given again for more of them."),
    "to": (TEXT, "Language to translate into; default: the one that the server translates into."),
    "from": (TEXT, "Language of the speech; left out, it is detected."),
    "voice": (TEXT, "As of `stslocal translate`; default: like the speaker's."),
    "output_format": (
        choice_of((AUTO_FORMAT, *OUTPUT_FORMATS)),
        "auto (default): a video for a video, else wav.",
    ),
    "subtitles": (
        TEXT,
        "Kinds with commas between them, or none; default: srt,vtt.",
    ),
}


class JobRoutes:
    """The routes for file jobs."""

    def __init__(self, state: ServerState, store: JobStore) -> None:
        self._state = state
        self._store = store
        self._uploads = state.options.folder / "uploads"

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        one = "/v1/jobs/{job}"
        return [
            Route("/v1/jobs", self.jobs, methods=["GET"]),
            Route("/v1/jobs", self.submit, methods=["POST"]),
            Route(one, self.job, methods=["GET"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/cancel", self.cancel, methods=["POST"]),
            Route(f"{one}/events", self.events, methods=["GET"]),
            Route(f"{one}/files/{{name}}", self.file, methods=["GET"]),
        ]

    @described(tag="jobs", body=FORM, fields=_FIELDS, required=["file"])
    async def submit(self, request: Request) -> Response:
        """Give recordings to translate into speech. The answer comes at once, the work later.

        The beginning of each recording is read, so that what is none is refused now.
        """
        await run_in_threadpool(
            self._store.check_room, int(request.headers.get("content-length") or 0)
        )
        with private_folder(self._uploads) as folder:
            most = self._state.options.limits.recordings
            form = await receive_form(request, folder, most_files=most)
            job = await run_in_threadpool(self._create, form)
        return JSONResponse(job.shown(), 201, headers={"location": f"/v1/jobs/{job.id}"})

    @described(tag="jobs")
    async def jobs(self, request: Request) -> Response:
        """List all jobs, the newest first."""
        rows = [job.shown() for job in self._store.jobs()]
        return JSONResponse({"object": "list", "data": rows})

    @described(tag="jobs")
    async def job(self, request: Request) -> Response:
        """Show a job: its state, how far its recordings are, and its results."""
        return JSONResponse(self._job(request).shown())

    @described(tag="jobs")
    async def cancel(self, request: Request) -> Response:
        """Stop a job. Recordings that are done keep their results."""
        job = self._job(request)
        await run_in_threadpool(self._store.cancel, job)
        return JSONResponse(job.shown())

    @described(tag="jobs")
    async def delete(self, request: Request) -> Response:
        """Stop a job, and delete it with its recordings and results."""
        job = self._job(request)
        await run_in_threadpool(self._store.delete, job)
        return JSONResponse({"id": job.id, "object": "job.deleted", "deleted": True})

    @described(tag="jobs", answers=[EVENT_STREAM])
    async def events(self, request: Request) -> Response:
        """Follow a job: an event `job` with all of it after each change, until it has ended."""
        job = self._job(request)
        return StreamingResponse(
            self._changes(job),
            media_type=EVENT_STREAM,
            headers=NOT_STORED,
        )

    @described(tag="jobs", answers=sorted(set(_MEDIA.values())))
    async def file(self, request: Request) -> Response:
        """Fetch a result by the name that the job shows for it."""
        job, name = self._job(request), request.path_params["name"]
        for file in job.files:
            path = self._store.results(job) / file.stored
            if file.name == name and path.is_file():
                return FileResponse(
                    path,
                    media_type=_MEDIA.get(Path(file.stored).suffix, "application/octet-stream"),
                    filename=file.name,
                    headers={"x-content-type-options": "nosniff"},
                )
        raise Refusal(404, "file_not_found", f"the job has no result {name[:80]!r}", param="name")

    def _job(self, request: Request) -> Job:
        return self._store.find(request.path_params["job"])

    def _create(self, form: Form) -> Job:
        form.check_names(frozenset(_FIELDS))
        uploads = [file for file in form.files if file.field == "file"]
        if not uploads:
            raise invalid("file", "there is no recording: send it in the field `file`", "missing")
        wanted = self._request(form)
        for upload in uploads:
            _check_recording(upload, wanted.source)
        return self._store.create(wanted, uploads)

    def _request(self, form: Form) -> JobRequest:
        """Check a form. Raises Refusal, and SettingsError for a language that does not exist."""
        own = self._state.settings
        target = form.text("to") or own.target
        if not target:
            raise invalid("to", "name the language to translate into in the field `to`", "missing")
        settings = self._state.settings_for(form.text("from") or "auto", target)
        if settings.source == settings.target:
            raise invalid("to", f"`from` and `to` are both {settings.target}: nothing to translate")
        form_of_sound = form.text("output_format") or own.output_format
        _check_one_of("output_format", [form_of_sound], (AUTO_FORMAT, *OUTPUT_FORMATS))
        given = form.text("subtitles", ",".join(own.subtitles))
        kinds = [] if given in ("", "none") else [kind.strip() for kind in given.split(",")]
        _check_one_of("subtitles", kinds, SUBTITLE_FORMATS)
        return JobRequest(
            target=settings.target,
            source=settings.source,
            voice=form.text("voice") or own.voice,
            output_format=form_of_sound,
            subtitles=tuple(dict.fromkeys(kinds)),
        )

    async def _changes(self, job: Job) -> AsyncIterator[str]:
        seen, quiet_s = -1, 0.0
        while True:
            ended = job.state in FINAL or self._state.ending.is_set()
            if job.version != seen:
                seen, quiet_s = job.version, 0.0
                yield event("job", job.shown())
            if ended:
                return
            await asyncio.sleep(_POLL_S)
            quiet_s += _POLL_S
            if quiet_s >= _KEEP_ALIVE_S:
                quiet_s = 0.0
                yield ": the job goes on\n\n"


def _check_recording(upload: Upload, source: str) -> None:
    choice = SoundChoice(language=None if source == "auto" else source)
    with upload.opened() as recording:
        try:
            check_sound(recording, choice)
        except AudioDecodeError as error:
            raise invalid("file", str(error), "invalid_audio") from error


def _check_one_of(name: str, values: list[str], allowed: tuple[str, ...]) -> None:
    for value in values:
        if value not in allowed:
            known: Any = ", ".join(allowed)
            raise invalid(name, f"there is no {name} {value[:40]!r}: take one of {known}")

"""The routes of the jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from stslocal.audio.decode import SoundChoice, check_sound
from stslocal.errors import AudioDecodeError
from stslocal.files.speakers.channels import count_channels
from stslocal.server.errors import Refusal
from stslocal.server.event_stream import EVENT_STREAM, NOT_STORED, event
from stslocal.server.jobs.fetched import fetched_session
from stslocal.server.jobs.job import FINAL, Job, JobRecording, JobRequest, ResultFile
from stslocal.server.jobs.store import JobStore
from stslocal.server.jobs.wishes import FIELDS, read_request
from stslocal.server.openapi import FORM, described
from stslocal.server.state import ServerState
from stslocal.server.uploads import Form, Upload, invalid, private_folder, receive_form

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
    ".html": "text/html",
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

    @described(tag="jobs", body=FORM, fields=FIELDS, required=["file"])
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
        for recording in job.recordings:
            for file in recording.files:
                path = self._store.results(job) / file.stored
                if file.name == name and await run_in_threadpool(path.is_file):
                    return await self._sent(path, file, recording)
        raise Refusal(404, "file_not_found", f"the job has no result {name[:80]!r}", param="name")

    async def _sent(self, path: Path, file: ResultFile, recording: JobRecording) -> Response:
        """The answer with a result, which a browser saves and never shows."""
        media = _MEDIA.get(path.suffix, "application/octet-stream")
        headers = {"x-content-type-options": "nosniff"}
        if file.kind != "session":
            return FileResponse(path, media_type=media, filename=file.name, headers=headers)
        names = {one.stored: one.name for one in recording.files}
        data = await run_in_threadpool(fetched_session, path, names)
        headers["content-disposition"] = f"attachment; filename*=utf-8''{quote(file.name)}"
        return Response(data, media_type=media, headers=headers)

    def _job(self, request: Request) -> Job:
        return self._store.find(request.path_params["job"])

    def _create(self, form: Form) -> Job:
        form.check_names(frozenset(FIELDS))
        uploads = [file for file in form.files if file.field == "file"]
        if not uploads:
            raise invalid("file", "there is no recording: send it in the field `file`", "missing")
        wanted = read_request(form, self._state)
        for upload in uploads:
            _check_recording(upload, wanted)
        return self._store.create(wanted, uploads)

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


def _check_recording(upload: Upload, wanted: JobRequest) -> None:
    language = None if wanted.source == "auto" else wanted.source
    choices = wanted.choices
    choice = SoundChoice(choices.get("audio_track"), choices.get("channel"), language)
    with upload.opened() as recording:
        try:
            check_sound(recording, choice)
            if choices.get("channels") == "speakers":
                recording.seek(0)
                count_channels(recording, choice)
        except AudioDecodeError as error:
            raise invalid("file", str(error), "invalid_audio") from error

"""Recordings to text: in their own language, or translated into any other."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from stslocal import languages
from stslocal.engines import registry
from stslocal.errors import SettingsError
from stslocal.files.options import FileOptions
from stslocal.files.speak import PlacedSegment
from stslocal.files.transcription import FileTranscription
from stslocal.files.translation import FileTranslation
from stslocal.loading.engines import Engines
from stslocal.server.audio_api.formats import FORMATS, GRANULARITIES, Line, TextResult, answer
from stslocal.server.audio_api.model_names import check_model
from stslocal.server.event_stream import EVENT_STREAM, NOT_STORED, event
from stslocal.server.openapi import FILE, FORM, JSON, TEXT, choice_of, described
from stslocal.server.state import ServerState
from stslocal.server.stoppable import stoppable
from stslocal.server.uploads import Form, Upload, invalid, private_folder, receive_form
from stslocal.server.work import Stopped, Workers
from stslocal.settings import NO_SPEECH

T = TypeVar("T")

_FIELDS = {
    "file": (FILE, "The recording or video, in any format that FFmpeg reads."),
    "model": (TEXT, "Any of OpenAI's names, `auto`, or the server's own recognizer."),
    "language": (TEXT, "Language of the speech, as `pt`; left out, it is detected."),
    "response_format": (choice_of(FORMATS), "Default: json."),
    "prompt": (TEXT, "Ignored."),
    "temperature": (TEXT, "Ignored."),
}
_TO = {
    "to": (TEXT, "Language to translate into, as `de`, also one without a voice; default: English.")
}
_MORE = {
    "timestamp_granularities[]": (choice_of(GRANULARITIES), "`word` adds the words' times."),
    "stream": (choice_of(("true", "false")), "`true` sends the text as events, as it is found."),
}
_TEXTS = (JSON, "text/plain", "application/x-subrip", "text/vtt")
_STREAMED = (*_TEXTS, EVENT_STREAM)
_CLIENT_IS_GONE = 499


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A request for the text of a recording, checked."""

    upload: Upload
    model: str
    source: str
    """`auto` where the language is to be detected."""
    target: str
    """Empty for the text in the language of the speech."""
    form: str
    granularities: tuple[str, ...]
    as_events: bool = False


class RecordingTexts:
    """The routes for the text of recordings."""

    def __init__(self, state: ServerState, workers: Workers) -> None:
        self._state = state
        self._workers = workers
        self._folder = state.options.folder / "uploads"

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            Route("/v1/audio/transcriptions", self.transcriptions, methods=["POST"]),
            Route("/v1/audio/translations", self.translations, methods=["POST"]),
        ]

    @described(
        tag="recordings",
        body=FORM,
        fields={**_FIELDS, **_MORE},
        required=["file"],
        answers=_STREAMED,
    )
    async def transcriptions(self, request: Request) -> Response:
        """Recognize a recording in the language that is spoken in it."""
        return _Answer(self._send, translate=False)

    @described(
        tag="recordings", body=FORM, fields={**_FIELDS, **_TO}, required=["file"], answers=_TEXTS
    )
    async def translations(self, request: Request) -> Response:
        """Translate the speech of a recording into text in another language."""
        return _Answer(self._send, translate=True)

    async def _send(self, request: Request, send: Send, *, translate: bool) -> None:
        """Take the request's form, and send the answer. The upload lies as long as this runs."""
        with private_folder(self._folder) as folder:
            wanted = _wanted(await receive_form(request, folder), translate=translate)
            if wanted.as_events:
                async with self._workers.place():
                    events = await self._workers.begun(self._events(wanted))
                    response: Response = StreamingResponse(
                        events, media_type=EVENT_STREAM, headers=NOT_STORED
                    )
                    await response(request.scope, request.receive, send)
                return
            try:
                result = await self._workers.run(request, lambda stop: self._result(wanted, stop))
            except Stopped:
                response = Response(status_code=_CLIENT_IS_GONE)
            else:
                response = answer(result, wanted.form, wanted.granularities)
        await response(request.scope, request.receive, send)

    def _events(self, wanted: _Wanted) -> Iterator[str]:
        """The text as the events that OpenAI's clients know, a segment as soon as it is found."""
        with wanted.upload.opened() as recording:
            running, text = self._recognition(wanted, recording, threading.Event()), ""
            with closing(running.segments()) as segments:
                for segment in segments:
                    delta = f" {segment.text}" if text else segment.text
                    text += delta
                    yield _event("transcript.text.delta", delta=delta)
            usage = {"type": "duration", "seconds": round(running.duration_s, 3)}
            yield _event("transcript.text.done", text=text, usage=usage)

    def _result(self, wanted: _Wanted, stop: threading.Event) -> TextResult:
        with wanted.upload.opened(stop) as recording:
            if not wanted.target or wanted.target == wanted.source:
                return self._recognized(wanted, recording, stop)
            return self._translated(wanted, recording, stop)

    def _recognition(
        self, wanted: _Wanted, recording: BinaryIO, stop: threading.Event
    ) -> FileTranscription:
        engines = stoppable(self._state.recognition_for("files"), lambda: _check(stop))
        check_model(wanted.model, engines.name, registry.RECOGNIZER)
        given = None if wanted.source == "auto" else wanted.source
        if given is not None and given not in engines.recognizer.capabilities.languages:
            raise invalid(
                "language",
                f"{engines.name} does not recognize {languages.name_of(given)}",
            )
        return FileTranscription(
            engines.vad,
            engines.recognizer,
            recording,
            language=given,
            longest_s=self._state.options.limits.recording_s,
        )

    def _engines(self, source: str, target: str, stop: threading.Event) -> Engines:
        engines = self._state.engines_for(source, target, "files", tts=NO_SPEECH)
        return stoppable(engines, lambda: _check(stop))

    def _recognized(
        self, wanted: _Wanted, recording: BinaryIO, stop: threading.Event
    ) -> TextResult:
        running = self._recognition(wanted, recording, stop)
        with closing(running.segments()) as segments:
            lines = [Line(one, one.text) for one in _until(segments, stop)]
        spoken = running.source_language
        return TextResult(lines, spoken, spoken, running.duration_s, running.warnings)

    def _translated(
        self, wanted: _Wanted, recording: BinaryIO, stop: threading.Event
    ) -> TextResult:
        engines = self._engines(wanted.source, wanted.target, stop)
        check_model(wanted.model, engines.selection.recognizer, registry.RECOGNIZER)
        options = replace(
            FileOptions.from_settings(self._state.settings_for(wanted.source, wanted.target)),
            longest_s=self._state.options.limits.recording_s,
        )
        running = FileTranslation(engines, recording, options, is_spoken=False)
        try:
            with closing(running.segments()) as segments:
                lines = [_translated_line(one) for one in _until(segments, stop)]
        except SettingsError:
            if running.source_language != wanted.target:
                raise
            recording.seek(0)  # all of it is in the target language already
            return self._recognized(wanted, recording, stop)
        return TextResult(
            lines,
            wanted.target,
            running.source_language,
            running.duration_s,
            running.warnings,
        )


def _check(stop: threading.Event) -> None:
    if stop.is_set():
        raise Stopped


class _Answer(Response):
    """A response that is made while it is sent."""

    def __init__(self, send_to: Callable[..., Awaitable[None]], *, translate: bool) -> None:
        super().__init__()
        self._send_to = send_to
        self._translate = translate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the answer, and send it."""
        await self._send_to(Request(scope, receive), send, translate=self._translate)


def _event(kind: str, **data: Any) -> str:
    return event(kind, {"type": kind, **data})


def _translated_line(placed: PlacedSegment) -> Line:
    """The translation of a segment, whose sound is not kept: it may be hours."""
    translated = placed.spoken.translated
    return Line(replace(translated.segment, original=None), translated.text)


def _until(items: Iterator[T], stop: threading.Event) -> Iterator[T]:
    """The items. Raises Stopped when nobody waits for them any more."""
    for item in items:
        _check(stop)
        yield item


def _wanted(form: Form, *, translate: bool) -> _Wanted:
    """Check a form. Raises Refusal, and SettingsError for a language that does not exist."""
    form.check_names(frozenset({*_FIELDS, *(_TO if translate else _MORE), "include[]"}))
    files = [file for file in form.files if file.field == "file"]
    if not files:
        raise invalid("file", "there is no recording: send it in the field `file`", "missing")
    stream = form.text("stream").lower() or "false"
    if stream not in ("true", "false"):
        raise invalid("stream", f"stream is true or false, not {stream[:40]!r}")
    response_format = form.text("response_format") or "json"
    if stream == "true" and response_format != "json":
        raise invalid("stream", "events have the text alone: leave out `response_format`")
    if response_format not in FORMATS:
        raise invalid(
            "response_format",
            f"there is no response_format {response_format[:40]!r}: take one of "
            f"{', '.join(FORMATS)}",
        )
    granularities = tuple(form.fields.get("timestamp_granularities[]", ()))
    for one in granularities:
        if one not in GRANULARITIES:
            raise invalid(
                "timestamp_granularities[]",
                f"{one[:40]!r} is not one of {', '.join(GRANULARITIES)}",
            )
    source = form.text("language") or "auto"
    target = (form.text("to") or "en") if translate else ""
    return _Wanted(
        upload=files[0],
        model=form.text("model"),
        source=source if source == "auto" else languages.find(source).code,
        target=languages.find(target).code if target else "",
        form=response_format,
        granularities=granularities,
        as_events=stream == "true",
    )

"""Text to speech, streamed."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from stslocal import languages
from stslocal.engines import registry
from stslocal.errors import ModelNotFoundError, SettingsError
from stslocal.files.speech import has_words
from stslocal.foreign_files import UnreadableFileError
from stslocal.loading.engines import Engines
from stslocal.server.audio_api.model_names import check_model
from stslocal.server.client_json import parse_client_json
from stslocal.server.event_stream import EVENT_STREAM, NOT_STORED, event
from stslocal.server.openapi import JSON, TEXT, Schema, choice_of, described
from stslocal.server.speaking import FASTEST, PCM, SLOWEST, encoded, speech_of
from stslocal.server.state import ServerState
from stslocal.server.uploads import invalid, receive_body
from stslocal.server.work import Workers
from stslocal.settings import LIKE_THE_SPEAKER
from stslocal.types import VoiceProfile

FORMATS = {
    "mp3": ("mp3", "audio/mpeg"),
    "opus": ("ogg", "audio/ogg"),
    "aac": ("aac", "audio/aac"),
    "flac": ("flac", "audio/flac"),
    "wav": ("wav", "audio/wav"),
    "pcm": (PCM, "audio/pcm"),
}
"""OpenAI's names: ours, and the media type."""
OPENAI_VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse",
    "marin", "cedar",
)  # fmt: skip
"""Clients have one of these built in: each stands for a voice of the language."""
LONGEST_TEXT = 32_768
"""Characters: eight times OpenAI's."""
_STREAMS = ("audio", "sse")
_FIELDS: dict[str, tuple[Schema, str]] = {
    "input": (TEXT, f"The text, at most {LONGEST_TEXT} characters."),
    "model": (TEXT, "Any of OpenAI's names, `auto`, or the server's own synthesizer."),
    "voice": (
        TEXT,
        "A saved or a built-in voice, or one of OpenAI's names, which stand for voices of the "
        "language. Default: the language's.",
    ),
    "language": (
        TEXT,
        "Language of the text, as `pt`. Default: the voice's own, else the one that the server "
        "translates into, else English.",
    ),
    "response_format": (choice_of(list(FORMATS)), "Default: mp3. pcm: 24 kHz, 16 bit, mono."),
    "speed": ({"type": "number", "minimum": SLOWEST, "maximum": FASTEST}, "Default: 1."),
    "stream_format": (choice_of(_STREAMS), "`sse` sends the sound as events. Default: audio."),
    "instructions": (TEXT, "Ignored."),
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A request for speech, checked."""

    text: str
    model: str
    voice: str
    language: str
    """Empty where it is to be found by the voice."""
    form: str
    speed: float
    as_events: bool


class SpeechRoutes:
    """The route for speech."""

    def __init__(self, state: ServerState, workers: Workers) -> None:
        self._state = state
        self._workers = workers

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [Route("/v1/audio/speech", self.speech, methods=["POST"])]

    @described(
        tag="speech",
        body=JSON,
        fields=_FIELDS,
        required=["input"],
        answers=[media for _, media in FORMATS.values()] + [EVENT_STREAM],
    )
    async def speech(self, request: Request) -> Response:
        """Speak a text. The sound is sent while later sentences are spoken."""
        body = await receive_body(request, self._state.options.limits.body_bytes)
        return _Speech(_wanted(body), self._workers, self._pieces)

    def _pieces(self, wanted: _Wanted) -> Iterator[bytes]:
        """Speak: the bytes in pieces. What cannot be spoken raises at the first one."""
        language, engines = self._language(wanted)
        check_model(wanted.model, engines.selection.synthesizer, registry.SYNTHESIZER)
        speech = speech_of(
            wanted.text,
            engines.synthesizer,
            language=language,
            voice=_voice(engines, wanted.voice, language),
            speed=wanted.speed,
        )
        form, _ = FORMATS[wanted.form]
        yield from filter(None, encoded(speech, engines.synthesizer.sample_rate, form))

    def _language(self, wanted: _Wanted) -> tuple[str, Engines]:
        """The language of the text, and the engines for it."""
        code = wanted.language or self._state.settings.target or "en"
        engines = self._speaking(code)
        if wanted.language or not wanted.voice:
            return code, engines
        spoken = sorted(engines.synthesizer.capabilities.languages)
        for own in [code, *spoken]:
            if wanted.voice in engines.synthesizer.voice_names(own):
                return own, engines
        return code, engines

    def _speaking(self, code: str) -> Engines:
        """The engines that speak a language, which need not translate into it."""
        try:
            return self._state.engines_for("auto", code, "files")
        except (SettingsError, ModelNotFoundError):
            others = self._state.engines_for("auto", "en", "files")
            if code not in others.synthesizer.capabilities.languages:
                raise
            return others


class _Speech(Response):
    """The response: refused before the first byte, or streamed."""

    def __init__(
        self, wanted: _Wanted, workers: Workers, pieces: Callable[[_Wanted], Iterator[bytes]]
    ) -> None:
        super().__init__()
        self._wanted = wanted
        self._workers = workers
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold a place of the workers as long as there is something to speak and to send."""
        wanted = self._wanted
        async with self._workers.place():
            body = await self._workers.begun(self._pieces(wanted))
            if wanted.as_events:
                response = StreamingResponse(
                    _events(body), media_type=EVENT_STREAM, headers=NOT_STORED
                )
            else:
                response = StreamingResponse(body, media_type=FORMATS[wanted.form][1])
            await response(scope, receive, send)


async def _events(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The sound as the events that OpenAI's clients know."""
    async for piece in pieces:
        audio = base64.b64encode(piece).decode()
        yield _event("speech.audio.delta", audio=audio)
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    yield _event("speech.audio.done", usage=usage)


def _event(kind: str, **data: Any) -> str:
    return event(kind, {"type": kind, **data})


def _voice(engines: Engines, name: str, language: str) -> VoiceProfile | None:
    """The voice of a name; None is the language's default. Raises SettingsError."""
    if name in ("", "default", *LIKE_THE_SPEAKER):
        return None
    known = engines.synthesizer.voice_names(language)
    if name in OPENAI_VOICES and name not in known and name not in engines.saved:
        number = OPENAI_VOICES.index(name)
        return engines.synthesizer.voice(known[number % len(known)]) if known else None
    return engines.voices.voice(name, language=language)


def _wanted(body: bytes) -> _Wanted:
    """Check a body. Raises Refusal, and SettingsError for a language that does not exist."""
    try:
        given = parse_client_json(body)
    except UnreadableFileError as error:
        raise invalid("", f"the body {error}", "invalid_json") from None
    if not isinstance(given, dict):
        raise invalid("", "the body is no JSON object: send one with `input`", "invalid_json")
    for name in given:
        if name not in _FIELDS:
            message = f"there is no parameter {name[:60]!r}: leave it out"
            raise invalid(name[:60], message, "unknown_parameter")
    text = _text(given, "input", LONGEST_TEXT)
    if not has_words(text):
        message = "there is nothing to speak: send a text with words in `input`"
        raise invalid("input", message, "missing")
    voice = given.get("voice")
    if isinstance(voice, dict):
        given = {**given, "voice": voice.get("id")}
    speed = given.get("speed", 1.0)
    is_number = isinstance(speed, int | float) and not isinstance(speed, bool)
    if not is_number or not SLOWEST <= speed <= FASTEST:
        raise invalid("speed", f"speed is a number from {SLOWEST:g} to {FASTEST:g}")
    language = _text(given, "language")
    return _Wanted(
        text=text,
        model=_text(given, "model"),
        voice=_text(given, "voice"),
        language=languages.find(language).code if language else "",
        form=_one_of(given, "response_format", list(FORMATS)),
        speed=float(speed),
        as_events=_one_of(given, "stream_format", _STREAMS) == "sse",
    )


def _text(given: dict[str, Any], name: str, longest: int = 200) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid(name, f"{name} is no text: send a string")
    if len(value) > longest:
        raise invalid(
            name, f"{name} has more than {longest} characters: cut it into parts", "too_long"
        )
    return value


def _one_of(given: dict[str, Any], name: str, values: list[str] | tuple[str, ...]) -> str:
    value = _text(given, name) or values[0]
    if value not in values:
        raise invalid(name, f"there is no {name} {value[:40]!r}: take one of {', '.join(values)}")
    return value

"""The events of OpenAI's realtime translation protocol, as the package `openai` names them.

The client sends `session.update`, `session.input_audio_buffer.append` and `session.close`. The
server sends `session.created`, `session.updated`, `session.closed`,
`session.input_transcript.delta`, `session.output_transcript.delta`, `session.output_audio.delta`
and `error`. Sound is 24 kHz mono PCM16, little-endian, in base64.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from stslocal import languages
from stslocal.audio.resample import from_pcm16, to_pcm16
from stslocal.errors import SettingsError
from stslocal.foreign_files import UnreadableFileError
from stslocal.server.client_json import parse_client_json
from stslocal.server.errors import Refusal
from stslocal.settings import Settings
from stslocal.types import Samples

WIRE_RATE = 24_000
"""Hertz of the sound in both directions."""
_LONGEST_NAME = 200


class ProtocolError(Refusal):
    """A client's event that cannot be used. The session goes on."""

    def __init__(
        self, code: str, message: str, *, param: str | None = None, event_id: str | None = None
    ) -> None:
        super().__init__(400, code, message, param=param)
        self.event_id = event_id


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """What a client may change of a session."""

    language: str = ""
    """Code of the language to speak; empty until one is chosen."""
    transcription: str | None = None
    """The model that the client named for the transcript of the source; None sends none."""

    def as_json(self) -> dict[str, Any]:
        """The `audio` of a session object."""
        transcription = None if self.transcription is None else {"model": self.transcription}
        return {
            "input": {"transcription": transcription, "noise_reduction": None},
            "output": {"language": self.language or None},
        }

    def updated(self, session: object) -> SessionConfig:
        """This with the changes of a client's session object. Raises ProtocolError."""
        audio = _object(_object(session, "session").get("audio", {}), "session.audio")
        config = self
        output = _object(audio.get("output", {}), "session.audio.output")
        if "language" in output:
            param = "session.audio.output.language"
            given = output["language"]
            name = "" if given is None else _name(given, param)
            try:
                config = replace(config, language=languages.find(name).code if name else "")
            except SettingsError as error:
                raise ProtocolError("invalid_value", str(error), param=param) from None
        sound = _object(audio.get("input", {}), "session.audio.input")
        if "transcription" in sound:
            param = "session.audio.input.transcription"
            wanted = sound["transcription"]
            model = (
                None
                if wanted is None
                else _name(_object(wanted, param).get("model", "whisper"), f"{param}.model")
            )
            config = replace(config, transcription=model)
        return config


@dataclass(frozen=True, slots=True)
class Update:
    """`session.update`: `session` is what the client sent, unchecked."""

    session: object
    event_id: str | None


@dataclass(frozen=True, slots=True)
class Append:
    """`session.input_audio_buffer.append`."""

    samples: Samples
    """Shape (n,), float32, at WIRE_RATE."""
    played: Samples | None = None
    """What the client's loudspeaker played meanwhile, as many samples; None where it was silent.
    The field `played` is not of OpenAI's protocol, and may be left out."""


@dataclass(frozen=True, slots=True)
class Close:
    """`session.close`."""


ClientEvent: TypeAlias = Update | Append | Close


def parse(message: str | bytes) -> ClientEvent:
    """Read a message of a client. Raises ProtocolError for anything that is no event of it."""
    try:
        document = parse_client_json(message)
    except UnreadableFileError as error:
        raise ProtocolError("invalid_json", f"the message {error}") from None
    if not isinstance(document, dict):
        raise ProtocolError("invalid_event", "the message is no JSON object: send an event")
    event_id = document.get("event_id")
    if event_id is not None and (not isinstance(event_id, str) or len(event_id) > _LONGEST_NAME):
        raise ProtocolError("invalid_value", "event_id is no short text", param="event_id")
    try:
        return _event(document, event_id)
    except ProtocolError as error:
        error.event_id = event_id
        raise


def _event(document: dict[str, Any], event_id: str | None) -> ClientEvent:
    kind = document.get("type")
    if kind == "session.input_audio_buffer.append":
        return _append(document)
    if kind == "session.update":
        if "session" not in document:
            raise ProtocolError("missing_value", "session.update needs `session`", param="session")
        return Update(document["session"], event_id)
    if kind == "session.close":
        return Close()
    raise ProtocolError(
        "invalid_event",
        f"there is no event {kind!r:.80}: send session.update, session.input_audio_buffer.append "
        "or session.close",
        param="type",
    )


def _append(document: dict[str, Any]) -> Append:
    samples = _samples(document, "audio")
    if document.get("played") is None:
        return Append(samples)
    played = _samples(document, "played")
    if len(played) != len(samples):
        raise ProtocolError(
            "invalid_audio",
            "`played` is not as long as `audio`: both are of the same time",
            param="played",
        )
    return Append(samples, played)


def _samples(document: dict[str, Any], param: str) -> Samples:
    audio = document.get(param)
    if not isinstance(audio, str):
        raise ProtocolError("invalid_audio", f"`{param}` is no base64 text", param=param)
    try:
        data = base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError("invalid_audio", f"`{param}` is not base64", param=param) from None
    if len(data) % 2:
        raise ProtocolError(
            "invalid_audio", f"`{param}` is no PCM16: it has half a sample", param=param
        )
    return from_pcm16(data)


def audio_delta(samples: Samples) -> str:
    """Samples at WIRE_RATE, shape (n,), as the `delta` of an output event."""
    return base64.b64encode(to_pcm16(samples)).decode()


def _object(value: object, param: str) -> dict[str, Any]:
    if value is None and param != "session":
        return {}
    if not isinstance(value, dict):
        raise ProtocolError("invalid_type", f"{param} is no object", param=param)
    return value


def _name(value: object, param: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME:
        raise ProtocolError("invalid_type", f"{param} is no short text", param=param)
    return value


def default_config(settings: Settings, given: SessionConfig | None = None) -> SessionConfig:
    """The configuration with which a session begins: what is given, else the server's target."""
    config = given or SessionConfig()
    return config if config.language else replace(config, language=settings.target)

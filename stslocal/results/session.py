"""The session file: everything that is known about one translation, as JSON that reruns read.

It is written beside the audio as NAME.session.json, after all other files: when it is there, the
other files are complete. (In a live session it grows with the session. Until the end, `output` is
empty and a warning says so.) Version 1:

    schema      "stslocal.session"
    version     1
    program     the stslocal version that wrote it
    source      {name, duration_s, bytes, sha256, has_pictures}   bytes and sha256 are null for a
                stream; has_pictures is left out for sound alone
    language    {source, target, source_probability}
    models      [{role, engine, model, files: {file name: sha256}}]
    voice       {name, pitch_semitones, provenance: {key: text}}
    speakers    {name: voice as above}: left out if speakers are not distinguished
    turns       [{start_s, end_s, speaker}]: who speaks when; left out if that is not known
    settings    {key: value}: the fingerprint, which a rerun compares
    output      {file name: {bytes, sha256}}: the files written, in the session's folder
    earlier_output  the same for files of an earlier session with other options; left out if none
    spoken_live the segments as they were recognized, translated and spoken live, where `segments`
                are those of a second pass over the whole recording; left out if none
    audio       {sample_rate, duration_s}: of the translated speech; 0 if nothing is spoken
    segments    [{index, language, speaker, also (who speaks at the same time; left out if nobody),
                  source: {start_s, end_s, text, words: [[text, start_s, end_s, probability]]},
                  translation: text,
                  target: {start_s, end_s}: its place in the translated audio; null if silent
                  late_s: how long after its source it starts; null if silent
                  voice, speed,         voice is `original` where speech that is in the target
                                        language keeps its own sound and text
                  timings: {recognition_s, translation_s, synthesis_s}
                  correction, redone, made: what a person corrected (see `corrections`)
                  check: {fault, recognized, said_again}}]: left out where it was not checked
    warnings    [sentence]
    dropped     [{start_s, end_s, reason, text}]: speech of which the translation has nothing.
                `text` is what was rejected, or what has no translation or no sound; or a
                translation that is doubtful, which is in the audio all the same
    seal        sha256 of this file without this line, in a finished session of a recording: it
                shows whether somebody changed the file

All times are seconds since the start of the source. A reader must refuse another `schema`, or a
`version` above the one it knows, and ignore fields that it does not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from stslocal.errors import StslocalError
from stslocal.foreign_files import PathKind, UnreadableFileError, kind_of, parse_json, read_text
from stslocal.results.session_segment import (
    SessionSegment,
    dropped_row,
    parse_dropped,
    parse_segment,
    segment_row,
)
from stslocal.results.session_speakers import (
    SessionVoice,
    parse_turn,
    parse_voice,
    parse_voices,
    speaker_rows,
    voice_row,
)
from stslocal.settings import NO_SPEECH
from stslocal.storage import sha256_of
from stslocal.types import Dropped, Turn

SCHEMA = "stslocal.session"
VERSION = 1

_SEAL = re.compile(rb',\n "seal": "([0-9a-f]{64})"\n}\n\Z')


class SessionFormatError(StslocalError):
    """A session file cannot be read: it is damaged, of another kind or of a newer version."""


@dataclass(frozen=True, slots=True)
class SessionSource:
    """The recording that was translated."""

    name: str
    duration_s: float
    bytes: int | None = None
    sha256: str | None = None
    has_pictures: bool = False
    """Whether it is a video."""


@dataclass(frozen=True, slots=True)
class SessionModel:
    """A model that took part, with the sha256 of each of its files."""

    role: str
    engine: str
    model: str
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutputFile:
    """Size and sha256 of a written file, by which a rerun finds out whether it has changed."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Session:
    """One translation, as its session file describes it."""

    program: str
    source: SessionSource
    source_language: str
    source_probability: float
    target_language: str
    models: Sequence[SessionModel]
    voice: SessionVoice
    settings: Mapping[str, Any]
    output: Mapping[str, OutputFile]
    sample_rate: int
    duration_s: float
    segments: Sequence[SessionSegment]
    warnings: Sequence[str] = ()
    dropped: Sequence[Dropped] = ()
    earlier_output: Mapping[str, OutputFile] = field(default_factory=dict)
    """Files of an earlier session with other options that are still there, as it wrote them."""
    spoken_live: Sequence[SessionSegment] = ()
    """The segments of the live session, where `segments` are those of a second pass over it."""
    speakers: Mapping[str, SessionVoice] = field(default_factory=dict)
    """The voice of each speaker; empty where speakers are not distinguished."""
    turns: Sequence[Turn] = ()
    """Who speaks when, where that is known."""

    @property
    def is_spoken(self) -> bool:
        """Whether the translation was to be spoken; else it is text alone."""
        return self.settings.get("tts") != NO_SPEECH

    def to_json(self) -> str:
        """Write the session as JSON, with one field, model or segment a line."""
        fields = ",\n".join(
            f" {json.dumps(name)}: {_rows(value)}" for name, value in _document(self).items()
        )
        return f"{{\n{fields}\n}}\n"

    def around_segments(self) -> tuple[str, str]:
        """The text that `to_json` writes before and after the segments.

        Between the two come the `segment_line`s, separated by commas.
        """
        without = replace(self, segments=(), spoken_live=())
        before, name, after = without.to_json().partition('"segments": [')
        return before + name, "\n " + after

    @classmethod
    def from_json(cls, text: str) -> Session:
        """Read the text of `to_json`. Raises SessionFormatError for any other text."""
        try:
            document = parse_json(text)
            if document["schema"] != SCHEMA:
                raise SessionFormatError(f"its schema is {document['schema']!r}, not {SCHEMA!r}")
            if document["version"] > VERSION:
                raise SessionFormatError(
                    f"it has version {document['version']}; this stslocal reads up to {VERSION}"
                )
            return _session(document)
        except SessionFormatError:
            raise
        except UnreadableFileError as error:
            raise SessionFormatError(f"it {error}") from error
        except Exception as error:  # any field may hold anything
            raise SessionFormatError(f"it is damaged ({error!r})") from error


def read_session(path: Path) -> Session:
    """Read a session file. Raises SessionFormatError that names the file."""
    try:
        return Session.from_json(read_text(path))
    except UnreadableFileError as error:
        raise SessionFormatError(f"{path} {error}") from error
    except SessionFormatError as error:
        raise SessionFormatError(f"{path} is not a session that can be read: {error}") from error


def sealed(session: Session) -> bytes:
    """The bytes of a finished session file, with its seal. A name that is not UTF-8 is escaped."""
    data = session.to_json().encode("utf-8", "backslashreplace")
    return data[:-3] + b',\n "seal": "%s"\n}\n' % sha256(data).hexdigest().encode()


def is_untouched(data: bytes) -> bool:
    """Whether nobody changed a session file since `sealed` made it. One without a seal passes."""
    if seal := _SEAL.search(data):
        return sha256(data[: seal.start()] + b"\n}\n").hexdigest().encode() == seal[1]
    return b'"seal"' not in data


def is_complete(session: Session, folder: Path) -> bool:
    """Whether every file that the session names is in `folder` and unchanged."""
    return all(
        kind_of(folder / name) is PathKind.FILE
        and (folder / name).stat().st_size == written.bytes
        and sha256_of(folder / name) == written.sha256
        for name, written in session.output.items()
    )


def _rows(value: object) -> str:
    """JSON with each element of a list on its own line."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
    return f"[\n{rows}\n ]"


def _document(session: Session) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "program": session.program,
        "source": {
            "name": session.source.name,
            "duration_s": round(session.source.duration_s, 3),
            "bytes": session.source.bytes,
            "sha256": session.source.sha256,
            **({"has_pictures": True} if session.source.has_pictures else {}),
        },
        "language": {
            "source": session.source_language,
            "target": session.target_language,
            "source_probability": round(session.source_probability, 3),
        },
        "models": [
            {"role": m.role, "engine": m.engine, "model": m.model, "files": dict(m.files)}
            for m in session.models
        ],
        "voice": voice_row(session.voice),
        **speaker_rows(session.speakers, session.turns),
        "settings": dict(session.settings),
        "output": _files(session.output),
        **({"earlier_output": _files(session.earlier_output)} if session.earlier_output else {}),
        "audio": {"sample_rate": session.sample_rate, "duration_s": round(session.duration_s, 3)},
        "segments": [segment_row(segment) for segment in session.segments],
        **(
            {"spoken_live": [segment_row(segment) for segment in session.spoken_live]}
            if session.spoken_live
            else {}
        ),
        "warnings": list(session.warnings),
        "dropped": [dropped_row(one) for one in session.dropped],
    }


def _files(files: Mapping[str, OutputFile]) -> dict[str, Any]:
    return {name: {"bytes": file.bytes, "sha256": file.sha256} for name, file in files.items()}


def _parse_files(rows: Mapping[str, Any]) -> dict[str, OutputFile]:
    return {name: OutputFile(int(row["bytes"]), str(row["sha256"])) for name, row in rows.items()}


def _session(document: Mapping[str, Any]) -> Session:
    source, language, audio = document["source"], document["language"], document["audio"]
    return Session(
        program=str(document["program"]),
        source=SessionSource(
            name=str(source["name"]),
            duration_s=float(source["duration_s"]),
            bytes=source["bytes"],
            sha256=source["sha256"],
            has_pictures=bool(source.get("has_pictures", False)),
        ),
        source_language=str(language["source"]),
        source_probability=float(language["source_probability"]),
        target_language=str(language["target"]),
        models=[
            SessionModel(row["role"], row["engine"], row["model"], dict(row["files"]))
            for row in document["models"]
        ],
        voice=parse_voice(document["voice"]),
        speakers=parse_voices(document.get("speakers", {})),
        turns=tuple(parse_turn(row) for row in document.get("turns", ())),
        settings=dict(document["settings"]),
        output=_parse_files(document["output"]),
        earlier_output=_parse_files(document.get("earlier_output", {})),
        sample_rate=int(audio["sample_rate"]),
        duration_s=float(audio["duration_s"]),
        segments=[parse_segment(row) for row in document["segments"]],
        spoken_live=tuple(parse_segment(row) for row in document.get("spoken_live", ())),
        warnings=list(document["warnings"]),
        dropped=[parse_dropped(row) for row in document.get("dropped", ())],
    )

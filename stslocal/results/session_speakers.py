"""Writes and reads the voices and speakers of a session file. `session` describes the format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stslocal.types import Turn


@dataclass(frozen=True, slots=True)
class SessionVoice:
    """The voice that spoke."""

    name: str
    pitch_semitones: float = 0.0
    provenance: Mapping[str, str] = field(default_factory=dict)


def voice_row(voice: SessionVoice) -> dict[str, Any]:
    """A voice as JSON values."""
    return {
        "name": voice.name,
        "pitch_semitones": round(voice.pitch_semitones, 2),
        "provenance": dict(voice.provenance),
    }


def speaker_rows(voices: Mapping[str, SessionVoice], turns: Sequence[Turn]) -> dict[str, Any]:
    """The fields `speakers` and `turns`; those that are empty are left out."""
    rows: dict[str, Any] = {}
    if voices:
        rows["speakers"] = {name: voice_row(voice) for name, voice in voices.items()}
    if turns:
        rows["turns"] = [
            {"start_s": round(one.start_s, 3), "end_s": round(one.end_s, 3), "speaker": one.speaker}
            for one in turns
        ]
    return rows


def parse_voice(row: Mapping[str, Any]) -> SessionVoice:
    """Read the values of `voice_row`. Raises KeyError, TypeError or ValueError for others."""
    return SessionVoice(str(row["name"]), float(row["pitch_semitones"]), dict(row["provenance"]))


def parse_voices(rows: Mapping[str, Any]) -> dict[str, SessionVoice]:
    """Read the field `speakers`. Raises as `parse_voice` does, or AttributeError."""
    return {str(name): parse_voice(row) for name, row in rows.items()}


def parse_turn(row: Mapping[str, Any]) -> Turn:
    """Read a row of `turns`. Raises as `parse_voice` does."""
    return Turn(float(row["start_s"]), float(row["end_s"]), str(row["speaker"]))

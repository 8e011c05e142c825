"""What a person wants otherwise in a segment of a session, beside what the program made of it.

A segment's own fields say what is in the files now. Beside them it may have

    correction  what a person wants: {text, translation, start_s, end_s, voice, speed, skip}, of
                which only those are there that a person gave
    redone      the correction with which the files were made last; left out where there is none
    made        {text, translation}: what the program recognized and translated by itself, where
                `redone` has others

A segment whose `correction` and `redone` differ is to be done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

SLOWEST, FASTEST = 0.5, 2.0
"""Speaking rates that a person may ask for, where 1.0 is the voice's own."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person wants otherwise in a segment. None, and False, where nothing."""

    text: str | None = None
    """What was said."""
    translation: str | None = None
    start_s: float | None = None
    """Where the translation starts to be spoken."""
    end_s: float | None = None
    """When it is to be over: it is spoken as fast as that needs."""
    voice: str | None = None
    """The name of a voice."""
    speed: float | None = None
    skip: bool = False
    """Whether the segment is left out of the sound and of the subtitles."""

    def __bool__(self) -> bool:
        return self != NOTHING


NOTHING = Correction()
"""The correction of a segment in which a person wants nothing otherwise."""


@dataclass(frozen=True, slots=True)
class Made:
    """The texts of a segment as the program made them by itself."""

    text: str
    translation: str


def correction_row(correction: Correction) -> dict[str, Any]:
    """The correction as JSON values; what a person did not give is left out."""
    row = {each.name: getattr(correction, each.name) for each in fields(correction)}
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in row.items()
        if value is not None and value is not False
    }


def parse_correction(row: Mapping[str, Any]) -> Correction:
    """Read the values of `correction_row`. Raises TypeError or ValueError for others."""

    def text(name: str) -> str | None:
        return None if row.get(name) is None else str(row[name])

    def number(name: str) -> float | None:
        return None if row.get(name) is None else float(row[name])

    return Correction(
        text=text("text"),
        translation=text("translation"),
        start_s=number("start_s"),
        end_s=number("end_s"),
        voice=text("voice"),
        speed=number("speed"),
        skip=bool(row.get("skip", False)),
    )

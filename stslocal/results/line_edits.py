"""The lines of a session for programs: what each one says, and how a correction is given.

A correction of a line is a mapping with some of the fields EDITABLE. None takes back what was
corrected there. The rules are those of the table that `stslocal edit` opens.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stslocal.errors import SettingsError
from stslocal.results.line_times import written_time
from stslocal.results.lines import YES, GivenLine, corrected, one_line, shown_cells, shown_span
from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment

EDITABLE = ("text", "translation", "start_s", "end_s", "voice", "speed", "skip")
LONGEST_TEXT = 2000
"""Characters of a corrected text: nobody says more in one sentence."""
LONGEST_VOICE = 100
_LATEST_S = 360_000.0
_CELLS = {"text": "original", "start_s": "start", "end_s": "end"}
_MOST_SAID = 5
"""Faults that one sentence names."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a translation, with what a person corrected in it."""

    number: int
    """From 1."""
    source_start_s: float
    source_end_s: float
    start_s: float
    """When its translation is spoken; while it has no sound, when it is said."""
    end_s: float
    text: str
    """What was said."""
    translation: str
    language: str
    """Of the text."""
    speaker: str
    """Empty where speakers are not distinguished."""
    voice: str
    speed: float
    """1.0 is the voice's own."""
    skip: bool
    """Whether it is left out."""
    has_sound: bool
    """Whether it is in the sound that is there."""
    is_changed: bool
    """Whether something was corrected in it that is not in the files yet."""
    fault: str
    """What was found wrong with its speech; empty if nothing was."""


def lines_of(session: Session) -> list[Line]:
    """The lines of a session in order."""
    return [_line(number, segment) for number, segment in enumerate(session.segments, 1)]


def _line(number: int, segment: SessionSegment) -> Line:
    cells, wanted = shown_cells(segment), segment.correction
    start_s, end_s = shown_span(segment)
    return Line(
        number=number,
        source_start_s=segment.source.start_s,
        source_end_s=segment.source.end_s,
        start_s=start_s,
        end_s=end_s,
        text=cells["original"],
        translation=cells["translation"],
        language=segment.language,
        speaker=segment.speaker,
        voice=cells["voice"],
        speed=segment.speed if wanted.speed is None else wanted.speed,
        skip=wanted.skip,
        has_sound=segment.target is not None,
        is_changed=segment.is_changed,
        fault="" if segment.check is None else segment.check.fault,
    )


def with_corrections(
    session: Session,
    corrections: Mapping[int, Mapping[str, Any]],
    voice_fault: Callable[[str], str] = lambda name: "",
) -> Session:
    """The session with corrections, by the numbers of the lines.

    `voice_fault` says what is wrong with the name of a voice. Raises SettingsError that names the
    lines with something wrong, and then nothing is corrected.
    """
    faults: list[str] = []
    segments = list(session.segments)
    cells: dict[int, dict[str, str]] = {}
    for number, given in corrections.items():
        if isinstance(number, bool) or not isinstance(number, int):
            raise SettingsError(f"{number!r:.40} is no number of a line: give one from 1 on")
        if not 1 <= number <= len(segments):
            has = f"it has lines 1 to {len(segments)}" if segments else "it has none"
            raise SettingsError(f"the session has no line {max(-1, min(number, 10**9))}: {has}")
        if not isinstance(given, Mapping):
            raise SettingsError(f"line {number}: {given!r:.40} is no mapping of fields to values")
        for name, value in given.items():
            if name not in EDITABLE:
                faults.append(
                    f"line {number}: there is no field {name!r:.40}: there are "
                    f"{', '.join(EDITABLE)}"
                )
            elif value is None:
                segments[number - 1] = _taken_back(segments[number - 1], name)
            else:
                try:
                    cells.setdefault(number, {})[_CELLS.get(name, name)] = _cell(name, value)
                except ValueError as error:
                    faults.append(f"line {number}: {error}")
    base = replace(session, segments=segments)
    given_lines = [
        GivenLine(number, str(number), cells.get(number, {}))
        for number in range(1, len(segments) + 1)
    ]
    after, found = corrected(base, given_lines, voice_fault)
    faults += [f"line {fault.at}: {fault.text}" for fault in found]
    if faults:
        more = f"; and {len(faults) - _MOST_SAID} more" if len(faults) > _MOST_SAID else ""
        raise SettingsError("; ".join(faults[:_MOST_SAID]) + more)
    return after


def _taken_back(segment: SessionSegment, name: str) -> SessionSegment:
    value = False if name == "skip" else None
    wanted = replace(segment.correction, **{name: value})  # type: ignore[arg-type]
    return replace(segment, correction=wanted)


def _cell(name: str, value: object) -> str:
    """A value as the table writes it. Raises ValueError with what is wrong."""
    if name == "skip":
        if not isinstance(value, bool):
            raise ValueError(f"skip is {value!r:.40}: give true or false")
        return YES if value else ""
    if name in ("start_s", "end_s", "speed"):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        number = float(value) if is_number and abs(value) <= _LATEST_S else math.nan  # type: ignore[arg-type]
        if not number >= 0:
            raise ValueError(f"{name} is {value!r:.40}: give a number from 0 to {_LATEST_S:g}")
        return f"{number:.2f}" if name == "speed" else written_time(number)
    longest = LONGEST_VOICE if name == "voice" else LONGEST_TEXT
    if not isinstance(value, str):
        raise ValueError(f"{name} is {value!r:.40}: give a text")
    if len(value) > longest:
        raise ValueError(f"{name} has more than {longest} characters: write a shorter one")
    text = one_line(value)
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise ValueError(f"{name} has a character that is none of a text: write it again")
    return text

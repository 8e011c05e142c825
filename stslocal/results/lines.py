"""The lines of a session for a person: one a segment, numbered from 1, and what may be in them.

A form, such as a table, shows the cells of each line as text. What a person changes in a cell
becomes a correction; a cell that stays as it was shown corrects nothing. So a form need not hold
everything that a correction has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stslocal.results.corrections import FASTEST, SLOWEST, Correction
from stslocal.results.line_times import read_time, written_time
from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment

CELLS = ("start", "end", "voice", "speed", "skip", "original", "translation")
YES = "yes"
_SKIPS = {YES: True, "y": True, "1": True, "x": True, "true": True, "no": False, "n": False,
          "0": False, "false": False, "": False}  # fmt: skip
_LEAST_S = 0.1
"""A sentence that a person gives less time than this has a wrong time."""
_SAME_S = 0.0015
"""Times are written with milliseconds."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line that a person wrote."""

    at: int
    """The line of the file, from 1; 0 where it is missing."""
    text: str

    def __str__(self) -> str:
        return f"line {self.at} of the file: {self.text}" if self.at else self.text


@dataclass(frozen=True, slots=True)
class GivenLine:
    """A line that a person wrote: some of its cells."""

    at: int
    """Its line in the file, from 1."""
    number: str
    """The number of the sentence, as it is written."""
    cells: Mapping[str, str]


def shown_cells(segment: SessionSegment) -> dict[str, str]:
    """The cells of a segment, as a form shows them."""
    wanted, (start_s, end_s) = segment.correction, shown_span(segment)
    return {
        "start": written_time(start_s),
        "end": written_time(end_s),
        "voice": wanted.voice or segment.voice,
        "speed": f"{wanted.speed or segment.speed:.2f}",
        "skip": YES if wanted.skip else "",
        "original": one_line(segment.text if wanted.text is None else wanted.text),
        "translation": one_line(
            segment.translation if wanted.translation is None else wanted.translation
        ),
    }


def shown_span(segment: SessionSegment) -> tuple[float, float]:
    """When a segment's translation is spoken, as far as that is known."""
    at, wanted = segment.target or segment.source, segment.correction
    start_s = at.start_s if wanted.start_s is None else wanted.start_s
    end_s = start_s + at.end_s - at.start_s if wanted.end_s is None else wanted.end_s
    return start_s, end_s


def one_line(text: str) -> str:
    """A text as it stands in one cell."""
    return re.sub(r"\s+", " ", text).strip()


def corrected(
    session: Session,
    given: Sequence[GivenLine],
    voice_fault: Callable[[str], str] = lambda name: "",
) -> tuple[Session, list[Fault]]:
    """The session with the corrections of all given lines, and what is wrong with them.

    Every segment needs a line, so that one that was lost is found. `voice_fault` says what is wrong
    with the name of a voice.
    """
    faults: list[Fault] = []
    lines: dict[int, GivenLine] = {}
    count = len(session.segments)
    for line in given:
        if not line.number.isdecimal() or not 1 <= int(line.number) <= count:
            has = f"it has lines 1 to {count}" if count else "it has none"
            faults.append(Fault(line.at, f"the session has no line {line.number or '?'}: {has}"))
        elif int(line.number) in lines:
            faults.append(Fault(line.at, f"line {line.number} is there twice: leave one of them"))
        else:
            lines[int(line.number)] = line
    segments = []
    for number, segment in enumerate(session.segments, 1):
        if number not in lines:
            faults.append(
                Fault(0, f"line {number} is missing: to leave it out of the sound, write `{YES}` "
                "under `skip`")
            )  # fmt: skip
            segments.append(segment)
            continue
        wanted, found = _correction(segment, lines[number].cells)
        if not session.is_spoken:
            found += _faults_of_speech(wanted)
        elif wanted.voice and wanted.voice != segment.correction.voice:
            found += filter(None, [voice_fault(wanted.voice)])
        faults += [Fault(lines[number].at, text) for text in found]
        segments.append(replace(segment, correction=wanted))
    places = {number: line.at for number, line in lines.items()}
    faults += [
        Fault(places.get(number, 0), text) for number, text in _time_faults(session, segments)
    ]
    return replace(session, segments=segments), sorted(faults, key=lambda fault: fault.at)


def _correction(segment: SessionSegment, cells: Mapping[str, str]) -> tuple[Correction, list[str]]:
    """What a person wants of a segment whose cells are now these, and what is wrong with them."""
    shown, wanted = shown_cells(segment), segment.correction
    faults: list[str] = []
    for name in CELLS:
        cell = one_line(cells.get(name, shown[name]))
        if cell == shown[name]:
            continue
        try:
            wanted = _with_cell(wanted, segment, name, cell)
        except ValueError as error:
            faults.append(str(error))
    return wanted, faults


def _faults_of_speech(wanted: Correction) -> Iterator[str]:
    """Why a translation that is text alone has no voice, no speed and no place in a sound."""
    named = {"voice": wanted.voice, "speed": wanted.speed, "start": wanted.start_s,
             "end": wanted.end_s}  # fmt: skip
    for name, value in named.items():
        if value is not None:
            yield f"its {name} cannot be changed, because this translation is text alone"


def _with_cell(wanted: Correction, segment: SessionSegment, name: str, cell: str) -> Correction:
    """The correction with a changed cell. An empty one takes back what was corrected there.

    Raises ValueError with what is wrong, and how it is written.
    """
    made = segment.by_program
    if name in ("original", "translation"):
        if not any(letter.isalnum() for letter in cell):
            raise ValueError(
                f"its {name} has no words: write them, or `{YES}` under `skip` to leave it out"
            )
        if name == "original":
            return replace(wanted, text=None if cell == one_line(made.text) else cell)
        is_made = cell == one_line(made.translation) and wanted.text is None
        return replace(wanted, translation=None if is_made else cell)
    if name == "voice":
        return replace(wanted, voice=cell or None)
    if name == "skip":
        if cell.lower() not in _SKIPS:
            raise ValueError(f"`skip` is {cell!r}: write `{YES}`, or nothing")
        return replace(wanted, skip=_SKIPS[cell.lower()])
    if name == "speed":
        return replace(wanted, speed=_speed(cell))
    time_s = read_time(cell) if cell else None
    if cell and time_s is None:
        raise ValueError(f"its {name} is {cell!r}: write a time such as 1:07.250")
    return replace(wanted, start_s=time_s) if name == "start" else replace(wanted, end_s=time_s)


def _speed(cell: str) -> float | None:
    try:
        speed = float(cell.replace(",", ".")) if cell else None
    except ValueError:
        speed = 0.0
    if speed is not None and not SLOWEST <= speed <= FASTEST:
        raise ValueError(
            f"its speed is {cell!r}: write a number from {SLOWEST:g} to {FASTEST:g}, or nothing"
        )
    return speed


def _time_faults(session: Session, segments: Sequence[SessionSegment]) -> Iterator[tuple[int, str]]:
    """The numbers of the segments whose corrected times cannot be, and why."""
    spoken = [
        (number, segment)
        for number, segment in enumerate(segments, 1)
        if not segment.correction.skip
    ]
    before_s, before = 0.0, 0
    for place, (number, segment) in enumerate(spoken):
        wanted = segment.correction
        start_s, end_s = shown_span(segment)
        following = spoken[place + 1] if place + 1 < len(spoken) else None
        if wanted.start_s is not None and wanted.start_s < before_s - _SAME_S:
            yield (
                number,
                (
                    f"it starts at {written_time(start_s)}, before line {before} is over "
                    f"({written_time(before_s)})"
                ),
            )
        elif wanted.start_s is not None and start_s > session.source.duration_s:
            yield (
                number,
                (
                    f"it starts at {written_time(start_s)}, and the recording ends at "
                    f"{written_time(session.source.duration_s)}"
                ),
            )
        elif wanted.end_s is not None and end_s < start_s + _LEAST_S:
            yield number, f"it ends at {written_time(end_s)}, and starts at {written_time(start_s)}"
        elif following and {wanted.start_s, wanted.end_s} != {None}:
            last_s = start_s if wanted.end_s is None else end_s
            next_s = shown_span(following[1])[0]
            if following[1].correction.start_s is None and last_s > next_s + _SAME_S:
                yield (
                    number,
                    (
                        f"it reaches to {written_time(last_s)}, and line {following[0]} starts at "
                        f"{written_time(next_s)}"
                    ),
                )
        before_s, before = end_s, number

"""Reads subtitles that a person made or corrected: SubRip, and WebVTT, which differs little."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stslocal.errors import SettingsError
from stslocal.foreign_files import UnreadableFileError, read_text
from stslocal.results.line_times import written_time
from stslocal.results.lines import Fault, GivenLine, one_line, shown_cells, shown_span
from stslocal.results.session import Session
from stslocal.results.subtitles import Cue, srt_blocks

_TIMES = re.compile(
    r"\s*(-?)(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?\s*-->"
    r"\s*(-?)(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?(?:\s.*)?"
)
_MARKS = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")
"""Marks of italics, colours and voices, and places on the screen."""


@dataclass(frozen=True, slots=True)
class ReadCue:
    """A cue of a file of subtitles."""

    at: int
    """The line of the file that has its times, from 1."""
    number: str
    """As it is written; empty where there is none."""
    cue: Cue


def read_cues(text: str) -> tuple[list[ReadCue], list[Fault]]:
    """Read SubRip or WebVTT: the cues in their order, and what is wrong with the file.

    Marks such as `<i>` are left out.
    """
    rows = text.splitlines()
    is_vtt = bool(rows) and rows[0].startswith("WEBVTT")
    places = [place for place, row in enumerate(rows) if "-->" in row]
    cues: list[ReadCue] = []
    faults: list[Fault] = []
    for place, behind in zip(places, [*places[1:], len(rows) + 1], strict=False):
        found = _TIMES.fullmatch(rows[place])
        above = rows[place - 1].strip() if place else ""
        if found is None or found[1] or found[6]:
            faults.append(Fault(place + 1, f"{rows[place].strip()!r} are no times of a subtitle"))
            continue
        start_s, end_s = _seconds(found.groups()[1:5]), _seconds(found.groups()[6:10])
        if end_s < start_s:
            faults.append(Fault(place + 1, "it ends before it starts"))
        below = rows[place + 1 : behind]
        is_last = behind > len(rows)
        text_rows = _until_empty(below) if is_vtt else _of_subrip(below, is_last=is_last)
        said = one_line(_MARKS.sub("", " ".join(text_rows)))
        said = html.unescape(said) if is_vtt else said
        cues.append(
            ReadCue(place + 1, above if above.isdecimal() else "", Cue(start_s, end_s, said))
        )
    if not places:
        faults.append(Fault(0, "there is no subtitle in it"))
    return cues, faults


def cues_of_file(path: Path) -> list[Cue]:
    """The cues of a file, in the order of their times. Raises SettingsError that names it."""
    try:
        text = read_text(path)
    except UnreadableFileError as error:
        raise SettingsError(f"{path} {error}") from error
    cues, faults = read_cues(text)
    if faults:
        raise SettingsError(f"{path}, {faults[0]}: correct it as SubRip (.srt) has it")
    return sorted((each.cue for each in cues), key=lambda cue: cue.start_s)


def to_numbered_srt(session: Session) -> str:
    """The translations of a session as SubRip with one cue a segment, which has its number."""
    cues = [
        Cue(*shown_span(segment), shown_cells(segment)["translation"])
        for segment in session.segments
    ]
    return srt_blocks(cues)


def read_numbered_srt(text: str) -> tuple[list[GivenLine], list[Fault]]:
    """Read what a person made of `to_numbered_srt`: its lines, and what is wrong with it."""
    cues, faults = read_cues(text)
    return [
        GivenLine(
            each.at,
            each.number,
            {
                "start": written_time(each.cue.start_s),
                "end": written_time(each.cue.end_s),
                "translation": each.cue.text,
            },
        )
        for each in cues
    ], faults


def texts_by_span(
    cues: Sequence[Cue], spans: Sequence[tuple[float, float]], *, nearest: bool = False
) -> tuple[list[str], list[Cue]]:
    """Join the texts of cues to one for each span; and the cues that touch none.

    A cue belongs to the span with which it shares most time; with `nearest`, one that shares none
    belongs to the nearest. Long sentences have several cues.
    """
    texts: list[list[str]] = [[] for _ in spans]
    left: list[Cue] = []
    for cue in sorted(cues, key=lambda cue: cue.start_s):
        shared = [min(cue.end_s, end_s) - max(cue.start_s, start_s) for start_s, end_s in spans]
        best = max(range(len(spans)), key=lambda place: shared[place], default=None)
        if best is None or (shared[best] <= 0 and not nearest):
            left.append(cue)
        else:
            texts[best].append(cue.text)
    return [" ".join(parts) for parts in texts], left


def _until_empty(rows: Sequence[str]) -> list[str]:
    taken = []
    for row in rows:
        if not row.strip():
            break
        taken.append(row)
    return taken


def _of_subrip(rows: Sequence[str], *, is_last: bool) -> list[str]:
    """The text of a cue of SubRip: all rows up to the times of the next cue but its number.

    Players show what stands below an empty row too, so it is not lost.
    """
    taken = [place for place, row in enumerate(rows) if row.strip()]
    if taken and not is_last and rows[taken[-1]].strip().isdecimal():
        last = taken[-1]
        if last == len(rows) - 1 or (last > 0 and not rows[last - 1].strip()):
            taken.pop()
    return [rows[place] for place in taken]


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    whole = 3600 * int(hours or 0) + 60 * int(minutes or 0) + int(seconds or 0)
    return whole + int((fraction or "0").ljust(3, "0")) / 1000

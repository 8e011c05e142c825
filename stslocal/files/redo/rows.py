"""The segments of a session behind a correction, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stslocal.files.redo.plan import LinePlan
from stslocal.files.redo.speech import Layout
from stslocal.files.speech_check import DoubtfulSpeech
from stslocal.results.corrections import Made
from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment, Span, as_written
from stslocal.results.writing import spoken_row
from stslocal.translation import dropped as missing
from stslocal.translation.losses import DOUBTS
from stslocal.types import Dropped

_SAME_S = 0.0015
"""A sentence that moves by less than this has not moved: times are rounded."""


def redone_rows(
    session: Session, plans: Sequence[LinePlan], texts: Mapping[int, str], layout: Layout
) -> list[SessionSegment]:
    """The segments as they are in the files now."""
    rows = [_at(row, layout.places[number]) for number, row in enumerate(session.segments, 1)]
    for plan in plans:
        row, translation = rows[plan.number - 1], texts[plan.number]
        made, wanted = row.by_program, row.correction
        if wanted.text is None and wanted.translation is None:
            made = Made(plan.text, translation)  # another translator may have made it
        row = replace(
            row,
            text=plan.text,
            translation=translation,
            redone=wanted,
            made=None if made == Made(plan.text, translation) else made,
        )
        if spoken := layout.spoken.get(plan.number):
            row = spoken_row(
                row,
                row.target,
                voice=spoken.voice,
                speed=spoken.speed,
                synthesis_s=spoken.synthesis_s,
            )
            row = replace(row, check=layout.checks.get(plan.number))
        rows[plan.number - 1] = row
    return [as_written(row) for row in rows]


def _at(row: SessionSegment, place: Span | None) -> SessionSegment:
    """The segment at its place; one that did not move stays as it is, to the last digit."""
    before = row.target
    if before is None or place is None:
        return replace(row, target=place)
    shift_s = abs(before.start_s - place.start_s) + abs(before.end_s - place.end_s)
    return row if shift_s < _SAME_S / 10 else replace(row, target=place)


def moved_lines(session: Session, rows: Sequence[SessionSegment]) -> list[tuple[int, float]]:
    """The lines that start at another time, with how many seconds later that is."""
    return [
        (number, round(after.target.start_s - before.target.start_s, 3))
        for number, (before, after) in enumerate(zip(session.segments, rows, strict=True), 1)
        if before.target and after.target
        if abs(after.target.start_s - before.target.start_s) > _SAME_S
    ]


def what_is_missing(
    session: Session, plans: Sequence[LinePlan], rows: Sequence[SessionSegment], layout: Layout
) -> tuple[list[Dropped], list[str]]:
    """What the translation lacks, and the warnings: those of the lines that were done are new.

    A person's own translation is not doubted.
    """
    spans = {(p.segment.source.start_s, p.segment.source.end_s) for p in plans}
    after = [one for one in session.dropped if (one.start_s, one.end_s) not in spans]
    for number, spoken in layout.spoken.items():
        found = missing.without_result(spoken)
        by_person = rows[number - 1].correction.translation is not None
        if found is not None and not (by_person and found.reason in DOUBTS):
            after.append(found)
    after.sort(key=lambda one: one.start_s)
    before = {missing.sentence(session.dropped), _doubtful(session.segments)}
    warnings = [one for one in session.warnings if one not in before]
    now = [missing.sentence(after) if after else "", _doubtful(rows)]
    return after, [*warnings, *filter(None, now)]


def _doubtful(rows: Sequence[SessionSegment]) -> str:
    """The warning of doubtful speech."""
    doubtful = DoubtfulSpeech()
    for row in rows:
        doubtful.add_row(row)
    return doubtful.sentence()

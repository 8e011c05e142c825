"""Turns placed segments into the rows of a session file."""

from __future__ import annotations

from dataclasses import replace

from stslocal.files.speak import PlacedSegment
from stslocal.results.session_segment import SessionSegment, Span, as_written
from stslocal.results.writing import recognized_row, spoken_row, translated_row


def row_of(placed: PlacedSegment) -> SessionSegment:
    """The row of a segment in the session file."""
    spoken = placed.spoken
    row = translated_row(recognized_row(spoken.translated.segment), spoken.translated)
    row = spoken_row(
        row,
        Span(placed.start_s, placed.end_s) if len(spoken.samples) else None,
        voice=spoken.voice,
        speed=spoken.speed,
        synthesis_s=spoken.synthesis_s,
    )
    return as_written(replace(row, check=placed.check))

"""Cues of subtitles from rows of a session."""

from __future__ import annotations

from itertools import pairwise

import pytest

from stslocal.results.session_segment import SessionSegment, Span
from stslocal.results.subtitles import arrange
from stslocal.results.writing import source_cue, target_cue

pytestmark = pytest.mark.unit


def row(source: tuple[float, float], target: tuple[float, float] | None) -> SessionSegment:
    return SessionSegment(
        index=0,
        language="en",
        source=Span(*source),
        text="The rainbow is a division of white light into many beautiful colors.",
        words=(),
        translation="O arco-íris é uma divisão da luz branca em muitas cores bonitas.",
        target=None if target is None else Span(*target),
        voice="match",
        speed=1.0,
        timings={},
    )


@pytest.mark.parametrize("source_end_s", [4.0, 6.5, 9.5, 13.0])
def test_a_cue_stays_while_its_original_is_said(source_end_s: float) -> None:
    shown = arrange([target_cue(row((0.0, source_end_s), (0.0, 3.77)), "pt")])
    assert shown[0].start_s == 0.0
    assert shown[-1].end_s >= source_end_s
    assert all(before.end_s == after.start_s for before, after in pairwise(shown))


def test_a_cue_makes_room_for_the_next_one() -> None:
    both = [row((0.0, 6.0), (0.0, 3.0)), row((5.0, 9.0), (5.0, 8.0))]
    shown = arrange(target_cue(each, "pt") for each in both)
    assert shown[0].end_s <= shown[1].start_s == 5.0


def test_a_cue_follows_the_speech_or_the_picture() -> None:
    late = row((10.0, 14.0), (13.0, 18.0))
    speech, picture = (target_cue(late, "pt", times=times) for times in ("speech", "source"))
    assert (speech.start_s, speech.end_s) == (13.0, 18.0)
    assert (picture.start_s, picture.end_s) == (10.0, 14.0)
    assert speech.text == picture.text
    assert speech.language == picture.language == "pt"
    assert source_cue(late).language == "en"


@pytest.mark.parametrize("times", ["speech", "source"])
def test_what_is_not_spoken_is_shown_with_its_source(times: str) -> None:
    cue = target_cue(row((10.0, 14.0), None), "pt", times=times)
    assert (cue.start_s, cue.end_s) == (10.0, 14.0)

from __future__ import annotations

import pytest

from stslocal.pipeline.playhead import Playhead
from stslocal.types import Segment

pytestmark = pytest.mark.unit


def segment(index: int, characters: int = 100) -> Segment:
    return Segment(index, 0.0, 5.0, "x" * characters, "en", ())


def test_it_counts_what_is_made_and_what_is_sent() -> None:
    playhead = Playhead()
    assert playhead.free_s(3.0) == 3.0
    playhead.produced(0, 2.0)
    assert playhead.free_s(3.0) == 5.0
    playhead.sent(2.0, ends_s=6.0)
    assert playhead.free_s(3.0) == 6.0
    assert playhead.ahead_s(3.0) == 3.0


def test_a_committed_segment_counts_until_its_speech_does() -> None:
    playhead = Playhead()
    playhead.promised(segment(0), 1.0)
    expected_s = playhead.ahead_s(1.0)
    assert 4.0 < expected_s < 10.0
    assert playhead.free_s(1.0) == 1.0, "it is not made yet"
    playhead.produced(0, 2.0)
    assert playhead.ahead_s(1.0) == pytest.approx(expected_s)
    playhead.produced(0, 2.5)
    playhead.completed(segment(0), 4.5)
    assert playhead.ahead_s(1.0) == pytest.approx(4.5)


def test_what_is_expected_follows_what_was_made() -> None:
    playhead = Playhead()
    for index in range(30):
        playhead.promised(segment(index), 0.0)
        playhead.completed(segment(index), 12.0)
    playhead.promised(segment(30), 0.0)
    assert playhead.ahead_s(0.0) == pytest.approx(12.0, rel=0.01)


def test_segments_that_were_dropped_on_their_way_are_forgotten() -> None:
    playhead = Playhead()
    for index in range(3):
        playhead.promised(segment(index), 0.0)
    playhead.completed(segment(2), 0.0)
    assert playhead.ahead_s(0.0) == 0.0, "those before it will not come any more"
    playhead.promised(segment(3), 0.0)
    assert playhead.ahead_s(1.0) > 0
    assert playhead.ahead_s(60.0) == 0.0

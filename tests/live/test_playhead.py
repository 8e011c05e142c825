from __future__ import annotations

import pytest

from stslocal.live.playhead import Playhead
from stslocal.types import Segment

pytestmark = pytest.mark.unit


def segment(index: int, characters: int = 100) -> Segment:
    return Segment(index, 0.0, 5.0, "x" * characters, "en", ())


def test_it_counts_what_is_made_and_what_is_sent() -> None:
    playhead = Playhead()
    assert playhead.free_s(3.0) == 3.0
    playhead.produced(0, 2.0, 3.0)
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
    playhead.produced(0, 2.0, 3.0)
    assert playhead.ahead_s(1.0) == pytest.approx(expected_s)
    playhead.produced(0, 2.5, 3.0)
    playhead.completed(segment(0), 4.5, 3.0)
    assert playhead.ahead_s(1.0) == pytest.approx(4.5)


def test_what_is_expected_follows_what_was_made() -> None:
    playhead = Playhead()
    for index in range(30):
        playhead.promised(segment(index), 0.0)
        playhead.completed(segment(index), 12.0, 3.0)
    playhead.promised(segment(30), 0.0)
    assert playhead.ahead_s(0.0) == pytest.approx(12.0, rel=0.01)


def test_a_segment_is_wanted_as_early_as_its_first_sound_takes() -> None:
    playhead = Playhead()
    for index in range(40):
        at_s = 10.0 * index
        playhead.promised(segment(index), at_s)
        playhead.produced(index, 4.0, at_s + (0.4 if index % 2 else 0.6))
        playhead.completed(segment(index), 4.0, at_s + 2.0)
        playhead.sent(4.0, ends_s=at_s + 5.0)
    # A mean of 0.5 s and two mean deviations of 0.1 s before the end, at 395 s.
    assert playhead.spare_s(392.0) == pytest.approx(3.0 - 0.7, abs=0.1)
    playhead.pauses(0.6)
    assert playhead.spare_s(392.0) == pytest.approx(3.6 - 0.7, abs=0.1)
    assert playhead.spare_s(395.2) == pytest.approx(0.4 - 0.7, abs=0.1)
    assert playhead.spare_s(400.0) == pytest.approx(-0.7, abs=0.1)


def test_waiting_for_the_segment_before_is_not_counted() -> None:
    playhead = Playhead()
    playhead.promised(segment(0), 0.0)
    playhead.promised(segment(1), 0.1)
    playhead.produced(0, 4.0, 0.4)
    playhead.completed(segment(0), 4.0, 3.0)
    playhead.produced(1, 4.0, 3.4)
    playhead.completed(segment(1), 4.0, 6.0)
    playhead.sent(8.0, ends_s=8.0)
    assert playhead.spare_s(6.0) == pytest.approx(2.0 - 0.4, abs=0.4)


def test_segments_that_were_dropped_on_their_way_are_forgotten() -> None:
    playhead = Playhead()
    for index in range(3):
        playhead.promised(segment(index), 0.0)
    playhead.completed(segment(2), 0.0, 3.0)
    assert playhead.ahead_s(0.0) == 0.0, "those before it will not come any more"
    playhead.promised(segment(3), 0.0)
    assert playhead.ahead_s(1.0) > 0
    assert playhead.ahead_s(60.0) == 0.0

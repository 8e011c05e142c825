from __future__ import annotations

import pytest

from stslocal.live.playhead import Playhead
from stslocal.types import Segment

pytestmark = pytest.mark.unit


def segment(index: int, characters: int = 100) -> Segment:
    return Segment(index, 0.0, 5.0, "x" * characters, "en", ())


def test_it_counts_synthesized_and_sent_speech() -> None:
    playhead = Playhead()
    assert playhead.free_s(3.0) == 3.0
    playhead.synthesized(0, 2.0, 3.0)
    assert playhead.free_s(3.0) == 5.0
    playhead.sent(2.0, ends_s=6.0)
    assert playhead.free_s(3.0) == 6.0
    assert playhead.ahead_s(3.0) == 3.0


def test_a_committed_segment_counts_before_it_is_synthesized() -> None:
    playhead = Playhead()
    playhead.expect(segment(0), 1.0)
    expected_s = playhead.ahead_s(1.0)
    assert 4.0 < expected_s < 10.0
    assert playhead.free_s(1.0) == 1.0, "it is not synthesized yet"
    playhead.synthesized(0, 2.0, 3.0)
    assert playhead.ahead_s(1.0) == pytest.approx(expected_s)
    playhead.synthesized(0, 2.5, 3.0)
    playhead.completed(segment(0), 4.5, 3.0)
    assert playhead.ahead_s(1.0) == pytest.approx(4.5)


def test_the_expected_length_follows_that_of_synthesized_speech() -> None:
    playhead = Playhead()
    for index in range(30):
        playhead.expect(segment(index), 0.0)
        playhead.completed(segment(index), 12.0, 3.0)
    playhead.expect(segment(30), 0.0)
    assert playhead.ahead_s(0.0) == pytest.approx(12.0, rel=0.01)


def test_a_segment_is_wanted_as_early_as_its_first_sound_takes() -> None:
    playhead = Playhead()
    for index in range(40):
        at_s = 10.0 * index
        playhead.expect(segment(index), at_s)
        playhead.synthesized(index, 4.0, at_s + (0.4 if index % 2 else 0.6))
        playhead.completed(segment(index), 4.0, at_s + 2.0)
        playhead.sent(4.0, ends_s=at_s + 5.0)
    # Wanted before the end, at 395 s, by a mean of 0.5 s and two mean deviations of 0.1 s.
    assert playhead.spare_s(392.0) == pytest.approx(3.0 - 0.7, abs=0.1)
    playhead.pause_after(0.6)
    assert playhead.spare_s(392.0) == pytest.approx(3.6 - 0.7, abs=0.1)
    assert playhead.spare_s(395.2) == pytest.approx(0.4 - 0.7, abs=0.1)
    assert playhead.spare_s(400.0) == pytest.approx(-0.7, abs=0.1)


def test_waiting_for_the_segment_before_is_not_counted() -> None:
    playhead = Playhead()
    playhead.expect(segment(0), 0.0)
    playhead.expect(segment(1), 0.1)
    playhead.synthesized(0, 4.0, 0.4)
    playhead.completed(segment(0), 4.0, 3.0)
    playhead.synthesized(1, 4.0, 3.4)
    playhead.completed(segment(1), 4.0, 6.0)
    playhead.sent(8.0, ends_s=8.0)
    assert playhead.spare_s(6.0) == pytest.approx(2.0 - 0.4, abs=0.4)


def test_dropped_segments_are_not_expected_any_more() -> None:
    playhead = Playhead()
    for index in range(3):
        playhead.expect(segment(index), 0.0)
    playhead.completed(segment(2), 0.0, 3.0)
    assert playhead.ahead_s(0.0) == 0.0, "those before it will not come any more"
    playhead.expect(segment(3), 0.0)
    assert playhead.ahead_s(1.0) > 0
    assert playhead.ahead_s(60.0) == 0.0

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.files.placement import MAX_FILE_SPEED, PAUSE_S, TargetTimeline, fitting_speed

pytestmark = pytest.mark.unit

seconds = st.floats(0.0, 100.0)


def test_a_segment_starts_where_its_source_does() -> None:
    timeline = TargetTimeline()
    assert timeline.place(0.0, 1.0) == 0.0
    assert timeline.place(5.0, 1.0) == 5.0


def test_a_segment_that_is_too_long_moves_the_next_one() -> None:
    timeline = TargetTimeline()
    timeline.place(0.0, 3.0)
    assert timeline.place(2.0, 0.5) == pytest.approx(3.0 + PAUSE_S)
    assert timeline.place(6.0, 1.0) == 6.0


@given(st.lists(st.tuples(seconds, seconds)))
def test_starts_never_go_back_and_segments_never_overlap(spans: list[tuple[float, float]]) -> None:
    timeline = TargetTimeline()
    end_s = 0.0
    for start_s, duration_s in sorted(spans):
        placed_s = timeline.place(start_s, duration_s)
        assert placed_s >= start_s
        assert placed_s >= end_s
        end_s = placed_s + duration_s
    assert timeline.end_s == end_s


def test_speed_is_just_high_enough_for_the_room() -> None:
    assert fitting_speed(2.0, 3.0) == 1.0
    assert fitting_speed(3.3, 3.0) == pytest.approx(1.1)
    assert fitting_speed(9.0, 3.0) == MAX_FILE_SPEED
    assert fitting_speed(1.0, -1.0) == MAX_FILE_SPEED
    assert fitting_speed(0.0, 0.0) == 1.0


@given(seconds, st.floats(0.01, 100.0))
def test_a_fitting_speed_makes_a_segment_fit_or_is_the_fastest(
    duration_s: float, room_s: float
) -> None:
    speed = fitting_speed(duration_s, room_s)
    assert 1.0 <= speed <= MAX_FILE_SPEED
    assert duration_s / speed <= room_s * (1 + 1e-9) or speed == MAX_FILE_SPEED


def test_room_reaches_to_the_next_segment_but_not_into_the_pause_before_it() -> None:
    timeline = TargetTimeline()
    assert timeline.room_s(1.0, 4.0) == pytest.approx(3.0 - PAUSE_S)
    timeline.place(0.0, 2.0)
    assert timeline.room_s(1.0, 4.0) == pytest.approx(2.0 - 2 * PAUSE_S)

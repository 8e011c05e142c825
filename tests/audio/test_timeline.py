from __future__ import annotations

import pytest

from stslocal.audio.timeline import Timeline

pytestmark = pytest.mark.unit


def place_all(timeline: Timeline, starts: list[float | None], piece_s: float = 1.0) -> list[float]:
    return [round(timeline.place(start, piece_s), 6) for start in starts]


def test_pieces_that_follow_one_another_get_no_silence() -> None:
    timeline = Timeline(3.0)
    assert place_all(timeline, [0.0, 1.0, 2.0]) == [0, 0, 0]
    assert timeline.position_s == 3.0


def test_a_late_start_is_filled_exactly_even_if_it_is_short() -> None:
    assert place_all(Timeline(), [0.007, 1.007]) == [0.007, 0]
    assert place_all(Timeline(), [2.5, 3.5]) == [2.5, 0]


def test_a_start_before_zero_counts_as_zero() -> None:
    timeline = Timeline()
    assert place_all(timeline, [-0.02, 0.98, 2.48]) == [0, 0, 0.5]
    assert timeline.jumps == 0


def test_rounded_times_are_not_gaps_but_drift_is_corrected() -> None:
    timeline = Timeline()
    assert place_all(timeline, [0.0, 1.05, 2.08, 2.95]) == [0, 0, 0, 0]
    assert place_all(timeline, [4.11]) == [0.11]


def test_a_gap_is_filled() -> None:
    timeline = Timeline(10.0)
    assert place_all(timeline, [0.0, 1.0, 7.0, 8.0]) == [0, 0, 5, 0]
    assert timeline.position_s == 9.0
    assert timeline.jumps == 0


def test_pieces_without_a_time_follow_the_last_piece() -> None:
    assert place_all(Timeline(), [None, None, 2.0, None, 5.0]) == [0, 0, 0, 0, 1]


def test_after_a_clock_that_jumps_back_time_goes_on_from_there() -> None:
    timeline = Timeline(10.0)
    assert place_all(timeline, [0.0, 1.0, 0.0, 1.0, 2.5]) == [0, 0, 0, 0, 0.5]
    assert timeline.jumps == 1


@pytest.mark.parametrize("declared_s", [None, 10.0])
def test_a_clock_that_jumps_far_ahead_gives_no_silence(declared_s: float | None) -> None:
    timeline = Timeline(declared_s)
    assert place_all(timeline, [0.0, 95_000.0, 95_001.0]) == [0, 0, 0]
    assert timeline.jumps == 1


def test_a_stream_whose_clock_starts_late_begins_at_zero() -> None:
    assert place_all(Timeline(), [95_000.0, 95_001.0, 95_002.5]) == [0, 0, 0.5]


def test_many_gaps_cannot_become_more_silence_than_the_recording_can_hold() -> None:
    """A Matroska of 4 kB with 40 packets an hour apart became 39 hours of silence."""
    timeline = Timeline(None, 4207)
    silence_s = sum(place_all(timeline, [3600.0 * hour for hour in range(40)], 0.02))
    assert silence_s < 2 * 3600
    assert timeline.jumps >= 38


def test_a_clock_that_runs_a_thousand_times_too_fast_adds_one_gap_at_most() -> None:
    """A damaged AVI of 35 kB and 0.6 s of sound became 58 minutes of silence."""
    timeline = Timeline(4557.4, 35_086)
    silence_s = sum(place_all(timeline, [182.296 * frame for frame in range(25)], 0.024))
    assert silence_s < 182.3 + 35.1 + 10 * 0.6
    assert timeline.jumps > 20


def test_a_film_with_little_sound_keeps_its_gaps() -> None:
    timeline = Timeline(3 * 3600.0, 50_000_000)
    silence_s = sum(place_all(timeline, [1200.0 * part for part in range(9)], 5.0))
    assert silence_s == 8 * 1195
    assert timeline.jumps == 0


def test_a_voice_recorder_that_skips_silence_keeps_its_times_all_day() -> None:
    timeline = Timeline()
    silence_s = sum(place_all(timeline, [600.0 * part for part in range(144)], 60.0))
    assert silence_s == 143 * 540

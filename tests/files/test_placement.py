from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.files.placement import (
    COMFORTABLE_SPEED,
    EARLY_S,
    MAX_FILE_LAG_S,
    MAX_FILE_SPEED,
    PAUSE_S,
    Expected,
    Place,
    PlacementLimits,
    TargetTimeline,
    place,
    speed_to_fit,
)

pytestmark = pytest.mark.unit

seconds = st.floats(0.0, 100.0)
USUAL = PlacementLimits()


def sentences(*spans: tuple[float, float, float]) -> list[Expected]:
    """Sentences by start and end of their source, and seconds of speech."""
    return [Expected(*span) for span in spans]


def even(count: int, load: float, *, source_s: float = 5.0) -> list[Expected]:
    """Sentences without a pause, each `load` times as long as its source."""
    return [Expected(n * source_s, (n + 1) * source_s, load * source_s) for n in range(count)]


def place_all(
    expected: list[Expected], limits: PlacementLimits = USUAL, lookahead: int = 5
) -> list[Place]:
    """Place the sentences one after the other, each with `lookahead` known ones behind it."""
    timeline, places = TargetTimeline(), []
    for at, sentence in enumerate(expected):
        chosen = place(expected[at : at + lookahead + 1], timeline, limits)
        start_s = timeline.place(chosen.start_s, sentence.duration_s / chosen.speed)
        places.append(Place(start_s, chosen.speed))
    return places


def test_a_sentence_starts_where_its_source_does() -> None:
    timeline = TargetTimeline()
    assert timeline.place(0.0, 1.0) == 0.0
    assert timeline.place(5.0, 1.0) == 5.0


def test_a_sentence_that_is_too_long_moves_the_next_one() -> None:
    timeline = TargetTimeline()
    timeline.place(0.0, 3.0)
    assert timeline.place(2.0, 0.5) == pytest.approx(3.0 + PAUSE_S)
    assert timeline.place(6.0, 1.0) == 6.0


@given(st.lists(st.tuples(seconds, seconds)))
def test_starts_never_go_back_and_sentences_never_overlap(
    spans: list[tuple[float, float]],
) -> None:
    timeline = TargetTimeline()
    end_s = 0.0
    for start_s, duration_s in sorted(spans):
        placed_s = timeline.place(start_s, duration_s)
        assert placed_s >= start_s
        assert placed_s >= end_s
        end_s = placed_s + duration_s
    assert timeline.end_s == end_s


def test_the_speed_to_fit_is_just_high_enough() -> None:
    assert speed_to_fit(2.0, 3.0) == 1.0
    assert speed_to_fit(3.3, 3.0) == pytest.approx(1.1)
    assert speed_to_fit(1.0, -1.0) == float("inf")
    assert speed_to_fit(0.0, 0.0) == 1.0


def test_the_silence_after_a_sentence_is_used_before_any_speed() -> None:
    chosen = place(sentences((1.0, 3.0, 5.0), (6.5, 8.0, 1.0)), TargetTimeline(), USUAL)
    assert chosen == Place(1.0, 1.0)
    assert place(sentences((1.0, 3.0, 5.0)), TargetTimeline(), USUAL) == Place(1.0, 1.0)


def test_a_comfortable_speed_comes_before_an_early_start() -> None:
    chosen = place(sentences((1.0, 3.0, 3.3), (4.12, 6.0, 1.0)), TargetTimeline(), USUAL)
    assert chosen.start_s == 1.0
    assert chosen.speed == pytest.approx(1.1)


@pytest.mark.parametrize(
    ("silence_s", "speech_s", "early_s"),
    [(5.0, 3.6 + 0.36, 0.3), (5.0, 6.0, EARLY_S), (0.32, 6.0, 0.2), (0.0, 6.0, 0.0)],
    ids=["as early as needed", "not earlier than that", "not into the one before", "no silence"],
)
def test_a_sentence_starts_early_where_it_would_not_fit(
    silence_s: float, speech_s: float, early_s: float
) -> None:
    timeline = TargetTimeline()
    timeline.place(0.0, 10.0)
    start_s = 10.0 + max(PAUSE_S, silence_s)
    following = (start_s + 3.0 + PAUSE_S, start_s + 5.0, 1.0)
    chosen = place(sentences((start_s, start_s + 3.0, speech_s), following), timeline, USUAL)
    assert start_s - timeline.earliest_s(chosen.start_s) == pytest.approx(early_s)
    assert chosen.speed == pytest.approx(COMFORTABLE_SPEED)


def test_a_recording_does_not_start_before_its_start() -> None:
    first, _ = place_all(sentences((0.2, 2.0, 9.0), (2.1, 4.0, 1.0)))
    assert first.start_s == 0.0


@pytest.mark.parametrize("load", [1.0, 1.15])
def test_speech_that_is_hardly_longer_is_not_hurried(load: float) -> None:
    assert max(chosen.speed for chosen in place_all(even(30, load))) <= COMFORTABLE_SPEED


@pytest.mark.parametrize("load", [1.25, 1.35, 1.42])
def test_fast_speech_is_spoken_faster_and_stays_within_the_lag(load: float) -> None:
    expected = even(60, load)
    places = place_all(expected)
    assert max(p.start_s - one.start_s for p, one in zip(places, expected, strict=True)) <= (
        MAX_FILE_LAG_S
    )
    speeds = [chosen.speed for chosen in places]
    assert max(speeds) <= 1.05 * load + 0.02, "no faster than the speaker requires"
    assert max(abs(after - before) for before, after in pairwise(speeds)) < 0.1, "no leaps"


def test_what_does_not_fit_at_the_highest_speed_is_late_and_no_faster() -> None:
    places = place_all(even(20, 1.8))
    assert {chosen.speed for chosen in places[3:]} == {MAX_FILE_SPEED}
    assert places[-1].start_s > 19 * 5.0 + MAX_FILE_LAG_S


def test_a_stretch_of_fast_speech_is_seen_before_it_comes() -> None:
    # The long sentence alone would be 6 s late.
    expected = sentences((0.0, 5.0, 6.0), (5.0, 10.0, 15.0), (10.0, 12.0, 2.0))
    blind, seeing = (place_all(expected, lookahead=known) for known in (0, 5))
    assert seeing[2].start_s < blind[2].start_s
    assert seeing[0].speed > blind[0].speed


def test_what_comes_after_a_silence_hurries_nobody_before_it() -> None:
    calm = sentences((0.0, 5.0, 5.0), (30.0, 35.0, 20.0), (35.0, 40.0, 9.0))
    assert place(calm, TargetTimeline(), USUAL) == Place(0.0, 1.0)


def test_the_limits_are_a_persons() -> None:
    slow = place_all(even(20, 1.8), PlacementLimits(max_speed=1.1))
    assert max(chosen.speed for chosen in slow) == pytest.approx(1.1)
    expected = even(40, 1.3)
    patient = place_all(expected, PlacementLimits(max_lag_s=30.0))
    assert max(chosen.speed for chosen in patient) == pytest.approx(COMFORTABLE_SPEED)
    strict = place_all(expected, PlacementLimits(max_lag_s=1.0))
    late = [chosen.start_s - one.start_s for chosen, one in zip(strict, expected, strict=True)]
    assert max(late) <= 1.0


spans = st.lists(
    st.tuples(st.floats(0.0, 5.0), st.floats(0.1, 8.0), st.floats(0.0, 15.0)), min_size=1
)


@given(spans)
def test_any_sentences_are_placed_in_order_and_within_the_limits(
    gaps: list[tuple[float, float, float]],
) -> None:
    expected, end_s = [], 0.0
    for gap_s, source_s, speech_s in gaps:
        expected.append(Expected(end_s + gap_s, end_s + gap_s + source_s, speech_s))
        end_s += gap_s + source_s
    free_s = 0.0
    for chosen, one in zip(place_all(expected), expected, strict=True):
        assert 1.0 <= chosen.speed <= MAX_FILE_SPEED
        assert chosen.start_s >= max(0.0, free_s, one.start_s - EARLY_S)
        free_s = chosen.start_s + one.duration_s / chosen.speed

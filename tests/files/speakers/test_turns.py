"""Who speaks when: borders between turns, overlaps, and the division of utterances."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.files.speakers.turns import DivideBySpeaker, Speakers
from stslocal.results.session_segment import Span
from stslocal.types import RECOGNITION_RATE, Turn, Utterance

pytestmark = pytest.mark.unit


def utterance(start_s: float, *speech: tuple[float, float], length_s: float = 10.0) -> Utterance:
    samples = np.arange(round(length_s * RECOGNITION_RATE), dtype=np.float32)
    return Utterance(3, start_s, samples, speech=speech)


def divided(turns: list[Turn], whole: Utterance) -> list[tuple[str, float, float]]:
    parts = list(DivideBySpeaker(Speakers(tuple(turns))).process(whole))
    np.testing.assert_array_equal(np.concatenate([one.samples for one in parts]), whole.samples)
    return [(one.speaker, round(one.start_s, 3), round(one.end_s, 3)) for one in parts]


def test_an_utterance_is_divided_in_the_pause_between_two_turns() -> None:
    turns = [Turn(0.0, 4.0, "Ann"), Turn(5.0, 10.0, "Ben")]
    assert divided(turns, utterance(0.0, (0.4, 4.0), (5.0, 9.5))) == [
        ("Ann", 0.0, 4.5),
        ("Ben", 4.5, 10.0),
    ]


def test_a_border_in_speech_is_moved_to_a_pause_that_is_near() -> None:
    turns = [Turn(0.0, 4.0, "Ann"), Turn(4.0, 10.0, "Ben")]
    near = utterance(0.0, (0.4, 4.1), (4.3, 9.5))
    assert divided(turns, near) == [("Ann", 0.0, 4.2), ("Ben", 4.2, 10.0)]
    far = utterance(0.0, (0.4, 5.0), (5.2, 9.5))
    assert divided(turns, far) == [("Ann", 0.0, 4.0), ("Ben", 4.0, 10.0)]


def test_turns_that_overlap_part_in_the_middle() -> None:
    turns = [Turn(0.0, 5.0, "Ann"), Turn(4.0, 10.0, "Ben")]
    assert divided(turns, utterance(0.0, (0.2, 9.8))) == [("Ann", 0.0, 4.5), ("Ben", 4.5, 10.0)]


def test_a_turn_within_another_one_is_no_change() -> None:
    turns = [Turn(0.0, 10.0, "Ann"), Turn(4.0, 5.0, "Ben"), Turn(11.0, 12.0, "Ann")]
    assert Speakers(tuple(turns)).changes() == [(0.0, "Ann")]


def test_a_part_with_hardly_any_speech_is_the_neighbours() -> None:
    turns = [Turn(0.0, 0.5, "Ann"), Turn(0.5, 9.6, "Ben"), Turn(9.7, 10.0, "Ann")]
    whole = utterance(0.0, (0.45, 9.6))
    assert divided(turns, whole) == [("Ben", 0.0, 10.0)]


def test_an_utterance_outside_of_all_turns_is_that_of_the_nearest_one_before() -> None:
    turns = [Turn(5.0, 6.0, "Ann"), Turn(7.0, 8.0, "Ben")]
    assert divided(turns, utterance(20.0, (20.4, 29.0))) == [("Ben", 20.0, 30.0)]
    assert divided(turns, utterance(0.0, (0.4, 4.0), length_s=4.4)) == [("Ann", 0.0, 4.4)]


def test_a_short_answer_between_two_turns_is_kept() -> None:
    turns = [Turn(0.0, 4.0, "Ann"), Turn(4.5, 5.0, "Ben"), Turn(5.5, 10.0, "Ann")]
    assert [name for name, *_ in divided(turns, utterance(0.0, (0.2, 4.0), (4.5, 5.0), (5.5, 9.8)))
            ] == ["Ann", "Ben", "Ann"]  # fmt: skip


def test_overlaps_are_found_and_said_with_their_times() -> None:
    turns = (
        Turn(0.0, 62.0, "Ann"),
        Turn(60.0, 70.0, "Ben"),
        Turn(61.0, 61.5, "Cy"),
        Turn(69.9, 75.0, "Ann"),
    )
    speakers = Speakers(turns)
    assert speakers.overlaps() == [(60.0, 62.0), (69.9, 70.0)]
    (warning,) = speakers.warnings()
    assert "two people speak at the same time at 1:00" in warning
    assert "1:09" not in warning  # a tenth of a second loses no word
    assert speakers.alone() == {
        "Ann": [(0.0, 60.0), (70.0, 75.0)],
        "Ben": [(62.0, 69.9)],
        "Cy": [],
    }


def test_one_persons_turns_that_overlap_are_no_overlap() -> None:
    assert Speakers((Turn(0.0, 5.0, "Ann"), Turn(4.0, 6.0, "Ann"))).overlaps() == []


def test_who_speaks_beside_a_person_in_a_span() -> None:
    speakers = Speakers(
        (Turn(0.0, 10.0, "Ann"), Turn(4.0, 5.0, "Ben"), Turn(9.0, 15.0, "Cy"), Turn(20, 25, "Ben"))
    )
    assert speakers.beside("Ann", Span(0.0, 9.5)) == ("Ben", "Cy")
    assert speakers.beside("Cy", Span(9.5, 15.0)) == ("Ann",)
    assert speakers.beside("Ann", Span(0.0, 4.2)) == (), "two tenths of a second lose no word"
    assert speakers.beside("Ben", Span(20.0, 25.0)) == ()
    assert Speakers(()).beside("", Span(0.0, 5.0)) == ()

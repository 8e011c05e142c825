from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.files.utterances import UtteranceCutter, UtteranceLimits
from stslocal.live.endpointing import Boundary, Endpointer, TextSoFar
from stslocal.types import RECOGNITION_RATE, WINDOW, WINDOW_S, Utterance

pytestmark = pytest.mark.unit


def stream(*parts: tuple[float, float]) -> list[float]:
    """The probability of each window, from parts of (seconds, probability)."""
    return [score for seconds, score in parts for _ in range(round(seconds / WINDOW_S))]


def cut(
    scores: list[float], *, batch: int = 10, limits: UtteranceLimits | None = None
) -> list[Utterance]:
    """The utterances in a stream whose sample n has the value n, which shows where a cut is."""
    cutter = UtteranceCutter(limits or UtteranceLimits())
    ramp = np.arange(len(scores) * WINDOW, dtype=np.float32)
    utterances = []
    for at in range(0, len(scores), batch):
        chunk = scores[at : at + batch]
        utterances += cutter.push(ramp[at * WINDOW : (at + len(chunk)) * WINDOW], chunk)
    return utterances + cutter.flush()


def test_speech_is_cut_out_with_its_margins() -> None:
    (utterance,) = cut(stream((2.0, 0.0), (3.0, 0.9), (2.0, 0.0)))
    margin_s = UtteranceLimits().margin_s
    assert utterance.start_s == pytest.approx(2.0 - margin_s, abs=2 * WINDOW_S)
    assert utterance.end_s == pytest.approx(5.0 + margin_s, abs=2 * WINDOW_S)
    assert utterance.samples[0] == utterance.start_s * RECOGNITION_RATE


def test_a_short_pause_does_not_end_an_utterance() -> None:
    assert len(cut(stream((1.0, 0.9), (2.2, 0.0), (1.0, 0.9), (2.0, 0.0)))) == 1
    assert len(cut(stream((1.0, 0.9), (2.8, 0.0), (1.0, 0.9), (2.0, 0.0)))) == 2


def test_a_click_is_no_utterance() -> None:
    assert cut(stream((1.0, 0.0), (0.1, 0.9), (2.0, 0.0))) == []


def test_doubtful_windows_continue_an_utterance_but_do_not_start_one() -> None:
    assert cut(stream((3.0, 0.4))) == []
    (utterance,) = cut(stream((0.5, 0.9), (2.0, 0.4), (0.5, 0.9), (2.0, 0.0)))
    assert utterance.end_s > 3.0


def test_speech_up_to_the_end_of_the_stream_is_kept() -> None:
    (utterance,) = cut(stream((1.0, 0.0), (2.0, 0.9)))
    assert utterance.end_s == pytest.approx(3.0, abs=2 * WINDOW_S)


def test_a_long_utterance_is_cut_where_it_is_quietest() -> None:
    scores = stream((19.0, 0.95), (0.3, 0.45), (11.0, 0.95), (2.0, 0.0))
    first, second = cut(scores)
    assert first.end_s == pytest.approx(19.15, abs=0.2)
    assert second.start_s == first.end_s
    assert second.end_s > 30.0


probabilities = st.lists(st.sampled_from([0.0, 0.4, 0.6, 0.95]), max_size=400)


@given(probabilities, st.integers(1, 50))
def test_utterances_are_in_order_and_short_enough_and_do_not_overlap(
    scores: list[float], batch: int
) -> None:
    limits = UtteranceLimits(longest_s=3.0)
    utterances = cut(scores, batch=batch, limits=limits)
    assert utterances == [] or utterances[-1].end_s <= len(scores) * WINDOW_S
    end_s = 0.0
    for index, utterance in enumerate(utterances):
        assert utterance.index == index
        assert utterance.start_s >= end_s
        assert utterance.end_s - utterance.start_s <= limits.longest_s + 1e-9
        first = int(utterance.samples[0])
        assert np.array_equal(utterance.samples, np.arange(first, first + len(utterance.samples)))
        end_s = utterance.end_s


@given(probabilities)
def test_the_batches_of_the_stream_do_not_change_the_utterances(scores: list[float]) -> None:
    one, many = cut(scores, batch=1), cut(scores, batch=50)
    assert [(u.start_s, u.end_s) for u in one] == [(u.start_s, u.end_s) for u in many]


@given(probabilities)
def test_no_speech_is_lost(scores: list[float]) -> None:
    """Each run of probable speech that is long enough lies inside an utterance."""
    limits = UtteranceLimits(shortest_s=0.1)
    covered = [(u.start_s, u.end_s) for u in cut(scores, limits=limits)]
    run = 0
    for number, score in enumerate([*scores, 0.0]):
        if score >= limits.start_probability:
            run += 1
            continue
        if run * WINDOW_S >= limits.shortest_s:
            start_s, end_s = (number - run) * WINDOW_S, number * WINDOW_S
            assert any(a <= start_s + 1e-9 and end_s <= b + 1e-9 for a, b in covered)
        run = 0


def boundaries(
    *parts: tuple[float, float], text: TextSoFar = "words"
) -> list[tuple[float, Boundary]]:
    """The boundaries of utterances, each with its time in seconds since the stream's start."""
    endpointer = Endpointer()
    found = [(n, endpointer.push(score, text)) for n, score in enumerate(stream(*parts), 1)]
    return [(n * WINDOW_S, boundary) for n, boundary in found if boundary != Boundary.NONE]


@pytest.mark.parametrize(("text", "silence_s"), [("sentence", 0.35), ("words", 0.6)])
def test_a_live_utterance_ends_sooner_after_a_sentence(text: TextSoFar, silence_s: float) -> None:
    found = boundaries((1.0, 0.0), (2.0, 0.9), (3.0, 0.0), text=text)
    assert [boundary for _, boundary in found] == [Boundary.START, Boundary.END]
    assert [at_s for at_s, _ in found] == pytest.approx([1.0, 3.0 + silence_s], abs=2 * WINDOW_S)


def test_speech_after_a_short_pause_continues_the_live_utterance() -> None:
    assert len(boundaries((1.0, 0.9), (0.5, 0.0), (1.0, 0.9), (3.0, 0.0))) == 2
    assert len(boundaries((1.0, 0.9), (0.7, 0.0), (1.0, 0.9), (3.0, 0.0))) == 4


def test_doubtful_windows_continue_a_live_utterance_but_do_not_start_one() -> None:
    assert boundaries((2.0, 0.4)) == []
    _, (ended_s, _) = boundaries((0.5, 0.9), (2.0, 0.4), (2.0, 0.0))
    assert ended_s > 3.0


def test_speech_and_silence_are_counted() -> None:
    endpointer = Endpointer()
    for score in stream((0.96, 0.9), (0.32, 0.1), (0.32, 0.9), (0.16, 0.0)):
        endpointer.push(score, "words")
    assert endpointer.speaking
    assert endpointer.speech_s == pytest.approx(1.28)
    assert endpointer.silence_s == pytest.approx(0.16)

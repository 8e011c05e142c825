"""A word that follows a pause starts where its sound starts."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.files.onsets import with_onsets
from stslocal.types import RECOGNITION_RATE, Samples, Sound, Word

pytestmark = pytest.mark.unit


def sound_with(*spans: tuple[float, float], noise: float = 0.0) -> Sound:
    """10 s in which somebody speaks during the spans, in a room that is not silent."""
    random = np.random.default_rng(4)
    samples: Samples = (noise * random.standard_normal(10 * RECOGNITION_RATE)).astype(np.float32)
    for start_s, end_s in spans:
        first, last = round(start_s * RECOGNITION_RATE), round(end_s * RECOGNITION_RATE)
        samples[first:last] += 0.1 * random.standard_normal(last - first).astype(np.float32)

    def between(start_s: float, end_s: float) -> Samples:
        return samples[max(0, round(start_s * RECOGNITION_RATE)) : round(end_s * RECOGNITION_RATE)]

    return between


def starts(sound: Sound, *words: tuple[float, float]) -> list[float]:
    made = [Word("word", start_s, end_s, 1.0) for start_s, end_s in words]
    return [word.start_s for word in with_onsets(made, sound)]


@pytest.mark.parametrize("noise", [0.0, 1e-4, 0.005])
@pytest.mark.parametrize("off_s", [-0.3, -0.1, 0.0, 0.1, 0.25])
def test_the_start_is_that_of_the_sound(off_s: float, noise: float) -> None:
    sound = sound_with((2.0, 4.0), noise=noise)
    (start_s,) = starts(sound, (2.0 + off_s, 2.6))
    assert start_s == pytest.approx(2.0, abs=0.021)


def test_words_that_follow_one_another_keep_their_times() -> None:
    sound = sound_with((2.0, 2.5), (2.55, 3.0))
    assert starts(sound, (2.0, 2.3), (2.4, 3.0)) == [2.0, 2.4]


def test_a_start_is_never_before_the_end_of_the_word_before() -> None:
    sound = sound_with((2.0, 6.0))
    assert starts(sound, (2.0, 3.0), (3.2, 3.5))[1] >= 3.0


@pytest.mark.parametrize("spans", [(), ((0.0, 10.0),)])
def test_where_there_is_no_pause_or_no_sound_nothing_is_moved(
    spans: tuple[tuple[float, float], ...],
) -> None:
    assert starts(sound_with(*spans), (2.0, 2.6), (4.0, 4.5)) == [2.0, 4.0]


def test_a_word_at_the_edge_of_the_sound_keeps_its_time() -> None:
    sound = sound_with((0.0, 1.0), (9.5, 10.0))
    assert starts(sound, (0.0, 0.5)) == [0.0]
    assert starts(sound, (10.2, 10.4)) == [10.2]
    assert starts(sound, (5.0, 5.0)) == [5.0]

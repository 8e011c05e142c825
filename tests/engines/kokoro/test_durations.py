"""The durations of sounds at another speed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.engines.kokoro.synthesizer import whole_frames

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("speed", [0.8, 1.1, 1.2, 1.25, 1.5])
def test_speech_is_as_much_shorter_as_its_speed_says(speed: float) -> None:
    durations = np.array([9.4, *[2.0, 1.98, 2.14, 3.1, 1.7, 2.4] * 20], np.float32)
    made = whole_frames(durations / np.float32(speed))
    assert made.sum() == pytest.approx(durations.sum() / speed, abs=1.0)
    assert made.min() >= 1


@given(st.lists(st.floats(0.01, 40.0), min_size=1, max_size=100))
def test_every_sound_stays_and_none_is_far_from_its_length(durations: list[float]) -> None:
    made = whole_frames(np.array(durations, np.float32))
    assert len(made) == len(durations)
    assert (made >= 1).all()
    assert (made == np.round(made)).all()
    assert (made - np.maximum(durations, 1) <= 1).all()

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.audio.peaks import Peaks

pytestmark = pytest.mark.unit


@given(st.lists(st.integers(0, 170), max_size=12))
def test_the_peaks_do_not_depend_on_the_blocks(sizes: list[int]) -> None:
    sound = np.random.default_rng(1).uniform(-1, 1, sum(sizes)).astype(np.float32)
    peaks = Peaks(1000)  # 50 samples a step
    for block in np.split(sound, np.cumsum(sizes)):
        peaks.push(block)
    expected = [float(np.abs(sound[at : at + 50]).max()) for at in range(0, len(sound), 50)]
    assert list(peaks.values) == pytest.approx(expected)


def test_of_several_channels_the_loudest_counts() -> None:
    peaks = Peaks(1000)
    peaks.push(np.array([[0.1, -0.9], [0.2, 0.3]], np.float32))
    assert list(peaks.values) == pytest.approx([0.9])

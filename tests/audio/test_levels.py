from __future__ import annotations

import numpy as np
import pytest

from stslocal.audio.levels import FLOOR_DBFS, level_dbfs, overall_level

pytestmark = pytest.mark.unit


def test_a_full_scale_sine() -> None:
    level = level_dbfs(np.sin(np.arange(16_000) * 0.1).astype(np.float32))
    assert level.peak_dbfs == pytest.approx(0.0, abs=0.01)
    assert level.rms_dbfs == pytest.approx(-3.01, abs=0.01)
    assert level.is_clipped


def test_half_amplitude_is_six_decibels_less() -> None:
    level = level_dbfs(np.full(100, -0.5, np.float32))
    assert level.peak_dbfs == level.rms_dbfs == pytest.approx(-6.02, abs=0.01)
    assert not level.is_clipped


@pytest.mark.parametrize("count", [0, 100])
def test_the_level_of_silence_is_the_floor(count: int) -> None:
    level = level_dbfs(np.zeros(count, np.float32))
    assert level.peak_dbfs == level.rms_dbfs == FLOOR_DBFS


def test_the_joint_level_of_pieces_is_that_of_the_whole() -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 4000).astype(np.float32)
    samples[:1000] = 0
    pieces = overall_level([level_dbfs(piece) for piece in samples.reshape(4, 1000)])
    whole = level_dbfs(samples)
    assert pieces.peak_dbfs == whole.peak_dbfs
    assert pieces.rms_dbfs == pytest.approx(whole.rms_dbfs, abs=0.001)
    assert overall_level([]) == level_dbfs(np.zeros(0, np.float32))

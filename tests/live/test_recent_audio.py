from __future__ import annotations

import numpy as np
import pytest

from stslocal.live.recent_audio import RecentAudio
from stslocal.types import RECOGNITION_RATE

pytestmark = pytest.mark.unit


def test_samples_are_found_by_time_as_long_as_they_are_kept() -> None:
    recent = RecentAudio(capacity_s=2.0)
    second = RECOGNITION_RATE
    for value in range(5):
        recent.add(np.full(second, value, np.float32))
    assert (recent.between(3.5, 4.5) == np.repeat([3, 4], second // 2)).all()
    assert (recent.between(0.0, 4.0) == 3).all()
    assert len(recent.between(0.0, 1.0)) == 0
    assert len(recent.between(4.5, 9.0)) == second // 2


def test_a_block_longer_than_the_capacity_keeps_its_place_in_time() -> None:
    recent = RecentAudio(capacity_s=1.0)
    second = RECOGNITION_RATE
    recent.add(np.repeat(np.arange(3, dtype=np.float32), second))
    recent.add(np.full(second // 2, 3, np.float32))
    assert (recent.between(2.5, 3.5) == np.repeat([2, 3], second // 2)).all()


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_the_newest_samples_are_replaced(count: int) -> None:
    recent = RecentAudio(capacity_s=2.0)
    recent.add(np.ones(3 * RECOGNITION_RATE, np.float32))
    recent.correct(np.full(count * RECOGNITION_RATE, 2, np.float32))
    kept = recent.between(0.0, 9.0)
    assert len(kept) == 2 * RECOGNITION_RATE
    replaced = min(2, count) * RECOGNITION_RATE
    assert (kept[len(kept) - replaced :] == 2).all()
    assert (kept[: len(kept) - replaced] == 1).all()

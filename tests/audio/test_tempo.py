from __future__ import annotations

import numpy as np
import pytest

from stslocal.audio.tempo import shortened
from stslocal.types import Samples

pytestmark = pytest.mark.unit

RATE = 24_000


def tone(hertz: float, duration_s: float) -> Samples:
    at_s = np.arange(round(duration_s * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * hertz * at_s)).astype(np.float32)


def pitch(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax()) * RATE / len(samples)


@pytest.mark.parametrize("factor", [1.05, 1.25, 1.5, 2.0])
def test_speech_becomes_shorter_and_keeps_its_pitch(factor: float) -> None:
    made = shortened(tone(220.0, 3.0), RATE, factor)
    assert len(made) / RATE == pytest.approx(3.0 / factor, abs=0.03)
    assert pitch(made) == pytest.approx(220.0, rel=0.02)
    assert float(np.abs(made).max()) <= 0.55


def test_its_parts_stay_in_proportion() -> None:
    made = shortened(np.concatenate([tone(200.0, 1.0), tone(400.0, 2.0)]), RATE, 1.25)
    assert pitch(made[: round(0.75 * RATE)]) == pytest.approx(200.0, rel=0.03)
    assert pitch(made[round(0.85 * RATE) :]) == pytest.approx(400.0, rel=0.03)


@pytest.mark.parametrize("count", [0, 1, 100])
def test_next_to_nothing_stays_next_to_nothing(count: int) -> None:
    assert len(shortened(np.full(count, 0.1, np.float32), RATE, 1.5)) <= count


def test_normal_speed_changes_nothing() -> None:
    speech = tone(220.0, 0.5)
    assert shortened(speech, RATE, 1.0) is speech

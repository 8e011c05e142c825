from __future__ import annotations

import numpy as np
import pytest

from stslocal.audio.tempo import TempoChanger, shortened
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


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.0, 1.3, 2.0])
def test_speech_in_pieces_is_the_whole(factor: float) -> None:
    draws = np.random.default_rng(1)
    at = np.arange(48_000) / 24_000
    speech = (np.sin(2 * np.pi * 140 * at) * np.sin(2 * np.pi * 3 * at)).astype(np.float32)
    whole = TempoChanger(24_000, factor)
    once = np.concatenate([whole.push(speech), whole.finish()])
    pieces = TempoChanger(24_000, factor)
    cuts = np.sort(draws.integers(0, len(speech), 20))
    made = [pieces.push(piece) for piece in np.split(speech, cuts)]
    assert np.array_equal(np.concatenate([*made, pieces.finish()]), once)
    assert len(once) == pytest.approx(len(speech) / factor, rel=0.05)
    assert np.abs(once).max() == pytest.approx(np.abs(speech).max(), abs=0.05)


def test_nothing_stays_nothing() -> None:
    changer = TempoChanger(24_000, 1.5)
    nothing = np.zeros(0, np.float32)
    assert len(changer.push(nothing)) == len(changer.finish()) == 0

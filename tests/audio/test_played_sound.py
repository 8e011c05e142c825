"""The played sound between its samples, in pieces, and of other rates."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.audio.played_sound import PlayedSound
from stslocal.types import RECOGNITION_RATE, Samples

pytestmark = pytest.mark.unit

BEGIN = 1000.3
HERTZ = 700.0


def tone(rate: int, seconds: float) -> Samples:
    time_s = np.arange(round(rate * seconds)) / rate
    return np.sin(2 * np.pi * HERTZ * time_s).astype(np.float32)


def expected(first: float, count: int, step: float = 1.0) -> Samples:
    at = first + np.arange(count) * step - BEGIN
    return np.asarray(np.sin(2 * np.pi * HERTZ * at / RECOGNITION_RATE), np.float32)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000, 8_000])
@pytest.mark.parametrize("jitter", [0.0, 20.0])
def test_pieces_are_joined_without_a_seam(rate: int, jitter: float) -> None:
    sound = PlayedSound()
    played = tone(rate, 1.0)
    rng = np.random.default_rng(0)
    for start in range(0, len(played), 997):
        wrong = rng.uniform(-jitter, jitter) if start else 0.0
        position = BEGIN + start * RECOGNITION_RATE / rate + wrong
        sound.add(played[start : start + 997], rate, position)
    read = sound.read(1100, 15_000)
    assert np.abs(read - expected(1100, 15_000)).max() < 3e-3


@pytest.mark.parametrize("step", [1.0, 1.0002, 0.9998])
def test_it_can_be_read_between_its_samples(step: float) -> None:
    sound = PlayedSound()
    sound.add(tone(RECOGNITION_RATE, 1.0), RECOGNITION_RATE, BEGIN)
    read = sound.read(2000.7, 256, step)
    assert np.abs(read - expected(2000.7, 256, step)).max() < 0.02


def test_what_was_not_played_is_silence() -> None:
    sound = PlayedSound()
    sound.add(np.ones(1000, np.float32), RECOGNITION_RATE, 2000.0)
    sound.add(np.ones(1000, np.float32), RECOGNITION_RATE, 5000.0)
    assert not sound.read(-100, 2000).any()
    assert not sound.read(3100, 1800).any()
    assert not sound.read(6100, 1000).any()
    assert np.allclose(sound.read(5100, 800), 1.0, atol=0.02)


def test_the_past_is_forgotten_and_never_comes_again() -> None:
    sound = PlayedSound()
    sound.add(np.ones(RECOGNITION_RATE, np.float32), RECOGNITION_RATE, 0.0)
    sound.add(np.ones(RECOGNITION_RATE, np.float32), RECOGNITION_RATE, 200.0 * RECOGNITION_RATE)
    assert not sound.read(0, RECOGNITION_RATE).any()
    assert not sound.read(96.0 * RECOGNITION_RATE, RECOGNITION_RATE).any()

"""The limiter: true peaks stay below the ceiling, and the rest stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stslocal.audio.limiter import Limiter
from tests.r128 import loudness

pytestmark = pytest.mark.unit

RATE = 48_000


def limited(sound: NDArray[np.float32], size: int = RATE) -> NDArray[np.float32]:
    limiter = Limiter(RATE)
    parts = [limiter.push(sound[start : start + size]) for start in range(0, len(sound), size)]
    return np.concatenate([*parts, limiter.finish()])


def noise(level: float, seconds: float = 3.0, seed: int = 3) -> NDArray[np.float32]:
    """Noise up to 12 kHz, as a voice has it."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    spectrum[np.fft.rfftfreq(count, 1 / RATE) > 12_000] = 0
    sound = np.fft.irfft(spectrum, count)
    scaled: NDArray[np.float32] = (level * sound / sound.std()).astype(np.float32)
    return scaled


def test_what_is_below_the_ceiling_passes_unchanged() -> None:
    sound = noise(0.05)
    assert np.array_equal(limited(sound), sound)


def test_loud_noise_stays_below_the_ceiling() -> None:
    sound = noise(0.5)
    assert loudness(sound, RATE).true_peak_dbtp > 5.0
    assert loudness(limited(sound), RATE).true_peak_dbtp <= -1.0


def test_a_peak_between_the_samples_is_found() -> None:
    # A quarter of the rate, sampled 45 degrees from the crests: samples of -3 dB, peaks of 0 dB.
    times = np.arange(RATE) / RATE
    sound = (0.99 * np.sin(2 * np.pi * RATE / 4 * times + np.pi / 4)).astype(np.float32)
    sound *= np.hanning(RATE).astype(np.float32)
    assert np.abs(sound).max() < 0.71
    assert loudness(sound, RATE).true_peak_dbtp == pytest.approx(-0.1, abs=0.2)
    assert loudness(limited(sound), RATE).true_peak_dbtp <= -1.0


def test_both_channels_have_the_same_gain() -> None:
    sound = np.stack([noise(0.02, 1.0), noise(0.02, 1.0, seed=4)], axis=1)
    sound[20_000:21_000, 0] += 1.5 * np.hanning(1000).astype(np.float32)
    out = limited(sound)
    assert out.shape == sound.shape
    assert loudness(out, RATE).true_peak_dbtp <= -1.0
    gains = out[20_500] / sound[20_500]
    assert gains[0] == pytest.approx(gains[1], rel=1e-4)
    assert np.array_equal(out[:15_000], sound[:15_000])


def test_a_peak_lowers_only_what_is_near_it() -> None:
    sound = noise(0.05)
    sound[RATE] = 1.5
    out = limited(sound)
    changed = np.flatnonzero(out != sound) / RATE
    assert 0.98 < changed.min() < 1.0 < changed.max() < 1.02


@pytest.mark.parametrize("size", [1, 700, 4801])
def test_the_pieces_make_no_difference(size: int) -> None:
    sound = noise(0.4, 0.2)
    assert np.abs(limited(sound, size) - limited(sound)).max() < 1e-3
    assert len(limited(sound, size)) == len(sound)


def test_nothing_gives_nothing() -> None:
    assert not len(limited(np.zeros(0, np.float32)))
    assert not len(Limiter(RATE).finish())

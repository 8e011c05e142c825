"""The tone of a room, made from the quietest moments of a recording."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.audio.room_tone import LOUDEST_DBFS, QuietMoments, RoomTone
from stslocal.types import Samples

pytestmark = pytest.mark.unit

RATE = 16_000


def tone_of(recording: Samples, rate: int = RATE) -> RoomTone | None:
    quiet = QuietMoments(RATE)
    for start in range(0, len(recording), RATE):
        quiet.push(recording[start : start + RATE])
    return quiet.room_tone(rate)


def dbfs(samples: Samples) -> float:
    return 20 * float(np.log10(np.sqrt(np.mean(samples.astype(np.float64) ** 2))))


def room(level: float, seconds: float = 20.0) -> Samples:
    """Noise that is strong below 500 Hz, as a room's is."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(5).standard_normal(count))
    spectrum[np.fft.rfftfreq(count, 1 / RATE) > 500] *= 0.1
    noise = np.fft.irfft(spectrum, count)
    scaled: Samples = (level * noise / noise.std()).astype(np.float32)
    return scaled


def with_speech(recording: Samples) -> Samples:
    """A loud sound during three quarters of each second."""
    times = np.arange(len(recording)) / RATE
    voice = 0.3 * np.sin(2 * np.pi * 3000 * times) * (times % 1 < 0.75)
    return (recording + voice).astype(np.float32)


def test_it_has_the_level_and_the_spectrum_of_the_pauses() -> None:
    tone = tone_of(with_speech(room(0.001)))
    assert tone is not None
    samples = tone.between(0, 8 * RATE)
    assert dbfs(samples) == pytest.approx(-60.0, abs=1.5)
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    low, high = power[hertz < 450].mean(), power[(hertz > 600) & (hertz < 7500)].mean()
    assert 10 * np.log10(low / high) == pytest.approx(20.0, abs=2.0)
    speech = power[(hertz > 2900) & (hertz < 3100)].mean()
    assert speech < 2 * high, "nothing of what is said is in it"


def test_it_is_never_louder_than_a_quiet_room() -> None:
    tone = tone_of(with_speech(room(0.1)))
    assert tone is not None
    assert dbfs(tone.samples) == pytest.approx(LOUDEST_DBFS, abs=0.1)


def test_it_goes_on_without_a_seam_and_is_the_same_each_time() -> None:
    first, again = tone_of(room(0.001)), tone_of(room(0.001))
    assert first is not None
    assert again is not None
    assert np.array_equal(first.samples, again.samples)
    count = len(first.samples)
    steps = np.abs(np.diff(first.between(0, 3 * count)))
    assert steps[count - 1] <= steps[: count - 1].max()
    assert np.array_equal(first.between(count, count + 9), first.samples[:9])


def test_at_another_rate_it_has_the_same_level() -> None:
    tone = tone_of(room(0.001), 24_000)
    assert tone is not None
    assert len(tone.samples) == 8 * 24_000
    assert dbfs(tone.samples) == pytest.approx(-60.0, abs=1.5)


def test_digital_silence_and_nothing_have_no_room() -> None:
    assert tone_of(np.zeros(5 * RATE, np.float32)) is None
    assert tone_of(np.zeros(0, np.float32)) is None
    half = np.concatenate([np.zeros(5 * RATE, np.float32), 0.1 * room(1.0, 5.0)])
    assert tone_of(half) is None

"""Synthetic sounds without speech: mono float32, shape (n,), at 16 kHz."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stslocal.types import RECOGNITION_RATE, Samples

Wave: TypeAlias = NDArray[np.float64]


def traffic(seconds: float = 12.0) -> Samples:
    """Pink noise (it falls by 3 dB an octave), louder and softer every four seconds."""
    count = round(seconds * RECOGNITION_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(count))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20.0 * seconds))
    swell = 1 + 0.6 * np.sin(2 * np.pi * _time(count) / 4)
    return _at_peak(np.fft.irfft(spectrum, count) * swell, 0.5)


def hum(seconds: float = 12.0) -> Samples:
    """The harmonics of a machine on 50 Hz mains, and a little hiss."""
    time_s = _time(round(seconds * RECOGNITION_RATE))
    tones = sum(np.sin(2 * np.pi * 50 * n * time_s) / n for n in (1, 2, 3, 5, 7, 11))
    hiss = np.random.default_rng(1).standard_normal(len(time_s))
    return _at_peak(tones + 0.02 * hiss, 0.3)


def music(seconds: float = 12.0) -> Samples:
    """Plucked chords over a bass, two notes a second: C, A minor, F, G."""
    samples = np.zeros(round(seconds * RECOGNITION_RATE))
    chords = ((48, 60, 64, 67), (45, 57, 60, 64), (41, 57, 60, 65), (43, 55, 59, 62))
    length_s = 0.5
    for beat in range(int(seconds / length_s)):
        bass, *chord = chords[beat // 4 % len(chords)]
        for key in (bass, chord[beat % 3], chord[(beat + 1) % 3]):
            first = round(beat * length_s * RECOGNITION_RATE)
            note = _plucked(key, min(1.5, seconds - beat * length_s))
            samples[first : first + len(note)] += note
    return _at_peak(samples, 0.6)


def _plucked(key: int, seconds: float) -> Wave:
    """A plucked string of MIDI number `key`: higher harmonics fade sooner."""
    time_s = _time(round(seconds * RECOGNITION_RATE))
    hertz = 440 * 2 ** ((key - 69) / 12)
    tones = [
        np.sin(2 * np.pi * n * hertz * time_s) * np.exp(-(1.5 + n) * time_s) / n
        for n in range(1, 9)
        if n * hertz < RECOGNITION_RATE / 2
    ]
    note: Wave = np.sum(tones, axis=0) * np.minimum(1, time_s / 0.005)
    return note


def _time(count: int) -> Wave:
    return np.arange(count) / RECOGNITION_RATE


def _at_peak(wave: Wave, peak: float) -> Samples:
    samples: Samples = (peak * wave / np.abs(wave).max()).astype(np.float32)
    return samples


NOT_SPOKEN: dict[str, Callable[[], Samples]] = {"traffic": traffic, "hum": hum, "music": music}

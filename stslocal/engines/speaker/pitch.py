"""Measures the pitch of a voice: the median of its fundamental frequency.

Source: de Cheveigné and Kawahara 2002, "YIN, a fundamental frequency estimator for speech and
music" (difference function, cumulative mean normalization, first dip below a threshold).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stslocal.types import Samples

_LOWEST_HZ, _HIGHEST_HZ = 60.0, 450.0
_WINDOW_S, _HOP_S = 0.032, 0.01
_VOICED = 0.4
"""A frame is voiced if the normalized difference is below this at some lag."""
_NEAR_LOWEST = 0.1
"""The first dip within this of the lowest one is the period; later ones are multiples of it."""
_QUIET = 10 ** (-30 / 20)
"""Frames this far below the loud ones (-30 dB) are ignored."""
_LEAST_FRAMES = 10
_FRAMES_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Pitch:
    """The pitch of a voice, and how many seconds of it were voiced."""

    median_hz: float
    """Over the voiced frames; 0.0 when there are too few of them."""
    voiced_s: float


def measure_pitch(audio: Samples, sample_rate: int) -> Pitch:
    """Median F0 of `audio`, shape (n,), between 60 and 450 Hz.

    On clean speech it is within half a semitone of the result of pYIN.
    """
    window = round(_WINDOW_S * sample_rate)
    longest = int(sample_rate / _LOWEST_HZ)
    if len(audio) < window + longest:
        return Pitch(0.0, 0.0)
    hop = round(_HOP_S * sample_rate)
    frames = np.lib.stride_tricks.sliding_window_view(audio, window + longest)[::hop]
    level = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    loud = frames[level > _QUIET * max(float(np.quantile(level, 0.95)), 1e-6)]
    periods = np.concatenate(
        [
            _periods(loud[start : start + _FRAMES_AT_ONCE].astype(np.float64), window, sample_rate)
            for start in range(0, len(loud), _FRAMES_AT_ONCE)
        ]
        or [np.zeros(0)]
    )
    enough = len(periods) >= _LEAST_FRAMES
    median_hz = float(sample_rate / np.median(periods)) if enough else 0.0
    return Pitch(median_hz, len(periods) * _HOP_S)


def _periods(frames: NDArray[np.float64], window: int, sample_rate: int) -> NDArray[np.float64]:
    """Periods of the voiced ones among `frames`, shape (frames, window + lags), in samples."""
    length = frames.shape[1]
    size = 1 << (length + window - 1).bit_length()
    spectrum = np.fft.rfft(frames, size) * np.conj(np.fft.rfft(frames[:, :window], size))
    product = np.fft.irfft(spectrum, size)[:, : length - window + 1]
    squares = np.pad(np.cumsum(frames**2, axis=1), ((0, 0), (1, 0)))
    power = squares[:, window:] - squares[:, : squares.shape[1] - window]
    difference = (power[:, :1] + power - 2 * product)[:, 1:]
    lags = np.arange(1, difference.shape[1] + 1)
    running = np.maximum(np.cumsum(difference, axis=1), 1e-12)
    normal = (difference * lags / running)[:, int(sample_rate / _HIGHEST_HZ) - 1 :]
    lowest = normal.min(axis=1)
    normal, lowest = normal[lowest < _VOICED], lowest[lowest < _VOICED]
    # A dip has no lower neighbour. The ends of the range do not count as dips.
    inner = normal[:, 1:-1]
    bottom = (inner <= normal[:, :-2]) & (inner <= normal[:, 2:])
    good = bottom & (inner < (lowest + _NEAR_LOWEST)[:, None])
    at = np.argmax(good[good.any(axis=1)], axis=1) + 1
    return np.asarray(at + int(sample_rate / _HIGHEST_HZ), np.float64)

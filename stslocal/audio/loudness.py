"""Measures loudness as ITU-R BS.1770-4 and EBU R128 define it.

A sound is weighted by frequency as the ear does (K-weighting), its power is taken in blocks of
400 ms that begin every 100 ms, and quiet blocks are left out of the mean. Here a block is four
steps of 100 ms, and the weight is applied to the spectrum of a step: so any sample rate uses the
standard's coefficients, which are for 48 kHz, and nothing is kept between steps.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

STEP_S = 0.1
SILENT_LUFS = -math.inf

_STEPS_IN_BLOCK = 4
_QUIETEST_LUFS = -70.0
"""The absolute gate: blocks below it count as silence."""
_BELOW_MEAN_LU = 10.0
"""The relative gate: blocks so far below the mean of the others are pauses."""
_OFFSET_LU = -0.691
"""So that a sine of 1 kHz at full scale has -3.01 LUFS."""

_TABLE_RATE = 48_000
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285),
          (1.0, -1.69065929318241, 0.73248077421585))  # fmt: skip
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""Numerators and denominators of BS.1770-4, tables 1 and 2."""


class LoudnessMeter:
    """Takes a sound in pieces, and gives the weighted power of each step of 100 ms."""

    def __init__(self, sample_rate: int) -> None:
        """`sample_rate` is in hertz."""
        self._size = round(sample_rate * STEP_S)
        self._weights = _weights(sample_rate, self._size)
        self._rest: NDArray[np.float32] = np.zeros((0, 1), np.float32)
        self.powers = array("d")
        """One value a step, summed over the channels. A step that is not full yet has none."""

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take the next samples, shape (n,) or (n, channels)."""
        if not len(samples):
            return
        frames = samples.reshape(len(samples), -1)
        if len(self._rest):
            frames = np.concatenate([self._rest, frames])
        count = len(frames) // self._size
        self._rest = frames[count * self._size :].copy()
        for start in range(0, count * self._size, self._size):
            self.powers.append(self._power(frames[start : start + self._size]))

    def finish(self) -> None:
        """End the sound: what is left becomes a step of its own, as if silence followed."""
        if len(self._rest):
            missing = self._size - len(self._rest)
            self.powers.append(self._power(np.pad(self._rest, ((0, missing), (0, 0)))))
            self._rest = self._rest[:0]

    def _power(self, frames: NDArray[np.float32]) -> float:
        spectrum = np.fft.rfft(frames, axis=0)
        power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
        return float(power @ self._weights)


def blocks_of(powers: Iterable[float]) -> NDArray[np.float64]:
    """The mean powers of the blocks of 400 ms in consecutive steps, shape (steps - 3,).

    Fewer than four steps give one block.
    """
    steps = np.asarray(list(powers), np.float64)
    if not len(steps):
        return steps
    if len(steps) < _STEPS_IN_BLOCK:
        return np.array([steps.mean()])
    blocks: NDArray[np.float64] = np.convolve(steps, np.ones(_STEPS_IN_BLOCK), "valid")
    return blocks / _STEPS_IN_BLOCK


def integrated_lufs(blocks: NDArray[np.float64]) -> float:
    """The loudness of blocks, without those that are silent; SILENT_LUFS if all of them are."""
    loud = blocks[blocks > power_of(_QUIETEST_LUFS)]
    if not len(loud):
        return SILENT_LUFS
    gate = loud.mean() * 10 ** (-_BELOW_MEAN_LU / 10)
    return lufs_of(float(loud[loud > gate].mean()))


def lufs_of(power: float) -> float:
    """The loudness of a weighted power."""
    return _OFFSET_LU + 10 * math.log10(power) if power > 0 else SILENT_LUFS


def power_of(lufs: float) -> float:
    """The weighted power of a loudness."""
    return float(10 ** ((lufs - _OFFSET_LU) / 10))


@cache
def _weights(sample_rate: int, size: int) -> NDArray[np.float64]:
    """What the bins of a step's spectrum weigh in its mean power, shape (size // 2 + 1,)."""
    hertz = np.minimum(np.fft.rfftfreq(size, 1 / sample_rate), _TABLE_RATE / 2)
    z = np.exp(-2j * np.pi * hertz / _TABLE_RATE)
    response = np.ones(len(hertz), np.complex128)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    weights: NDArray[np.float64] = np.abs(response) ** 2 / size**2
    weights[1 : (size + 1) // 2] *= 2  # each stands for its mirror image too
    return weights

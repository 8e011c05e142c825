"""How loud samples are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stslocal.types import Samples

FLOOR_DBFS = -120.0
"""Stands for digital silence."""


@dataclass(frozen=True, slots=True)
class Level:
    """Loudness in decibels below full scale: 0 is as loud as samples can be."""

    peak_dbfs: float
    rms_dbfs: float
    """Of the mean power; a full-scale sine has -3.01."""

    @property
    def is_clipped(self) -> bool:
        """The peak touches full scale: the card cannot take louder sound undistorted."""
        return self.peak_dbfs > -0.01


SILENCE = Level(FLOOR_DBFS, FLOOR_DBFS)


def level_dbfs(samples: Samples) -> Level:
    """Measure samples, shape (n,); none at all are silence."""
    if not len(samples):
        return SILENCE
    power = float(np.dot(samples, samples)) / len(samples)
    return level_of(float(np.abs(samples).max()), math.sqrt(power))


def level_of(peak: float, rms: float) -> Level:
    """The level of these amplitudes, 0 to 1."""
    return Level(_db(peak), _db(rms))


def overall(levels: Sequence[Level]) -> Level:
    """The level of equally long pieces together, from the level of each; none are silence."""
    if not levels:
        return SILENCE
    power = sum(10 ** (level.rms_dbfs / 10) for level in levels) / len(levels)
    return Level(max(level.peak_dbfs for level in levels), _db(math.sqrt(power)))


def _db(amplitude: float) -> float:
    return max(FLOOR_DBFS, 20 * math.log10(amplitude)) if amplitude > 0 else FLOOR_DBFS

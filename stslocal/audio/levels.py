"""How loud samples are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stslocal.types import Samples

NOTHING_DBFS = -80.0
"""Peaks below this come from a microphone that is off: the noise of an active one is higher."""
QUIET_DBFS = -40.0
"""Speech whose peaks are below this is recognized with more errors, or not at all."""
FLOOR_DBFS = -120.0
"""The level of digital silence, whose true level is minus infinity."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level in decibels relative to full scale: 0 is the largest that samples can have."""

    peak_dbfs: float
    rms_dbfs: float
    """Level of the mean power; a full-scale sine has -3.01."""

    @property
    def is_clipped(self) -> bool:
        """Whether the peak reaches full scale, beyond which the card distorts the sound."""
        return self.peak_dbfs > -0.01


SILENCE = Level(FLOOR_DBFS, FLOOR_DBFS)


def level_dbfs(samples: Samples) -> Level:
    """The level of samples, shape (n,). An empty array counts as silence."""
    if not len(samples):
        return SILENCE
    power = float(np.dot(samples, samples)) / len(samples)
    return level_of(float(np.abs(samples).max()), math.sqrt(power))


def level_of(peak: float, rms: float) -> Level:
    """The level of amplitudes, both 0 to 1."""
    return Level(_db(peak), _db(rms))


def overall_level(levels: Sequence[Level]) -> Level:
    """The joint level of pieces of equal length, from the level of each. No pieces are silence."""
    if not levels:
        return SILENCE
    power = sum(10 ** (level.rms_dbfs / 10) for level in levels) / len(levels)
    return Level(max(level.peak_dbfs for level in levels), _db(math.sqrt(power)))


def _db(amplitude: float) -> float:
    return max(FLOOR_DBFS, 20 * math.log10(amplitude)) if amplitude > 0 else FLOOR_DBFS

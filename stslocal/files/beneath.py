"""How loud the original sound, or its voice, is beneath its translation at each moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stslocal.types import Samples

DUCKED_DB = -18.0
OUT_DB = -80.0
"""A voice at this level is taken out: speech is then below the noise of 16 bits."""
AROUND_S = 0.2
"""The original is down so long before and after what is said: the times of words are narrow."""
ATTACK_S = 0.2
"""It goes down within so long, before that."""
RELEASE_S = 0.5
"""It comes up again within so long. Slower than down: a sudden noise draws attention."""
LEAST_BREAK_S = 0.6
"""Where it would be at full level for less than this, it stays down."""


@dataclass(frozen=True, slots=True)
class GainCurve:
    """A gain over time: straight lines in decibels between points, and level outside them."""

    times_s: NDArray[np.float64]
    """Times of the points in seconds, ascending, shape (n,), n at least 1."""
    decibels: NDArray[np.float64]
    """Gains at the points, shape (n,)."""

    def between(self, start: int, end: int, sample_rate: int) -> Samples:
        """The factors for the samples from one position to another, shape (end - start,)."""
        times = np.arange(start, end) / sample_rate
        factors = 10 ** (np.interp(times, self.times_s, self.decibels) / 20)
        return factors.astype(np.float32)


def curve_for(
    level: str,
    spans: Iterable[tuple[float, float]],
    kept: Iterable[tuple[float, float]] = (),
) -> GainCurve:
    """The gain for `duck`, `out`, `off`, `full` or a level such as `-20dB`.

    `spans` are those of speech; `out` and `duck` are down there. `off` is down everywhere but in
    the spans of speech that is `kept`.
    """
    if level == "duck":
        return ducked(spans)
    if level == "out":
        return ducked(spans, OUT_DB)
    if level == "off":
        up = ducked(kept, OUT_DB)
        return GainCurve(up.times_s, OUT_DB - up.decibels)
    return constant(0.0 if level == "full" else float(level.removesuffix("dB")))


def constant(decibels: float) -> GainCurve:
    """The same gain always."""
    return GainCurve(np.zeros(1), np.array([decibels]))


def ducked(spans: Iterable[tuple[float, float]], down_db: float = DUCKED_DB) -> GainCurve:
    """Down to `down_db` during `spans` (in seconds, in any order), and at full level between."""
    points: list[tuple[float, float]] = []
    for start_s, end_s in _joined(spans):
        points += [
            (start_s - AROUND_S - ATTACK_S, 0.0),
            (start_s - AROUND_S, down_db),
            (end_s + AROUND_S, down_db),
            (end_s + AROUND_S + RELEASE_S, 0.0),
        ]
    if not points:
        return constant(0.0)
    times_s, decibels = np.array(points).T
    return GainCurve(times_s, decibels)


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The spans in order; those with too little time between them are one."""
    nearest_s = 2 * AROUND_S + RELEASE_S + LEAST_BREAK_S + ATTACK_S
    joined: list[tuple[float, float]] = []
    for start_s, end_s in sorted(spans):
        if joined and start_s < joined[-1][1] + nearest_s:
            joined[-1] = (joined[-1][0], max(end_s, joined[-1][1]))
        else:
            joined.append((start_s, end_s))
    return joined

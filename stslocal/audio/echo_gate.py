"""Decides when the microphone captures nothing but our own voice's echo.

The canceller leaves a rest of the echo. While that rest is all there is, the recognizer should get
silence. Somebody who speaks shows in two ways: much less is taken away than in the best hops, and
bands of the rest are louder than what is left of their echo otherwise.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.kalman_filter import HOP
from stslocal.types import RECOGNITION_RATE, Samples

_EDGES_HZ = (
    100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700,
    4400, 5300, 6400,
)  # fmt: skip
"""Critical bands (Zwicker 1961)."""
_SMOOTHING = 0.7
"""Share of a band's power kept from hop to hop."""
_UP_DB, _DOWN_DB = 0.98, 0.02
"""The best reduction follows that of the hops up and down like this: 1 hop in 50 is better."""
_MARGIN_DB = 16.0
"""While nobody speaks, hops are reduced by no less than the best one without this."""
_LEAST_REDUCTION_DB = 6.0
_MOST_EXPECTED_DB = 30.0
"""The best hops are so good because the filter follows a long vowel. The next sound is reduced by
what the filter knows of the room, so no more than this counts."""
_LEARN_UP = 10**0.015
"""What is left of a band's echo is learnt by such steps (0.15 dB), in hops in which nobody seems to
speak."""
_LOUDEST = 5
_SPEAKS_DB = 8.0
"""Somebody speaks if the loudest bands of the rest are so much louder than what is left there."""
_QUIET_HOPS = 10
"""The gate closes after so many hops without a sign of anybody who speaks: 0.16 s."""
_LOUD = 4.0
"""A predicted echo counts if it is so many times as strong as the noise."""
_FLOOR_RISE_DB = 0.05
_FIRST_FLOOR, _LEAST_FLOOR = 1e-3, 1e-4
_PER_SAMPLE = 1 / (0.375 * HOP * 2 * HOP)
"""Power of a sample from that of a hop's spectrum (Parseval, with the window's power)."""
_FIRST_LEFT, _LEAST_LEFT = 10**-0.6, 10**-2.0
"""For the same reason, no less of a band's echo is taken to be left than that: -20 dB."""


def _bands() -> NDArray[np.float32]:
    """Sums over the bins of each band, shape (bins, bands)."""
    frequency = np.fft.rfftfreq(2 * HOP, 1 / RECOGNITION_RATE)
    lows, highs = np.array(_EDGES_HZ[:-1]), np.array(_EDGES_HZ[1:])
    inside = (frequency[:, None] >= lows) & (frequency[:, None] < highs)
    return inside.astype(np.float32)


class EchoGate:
    """Judges hop by hop. For one thread."""

    def __init__(self) -> None:
        self._bands = _bands()
        count = self._bands.shape[1]
        self._window = np.hanning(2 * HOP).astype(np.float32)
        self._frames = np.zeros((2, 2 * HOP), np.float32)
        """The last two hops of what was captured and of the predicted echo."""
        self._power = np.full((3, count), 1e-10, np.float32)
        """Smoothed power by band of what was captured, of the predicted echo and of the rest."""
        self._left = np.full(count, _FIRST_LEFT, np.float32)
        """The share of the predicted echo's power that is left, by band, while nobody speaks."""
        self._floor = np.full(count, _FIRST_FLOOR, np.float32)
        """Power of the room's noise by band."""
        self.best_db = 0.0
        """The reduction that only the best hops have: it is known also where somebody speaks."""
        self._quiet = 0
        self.reduction_db = 0.0
        """Mean reduction in the hops in which nobody seems to speak."""
        self.loud = False
        """Whether the predicted echo of the last hop is louder than the noise."""
        self.echo_power = 0.0
        """Power of the predicted echo, smoothed, per sample."""

    def forget(self) -> None:
        """Forget how much of the echo is left: the filter begins anew."""
        self._left[:] = _FIRST_LEFT
        self.best_db = self.reduction_db = 0.0
        self._quiet = 0

    def only_echo(self, captured: Samples, echo: Samples) -> bool:
        """Whether the next hop has nothing but echo; each shape (HOP,)."""
        self._frames[:, :HOP] = self._frames[:, HOP:]
        self._frames[0, HOP:] = captured
        self._frames[1, HOP:] = echo
        spectra = np.empty((3, HOP + 1), np.complex64)
        spectra[:2] = np.fft.rfft(self._frames * self._window, axis=1)
        np.subtract(spectra[0], spectra[1], out=spectra[2])
        keep = np.float32(_SMOOTHING)
        self._power *= keep
        self._power += (1 - keep) * ((spectra.real**2 + spectra.imag**2) @ self._bands)
        _, echo_power, rest_power = self._power
        captured_sum, echo_sum, rest_sum = self._power.sum(axis=1).tolist()
        self.echo_power = echo_sum * _PER_SAMPLE
        self.loud = echo_sum > _LOUD * float(self._floor.sum())
        if not self.loud:
            self._learn_floor(rest_power)
            return self._quiet >= _QUIET_HOPS
        reduction_db = 10 * math.log10((captured_sum + 1e-12) / (rest_sum + 1e-12))
        self.best_db += _UP_DB if reduction_db > self.best_db else -_DOWN_DB
        expected_db = min(self.best_db, _MOST_EXPECTED_DB)
        quiet = reduction_db > max(_LEAST_REDUCTION_DB, expected_db - _MARGIN_DB)
        if quiet:
            self._learn_left(echo_power, rest_power)
            self.reduction_db += 0.04 * (reduction_db - self.reduction_db)
        elif self.reduction_db > self.best_db:
            self.reduction_db = self.best_db
        self._quiet = self._quiet + 1 if quiet and not self._somebody_speaks() else 0
        return self._quiet >= _QUIET_HOPS

    def _somebody_speaks(self) -> bool:
        """Whether bands of the rest are louder than what is left of their echo otherwise."""
        _, echo, rest = self._power
        left = np.maximum(self._left, _LEAST_LEFT)
        above = np.sort((rest + 1e-12) / (echo * left + self._floor))[-_LOUDEST:]
        return float(np.log10(above).mean()) >= _SPEAKS_DB / 10

    def _learn_left(self, echo: NDArray[np.float32], rest: NDArray[np.float32]) -> None:
        step = np.where(rest + 1e-12 > self._left * (echo + 1e-12), _LEARN_UP, 1 / _LEARN_UP)
        self._left *= np.where(echo > _LOUD * self._floor, step, 1.0)

    def _learn_floor(self, power: NDArray[np.float32]) -> None:
        """Follow the minimum of the noise: down at once, up slowly."""
        risen = self._floor * 10 ** (_FLOOR_RISE_DB / 10)
        self._floor = np.maximum(np.minimum(power, risen), _LEAST_FLOOR)


def first_with_echo(captured: Samples, cleaned: Samples) -> int:
    """The first sample from which on cleaning takes away most: before it, there was no echo."""
    gains = np.square(captured[: len(cleaned)], dtype=np.float64) - np.square(cleaned)
    left = np.cumsum(gains[::-1])[::-1]
    return int(left.argmax()) if left.max(initial=0.0) > 0 else len(cleaned)

"""Decides when the microphone captures nothing but our own voice's echo.

The canceller leaves a rest of the echo. While that rest is all there is, the recognizer should get
silence. Somebody who speaks shows in two ways: much less is taken away than in the best hops, and
bands of the rest are louder than what is left of their echo otherwise.
"""

from __future__ import annotations

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
_LEARN_DB = 0.15
"""What is left of a band's echo is learnt by such steps, in hops in which nobody seems to speak."""
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
_FIRST_LEFT_DB = -6.0


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
        self._past = np.zeros((3, HOP), np.float32)
        self._power = np.full((3, count), 1e-10, np.float32)
        """Smoothed power by band of what was captured, of the predicted echo and of the rest."""
        self._left_db = np.full(count, _FIRST_LEFT_DB, np.float32)
        """What is left of the predicted echo, by band, while nobody speaks."""
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
        self._left_db[:] = _FIRST_LEFT_DB
        self.best_db = self.reduction_db = 0.0
        self._quiet = 0

    def only_echo(self, captured: Samples, echo: Samples, rest: Samples) -> bool:
        """Whether the next hop has nothing but echo; each shape (HOP,)."""
        hops = np.stack([captured, echo, rest])
        frames = np.concatenate([self._past, hops], axis=1) * self._window
        self._past = hops
        spectra = np.fft.rfft(frames, axis=1)
        power = (spectra.real**2 + spectra.imag**2) @ self._bands
        keep = np.float32(_SMOOTHING)
        self._power *= keep
        self._power += (1 - keep) * power
        captured_power, echo_power, rest_power = self._power
        self.echo_power = float(echo_power.sum()) * _PER_SAMPLE
        self.loud = bool(echo_power.sum() > _LOUD * self._floor.sum())
        if not self.loud:
            self._learn_floor(rest_power)
            return self._quiet >= _QUIET_HOPS
        reduction_db = 10 * float(np.log10(captured_power.sum() / (rest_power.sum() + 1e-12)))
        self.best_db += _UP_DB if reduction_db > self.best_db else -_DOWN_DB
        quiet = reduction_db > max(_LEAST_REDUCTION_DB, self.best_db - _MARGIN_DB)
        if quiet:
            self._learn_left(echo_power, rest_power)
            self.reduction_db += 0.04 * (reduction_db - self.reduction_db)
        elif self.reduction_db > self.best_db:
            self.reduction_db = self.best_db
        expected = echo_power * 10 ** (self._left_db / 10) + self._floor
        above_db = 10 * np.log10((rest_power + 1e-12) / expected)
        loudest_db = float(np.sort(above_db)[-_LOUDEST:].mean())
        self._quiet = self._quiet + 1 if quiet and loudest_db < _SPEAKS_DB else 0
        return self._quiet >= _QUIET_HOPS

    def _learn_left(self, echo: NDArray[np.float32], rest: NDArray[np.float32]) -> None:
        left_db = 10 * np.log10((rest + 1e-12) / (echo + 1e-12))
        heavy = echo > _LOUD * self._floor
        self._left_db[heavy] += np.where(left_db > self._left_db, _LEARN_DB, -_LEARN_DB)[heavy]

    def _learn_floor(self, power: NDArray[np.float32]) -> None:
        """Follow the minimum of the noise: down at once, up slowly."""
        risen = self._floor * 10 ** (_FLOOR_RISE_DB / 10)
        self._floor = np.maximum(np.minimum(power, risen), _LEAST_FLOOR)

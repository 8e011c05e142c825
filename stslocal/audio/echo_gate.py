"""Decides when the microphone captures nothing but our own voice's echo.

The canceller leaves a rest of the echo. While that rest is all there is, the recognizer should get
silence. Each band learns by how much its rest lies below the predicted echo; somebody who speaks
shows as bands that are louder than that.
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
_QUANTILE = 0.3
"""This share of the hops with a loud echo leave less than the learnt rest."""
_LEARN_DB = 0.4
_FLOOR_RISE_DB = 0.05
_LOUD = 4.0
"""A predicted echo counts if it is so many times as strong as the noise."""
_SPEAKS_DB = 3.0
"""Somebody speaks if bands are louder than expected by so much, on the mean of all."""
_QUIET_HOPS = 6
"""The gate closes after so many hops without a sign of anybody who speaks."""
_LEAST_REDUCTION_DB = 6.0
"""A filter that takes away less than this does not know enough of the echo for a gate."""
_FIRST_REST_DB = -3.0


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
        self._rest_db = np.full(count, _FIRST_REST_DB, np.float32)
        """The rest against the predicted echo, by band, while nobody speaks."""
        self._floor = np.full(count, 1e-7, np.float32)
        """Power of the room's noise by band."""
        self._quiet = 0
        self.loud = False
        """Whether the predicted echo of the last hop is louder than the noise."""
        self.echo_power = 0.0
        """Power of the predicted echo, smoothed, per sample."""

    def forget(self) -> None:
        """Forget how much of the echo is left: the filter begins anew."""
        self._rest_db[:] = _FIRST_REST_DB
        self._quiet = 0

    @property
    def reduction_db(self) -> float:
        """By how much the filter reduces the echo, over all bands, as learnt."""
        rest = self._power[1] * 10 ** (self._rest_db / 10)
        return float(10 * np.log10(self._power[1].sum() / rest.sum()))

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
        self.echo_power = float(echo_power.sum()) / (HOP * HOP)
        heavy = echo_power > _LOUD * self._floor
        self.loud = bool(echo_power.sum() > _LOUD * self._floor.sum())
        if not self.loud:
            self._learn_floor(rest_power)
            self._quiet = 0
            return False
        rest_db = 10 * np.log10((rest_power + 1e-12) / (echo_power + 1e-12))
        step = np.where(rest_db < self._rest_db, -(1 - _QUANTILE), _QUANTILE) * _LEARN_DB
        self._rest_db = np.where(heavy, self._rest_db + step, self._rest_db).astype(np.float32)
        expected = echo_power * 10 ** (self._rest_db / 10) + self._floor
        above_db = 10 * np.log10((rest_power + 1e-12) / expected)
        sign_db = float(np.maximum(above_db, 0.0).mean())
        removed_db = 10 * np.log10(captured_power.sum() / (rest_power.sum() + 1e-12))
        quiet = sign_db < _SPEAKS_DB and removed_db > _LEAST_REDUCTION_DB
        self._quiet = self._quiet + 1 if quiet else 0
        return self._quiet >= _QUIET_HOPS

    def _learn_floor(self, power: NDArray[np.float32]) -> None:
        """Follow the minimum of the noise: down at once, up slowly."""
        risen = self._floor * 10 ** (_FLOOR_RISE_DB / 10)
        self._floor = np.maximum(np.minimum(power, risen), 1e-10)

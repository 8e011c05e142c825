"""An adaptive filter that predicts the echo of a played sound: a Kalman filter per frequency.

Sources: G. Enzner and P. Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control
in hands-free telephones", Signal Processing 86 (2006); F. Kuech, E. Mabande and G. Enzner,
"State-space architecture of the partitioned-block-based acoustic echo controller", ICASSP 2014.
A Kalman filter weighs each step by how much of the captured sound it cannot explain, so somebody
who speaks at the same time does not spoil it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.types import Samples

HOP = 256
"""Samples of a step: 16 ms."""
PARTITIONS = 28
"""The filter is so many hops long: 0.45 s of a room's reverberation."""

_TRANSITION = 0.999
"""The room's response keeps this share from hop to hop, in the model; the rest may be new."""
_OBSERVATION_SMOOTHING = 0.8
_FALL_DB = 1.5
"""By so much a room's response falls from hop to hop, before it is known."""
_LEAST_POWER = 1e-9
_BINS = HOP + 1
_OFTEN, _TURNS = 8, 5
"""What only has to be done now and then is done for the first partitions, where most of the
response is, after each step, and for the others in turn: a change is made as short as a hop again,
and the doubt grows (alternating constraint; K. Eneman and M. Moonen, "Iterated partitioned block
frequency-domain adaptive filtering for acoustic echo cancellation", IEEE Transactions on Speech and
Audio Processing 11, 2003)."""
_ROWS = [np.r_[:_OFTEN, _OFTEN + turn : PARTITIONS : _TURNS] for turn in range(_TURNS)]


class KalmanFilter:
    """Predicts the echo in hops of `HOP` samples, and learns from what is left. For one thread.

    Real values of spectra stand twice, like the two parts of a complex value: numpy multiplies two
    arrays of one kind much faster than a real and a complex one.
    """

    def __init__(self) -> None:
        self.response = np.zeros((PARTITIONS, _BINS), np.complex64)
        """The room's response, one spectrum a partition."""
        self._variance = np.zeros((PARTITIONS, 2 * _BINS), np.float32)
        self._played = np.zeros((2 * PARTITIONS, _BINS), np.complex64)
        """Spectra of the last played frames of two hops; the newest is at `_newest`. They stand
        twice, so that the last ones are always in a row."""
        self._power = np.zeros((2 * PARTITIONS, 2 * _BINS), np.float32)
        """Of those spectra."""
        self._newest = 0
        self._turn = 0
        self._last = np.zeros(HOP, np.float32)
        self._noise = np.zeros(2 * _BINS, np.float32)
        self._complex = np.zeros((PARTITIONS, _BINS), np.complex64)
        """For results in between; so is the next one."""
        self._real = np.zeros((PARTITIONS, 2 * _BINS), np.float32)
        self.forget(1.0)

    def forget(self, coupling: float) -> None:
        """Begin anew. `coupling` is a guess of the echo's power against that of the sound."""
        fall = 10 ** (-_FALL_DB / 10 * np.arange(PARTITIONS, dtype=np.float32))
        self.response[:] = 0
        self._variance[:] = 0.1 * coupling * fall[:, None]
        self._noise[:] = 0.03 * coupling

    def load(self, played: Samples) -> None:
        """Replace the past of the played sound: shape (at least (PARTITIONS + 1) * HOP,)."""
        past = played[-(PARTITIONS + 1) * HOP :]
        frames = np.lib.stride_tricks.sliding_window_view(past, 2 * HOP)[::HOP]
        spectra = _spectra(frames)[::-1]
        self._played[:PARTITIONS] = self._played[PARTITIONS:] = spectra
        self._power[:] = _power(self._played)
        self._newest = 0
        self._last = past[-HOP:].copy()

    def step(self, played: Samples, captured: Samples) -> Samples:
        """The predicted echo in the next hop, within ±1, shape (HOP,). Learns from the rest."""
        self._newest = (self._newest - 1) % PARTITIONS
        frame = _spectra(np.concatenate([self._last, played]))
        self._played[self._newest :: PARTITIONS] = frame
        self._power[self._newest :: PARTITIONS] = _power(frame)
        self._last = played
        kept = slice(self._newest, self._newest + PARTITIONS)
        np.multiply(self.response, self._played[kept], out=self._complex)
        linear: Samples = np.fft.irfft(self._complex.sum(axis=0))[HOP:].astype(np.float32)
        # A microphone that is too loud captures no more than full scale.
        echo = np.clip(linear, -1.0, 1.0)
        self._learn(self._played[kept], self._power[kept], captured - echo)
        return echo

    def _learn(
        self, spectra: NDArray[np.complex64], power: NDArray[np.float32], residual: Samples
    ) -> None:
        error = _spectra(np.concatenate([np.zeros(HOP, np.float32), residual]))
        change, reduced = self._complex, self._real
        np.multiply(self._variance, power, out=reduced)
        unsure = reduced.sum(axis=0)
        smooth = np.float32(_OBSERVATION_SMOOTHING)
        self._noise *= smooth
        self._noise += (1 - smooth) * _power(error)
        share = 1 / (0.5 * unsure + self._noise + _LEAST_POWER)
        # The gain is the variance times `share`; the change is gain * conj(spectra) * error.
        weighted = error.conj()
        weighted.view(np.float32)[:] *= share
        np.multiply(spectra, weighted, out=change)
        change.view(np.float32)[:] *= self._variance
        np.conjugate(change, out=change)
        self.response += change
        keep = np.float32(_TRANSITION**2)
        reduced *= -0.5 * keep * share
        reduced += keep
        self._variance *= reduced
        self._take_turn(keep)

    def _take_turn(self, keep: np.float32) -> None:
        """What is done for some of the partitions after each step."""
        self._turn = (self._turn + 1) % _TURNS
        rows = _ROWS[self._turn]
        taps = np.fft.irfft(self.response[rows], axis=1)
        taps[:, HOP:] = 0.0
        spectra = _spectra(taps)
        self.response[rows] = spectra
        growth = _power(spectra)
        growth *= 1 - keep
        growth[_OFTEN:] *= _TURNS
        self._variance[rows] += growth


def _spectra(samples: NDArray[np.floating[Any]]) -> NDArray[np.complex64]:
    return np.fft.rfft(samples, axis=-1).astype(np.complex64, copy=False)


def _power(spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
    """The power of each value, twice; shape (..., bins) becomes (..., 2 * bins)."""
    parts = spectra.view(np.float32)
    power = parts * parts
    power[..., ::2] += power[..., 1::2]
    power[..., 1::2] = power[..., ::2]
    return power

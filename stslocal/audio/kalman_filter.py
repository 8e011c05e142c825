"""An adaptive filter that predicts the echo of a played sound: a Kalman filter per frequency.

Sources: G. Enzner and P. Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control
in hands-free telephones", Signal Processing 86 (2006); F. Kuech, E. Mabande and G. Enzner,
"State-space architecture of the partitioned-block-based acoustic echo controller", ICASSP 2014.
A Kalman filter weighs each step by how much of the captured sound it cannot explain, so somebody
who speaks at the same time does not spoil it.
"""

from __future__ import annotations

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


class KalmanFilter:
    """Predicts the echo in hops of `HOP` samples, and learns from what is left. For one thread."""

    def __init__(self) -> None:
        self.response = np.zeros((PARTITIONS, _BINS), np.complex64)
        """The room's response, one spectrum a partition."""
        self._variance = np.zeros((PARTITIONS, _BINS), np.float32)
        self._played = np.zeros((PARTITIONS, _BINS), np.complex64)
        """Spectra of the last played frames of two hops; the newest is at `_newest`."""
        self._newest = 0
        self._last = np.zeros(HOP, np.float32)
        self._noise = np.zeros(_BINS, np.float32)
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
        self._played[:] = np.fft.rfft(frames, axis=1)[::-1]
        self._newest = 0
        self._last = past[-HOP:].copy()

    def step(self, played: Samples, captured: Samples) -> Samples:
        """The predicted echo in the next hop; each shape (HOP,). Learns from the difference."""
        self._newest = (self._newest - 1) % PARTITIONS
        frame = np.fft.rfft(np.concatenate([self._last, played]))
        self._played[self._newest] = frame
        self._last = played
        order = np.arange(self._newest, self._newest + PARTITIONS) % PARTITIONS
        spectra = self._played[order]
        predicted = np.einsum("pk,pk->k", self.response, spectra)
        echo: Samples = np.fft.irfft(predicted)[HOP:].astype(np.float32)
        self._learn(spectra, captured - echo)
        return echo

    def _learn(self, spectra: NDArray[np.complex64], residual: Samples) -> None:
        error = np.fft.rfft(np.concatenate([np.zeros(HOP, np.float32), residual]))
        power = spectra.real**2 + spectra.imag**2
        unsure = np.einsum("pk,pk->k", self._variance, power)
        left = error.real**2 + error.imag**2
        smooth = np.float32(_OBSERVATION_SMOOTHING)
        self._noise *= smooth
        self._noise += (1 - smooth) * left
        gain = self._variance / (0.5 * unsure + self._noise + _LEAST_POWER)
        change = np.fft.irfft(gain * spectra.conj() * error, axis=1)
        change[:, HOP:] = 0.0
        self.response += np.fft.rfft(change, axis=1)
        keep = np.float32(_TRANSITION**2)
        energy = self.response.real**2 + self.response.imag**2
        self._variance *= keep * (1 - 0.5 * gain * power)
        self._variance += (1 - keep) * energy

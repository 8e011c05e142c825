"""Finds how late the echo of the played sound is, and how fast that changes.

Source: C. Knapp and G. Carter, "The generalized correlation method for estimation of time delay",
IEEE Transactions on Acoustics, Speech and Signal Processing 24 (1976).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stslocal.types import RECOGNITION_RATE, Samples

WINDOW = 8192
"""Captured samples that are correlated at once: 0.5 s."""
EARLIEST = -round(0.12 * RECOGNITION_RATE)
LATEST = EARLIEST + 3 * WINDOW
"""Delays that are looked for, in samples: from -0.12 s, as drivers report times wrong, to 1.4 s."""

_SIZE = 4 * WINDOW
_KEEP = 0.75
"""Share of the correlation kept from window to window."""
_CERTAIN = 9.0
"""A peak is an echo if it is so many times the correlation's deviation."""
_BAND_HZ = (150.0, 6000.0)

_DRIFT_BINS = slice(6, 100)
"""Of a response's spectrum: 190 to 3100 Hz."""
_ALIKE = 0.7
"""Two responses are one that has moved if their correlation is above this."""
_DRIFT_GAIN = 0.3
_MOST_DRIFT = 5e-4


@dataclass(frozen=True, slots=True)
class Found:
    """An echo that was found."""

    delay: int
    """Samples from when a sound should sound until the microphone captures it."""
    certainty: float
    """The height of its peak, in deviations of the correlation."""


class DelayFinder:
    """Correlates what was captured with what was played, over the last seconds. For one thread."""

    def __init__(self) -> None:
        frequency = np.fft.rfftfreq(_SIZE, 1 / RECOGNITION_RATE)
        self._band = (frequency > _BAND_HZ[0]) & (frequency < _BAND_HZ[1])
        self._cross: NDArray[np.complex64] = np.zeros(_SIZE // 2 + 1, np.complex64)

    def forget(self) -> None:
        """Forget earlier windows."""
        self._cross[:] = 0

    def add(self, captured: Samples, played: Samples) -> Found | None:
        """Take the next window; return the delay that is certain by now, or None.

        `captured` has shape (WINDOW,); `played` has shape (4 * WINDOW,), and begins LATEST samples
        before it.
        """
        near = np.fft.rfft(captured, _SIZE)
        far = np.fft.rfft(played)
        cross = far * near.conj()
        # Whitened, so that the peak is sharp; each window counts by its loudness.
        cross *= self._band / (np.abs(cross) ** 0.8 + 1e-9)
        self._cross = _KEEP * self._cross + cross.astype(np.complex64)
        correlation = np.abs(np.fft.irfft(self._cross)[: LATEST - EARLIEST + 1])
        deviation = np.sqrt(np.mean(np.square(correlation))) + 1e-12
        peak = int(np.argmax(correlation))
        certainty = float(correlation[peak] / deviation)
        return Found(LATEST - peak, certainty) if certainty >= _CERTAIN else None


class DriftTracker:
    """Follows how a room's response moves: the clocks of two sound cards differ. For one thread."""

    def __init__(self) -> None:
        self.rate = 0.0
        """Samples by which the loudspeaker is ahead after each captured sample; 1e-4: 100 ppm."""
        self._before: NDArray[np.complex64] | None = None

    def forget(self) -> None:
        """The next response is the first one: it has nothing to do with the last one."""
        self._before = None

    def add(self, response: NDArray[np.complex64], elapsed: int) -> None:
        """Take the response, shape (partitions, bins), `elapsed` captured samples after the last.

        A response that moves turns the phases of its spectra, the more the higher the frequency.
        """
        before, self._before = self._before, response.copy()
        if before is None:
            return
        bins = np.arange(response.shape[1])[_DRIFT_BINS]
        cross = np.einsum("pk,pk->k", response[:, _DRIFT_BINS], before[:, _DRIFT_BINS].conj())
        energy = np.square(np.abs(response[:, _DRIFT_BINS])).sum()
        energy_before = np.square(np.abs(before[:, _DRIFT_BINS])).sum()
        if np.abs(cross).sum() < _ALIKE * np.sqrt(energy * energy_before) + 1e-12:
            return  # the room has changed, or nothing is known of it yet
        weight = np.abs(cross)
        turn = float((weight * bins * np.angle(cross)).sum() / (weight * bins**2).sum())
        moved = -turn * 2 * (response.shape[1] - 1) / (2 * np.pi)
        step = _DRIFT_GAIN * -moved / elapsed
        self.rate = float(np.clip(self.rate + step, -_MOST_DRIFT, _MOST_DRIFT))

"""Finds how late the echo of the played sound is, and how fast that changes.

Source: C. Knapp and G. Carter, "The generalized correlation method for estimation of time delay",
IEEE Transactions on Acoustics, Speech and Signal Processing 24 (1976).
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from stslocal.types import RECOGNITION_RATE, Samples

WINDOW = 4096
"""Captured samples that are correlated at once: 0.25 s."""
EARLIEST = -round(0.12 * RECOGNITION_RATE)
LATEST = EARLIEST + 6 * WINDOW
"""Delays that are looked for, in samples: from -0.12 s, as drivers report times wrong, to 1.4 s."""
REACH = LATEST - EARLIEST + WINDOW
"""Played samples that belong to a window."""

_SIZE = 8 * WINDOW
_WINDOWS = 12
"""Windows that are judged together."""
_MOST = 16.0
"""So many deviations of a correlation count at most: the pitch of two voices that are alike makes
high peaks too, but not at the same delay in window after window."""
_CERTAIN = 18.0
"""From here on, a peak over all windows is an echo, if the last one was at the same place."""
_SAME = 8
"""Samples by which the place may differ."""
_FEWEST = 4
"""Windows that are needed."""
_BAND_HZ = (150.0, 6000.0)

_DRIFT_BINS = slice(6, 100)
"""Of a response's spectrum: 190 to 3100 Hz."""
_ALIKE = 0.7
"""Two responses are one that has moved if their correlation is above this."""
_DRIFT_GAIN = 0.3
_MOST_DRIFT = 5e-4


class DelayFinder:
    """Correlates what was captured with what was played, over the last seconds. For one thread."""

    def __init__(self) -> None:
        frequency = np.fft.rfftfreq(_SIZE, 1 / RECOGNITION_RATE)
        self._band = (frequency > _BAND_HZ[0]) & (frequency < _BAND_HZ[1])
        self._correlations: deque[NDArray[np.float32]] = deque(maxlen=_WINDOWS)
        self._peak = -1

    def forget(self) -> None:
        """Forget earlier windows."""
        self._correlations.clear()

    def add(self, captured: Samples, played: Samples) -> int | None:
        """Take the next window; return the delay in samples that is certain by now, or None.

        It is the time from when a sound should sound until the microphone captures it.
        `captured` has shape (WINDOW,); `played` has shape (REACH,), and begins LATEST samples
        before it.
        """
        near = np.fft.rfft(captured, _SIZE)
        far = np.fft.rfft(played, _SIZE)
        cross = far * near.conj()
        cross *= self._band / (np.abs(cross) ** 0.8 + 1e-9)  # whitened, so that a peak is sharp
        correlation = np.abs(np.fft.irfft(cross)[: LATEST - EARLIEST + 1])
        deviation = np.sqrt(np.mean(np.square(correlation))) + 1e-12
        self._correlations.append(np.minimum(correlation / deviation, _MOST).astype(np.float32))
        together = np.sum(self._correlations, axis=0)
        # Of peaks that all reach the bound, the highest one of the last window counts.
        peak = int(np.argmax(together + 1e-3 * correlation / deviation))
        certainty = (together[peak] - together.mean()) / np.sqrt(len(self._correlations))
        is_same, self._peak = abs(peak - self._peak) <= _SAME, peak
        if certainty < _CERTAIN or not is_same or len(self._correlations) < _FEWEST:
            return None
        return LATEST - peak


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

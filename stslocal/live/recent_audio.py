"""The last seconds of what the recognizer was given, for all that needs the sound of a segment."""

from __future__ import annotations

import numpy as np

from stslocal.types import RECOGNITION_RATE, Samples


class RecentAudio:
    """The end of a stream at 16 kHz, asked for by time. For one thread."""

    def __init__(self, capacity_s: float = 30.0) -> None:
        self._buffer = np.zeros(round(capacity_s * RECOGNITION_RATE), np.float32)
        self._end = 0

    def add(self, samples: Samples) -> None:
        """Take the next samples, shape (n,); as many of the oldest go."""
        kept = samples[-len(self._buffer) :]
        first = self._end + len(samples) - len(kept)
        self._buffer[(first + np.arange(len(kept))) % len(self._buffer)] = kept
        self._end += len(samples)

    def between(self, start_s: float, end_s: float) -> Samples:
        """A copy of what lies between two times, as far as it is still there."""
        first = max(round(start_s * RECOGNITION_RATE), self._end - len(self._buffer), 0)
        behind = min(round(end_s * RECOGNITION_RATE), self._end)
        copied: Samples = self._buffer[np.arange(first, max(first, behind)) % len(self._buffer)]
        return copied

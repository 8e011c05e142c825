"""The last seconds of sound that the recognizer was given.

A segment's sound is taken from here, to translate it by ear and to learn the speaker's voice.
"""

from __future__ import annotations

import numpy as np

from stslocal.types import RECOGNITION_RATE, Samples


class RecentAudio:
    """The newest samples of a stream at 16 kHz, found by time. For one thread."""

    def __init__(self, capacity_s: float = 30.0) -> None:
        self._buffer = np.zeros(round(capacity_s * RECOGNITION_RATE), np.float32)
        self._end = 0

    def add(self, samples: Samples) -> None:
        """Add the next samples, shape (n,); they replace as many of the oldest ones."""
        kept = samples[-len(self._buffer) :]
        first = self._end + len(samples) - len(kept)
        self._buffer[(first + np.arange(len(kept))) % len(self._buffer)] = kept
        self._end += len(samples)

    def correct(self, samples: Samples) -> None:
        """Replace the newest samples, shape (n,)."""
        count = min(len(samples), self._end)
        self._end -= count
        self.add(samples[len(samples) - count :])

    def between(self, start_s: float, end_s: float) -> Samples:
        """A copy of the samples between two times, as far as they are still kept."""
        first = max(round(start_s * RECOGNITION_RATE), self._end - len(self._buffer), 0)
        behind = min(round(end_s * RECOGNITION_RATE), self._end)
        copied: Samples = self._buffer[np.arange(first, max(first, behind)) % len(self._buffer)]
        return copied

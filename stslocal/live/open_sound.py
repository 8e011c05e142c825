"""The sound that a listener still recognizes, found by its place in the stream."""

from __future__ import annotations

import numpy as np

from stslocal.types import RECOGNITION_RATE, Samples


class OpenSound:
    """The newest samples of a stream at 16 kHz, as far back as they are wanted."""

    def __init__(self) -> None:
        self.samples: Samples = np.zeros(0, np.float32)
        """Shape (n,)."""
        self._end = 0
        """Position in the stream behind the last sample."""

    @property
    def start_s(self) -> float:
        return (self._end - len(self.samples)) / RECOGNITION_RATE

    @property
    def end_s(self) -> float:
        return self._end / RECOGNITION_RATE

    def append(self, samples: Samples) -> None:
        """Add the next samples of the stream, shape (n,)."""
        self.samples = np.concatenate([self.samples, samples])
        self._end += len(samples)

    def correct(self, samples: Samples) -> None:
        """Replace the newest samples, shape (n,), as far as they are still there."""
        count = min(len(samples), len(self.samples))
        kept = self.samples[: len(self.samples) - count]
        self.samples = np.concatenate([kept, samples[len(samples) - count :]])

    def since(self, start_s: float) -> Samples:
        """The samples from a time in the stream on."""
        count = self._end - round(start_s * RECOGNITION_RATE)
        return self.samples[max(0, len(self.samples) - count) :]

    def drop_before(self, start_s: float) -> None:
        """Forget the samples before a time in the stream."""
        self.samples = self.since(start_s)

"""The loudest sample of each short step of a sound, of which a picture of it is drawn."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from stslocal.types import Samples


class Peaks:
    """Keeps the peaks of a sound that comes in blocks: an hour of it takes 288 kB."""

    STEP_S = 0.05

    def __init__(self, sample_rate: int) -> None:
        self._size = round(self.STEP_S * sample_rate)
        self._values = array("f")
        self._open = 0.0
        """The peak of the step that is not over yet."""
        self._count = 0
        """Samples of it."""

    def push(self, block: Samples) -> None:
        """Take the next samples, shape (n,), or (n, channels)."""
        loud = np.abs(block) if block.ndim == 1 else np.abs(block).max(axis=1, initial=0.0)
        head = min(len(loud), self._size - self._count)
        self._open = max(self._open, float(loud[:head].max(initial=0.0)))
        self._count += head
        if self._count < self._size:
            return
        self._values.append(self._open)
        whole = (len(loud) - head) // self._size * self._size
        steps = loud[head : head + whole].reshape(-1, self._size)
        self._values.extend(steps.max(axis=1).tolist())
        rest = loud[head + whole :]
        self._open, self._count = float(rest.max(initial=0.0)), len(rest)

    @property
    def values(self) -> Sequence[float]:
        """The peak of each step of STEP_S, the last one of the rest."""
        return [*self._values, self._open] if self._count else self._values

"""Short-time spectra of a stream, and the stream of spectra again.

A frame has 4096 samples and the next one begins 1024 later, so four frames are over each sample,
the first and the last ones too. Frames that nobody changed give the stream again, to rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

SIZE, HOP = 4096, 1024
BINS = SIZE // 2 + 1
LAP = SIZE - HOP
"""Samples that a frame has in common with the next one."""

Floats = NDArray[np.float32]
Spectra = NDArray[np.complex64]

_WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)).astype(np.float32)
_OVERLAP = np.float32(1.5)
"""The sum of the squares of the four windows over a sample, which is the same for all."""


def spectra_of(samples: Floats) -> Spectra:
    """The frames of samples, shape (channels, (n - 1) * HOP + SIZE), as (channels, n, BINS)."""
    framed = sliding_window_view(samples, SIZE, axis=1)[:, ::HOP]
    return np.fft.rfft(framed * _WINDOW, axis=2).astype(np.complex64, copy=False)


class Overlap:
    """Adds up the frames of a stream, in order."""

    def __init__(self, channels: int) -> None:
        self._rest: Floats = np.zeros((channels, LAP), np.float32)
        """What the frames so far are in the time that the next ones are over too."""

    def push(self, spectra: Spectra) -> Floats:
        """The samples that no later frame changes: HOP a frame, from the first frame's start on.

        Spectra have the shape (channels, n, BINS), samples (channels, n * HOP).
        """
        frames = np.fft.irfft(spectra, SIZE, axis=2) * (_WINDOW / _OVERLAP)
        channels, count, _ = frames.shape
        added: NDArray[Any] = np.zeros((channels, count + 3, HOP), np.float32)
        for quarter in range(SIZE // HOP):
            added[:, quarter : quarter + count] += frames[:, :, quarter * HOP : (quarter + 1) * HOP]
        whole = added.reshape(channels, -1)
        whole[:, :LAP] += self._rest
        self._rest = whole[:, count * HOP :].copy()
        return whole[:, : count * HOP]

"""Keeps the true peak of a sound below a ceiling.

The peak between two samples is estimated with four times as many samples (ITU-R BS.1770-4,
annex 2). Around a peak the level falls and rises within a few milliseconds, so that nothing is
clipped and no voice is distorted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.resample import resample

CEILING_DBTP = -1.0

_OVERSAMPLING = 4
_SURELY_BELOW = 0.5
"""A true peak is at most about twice the largest sample: a quieter piece needs no estimate."""
_FRAME_S = 0.002
"""Length of a frame, which has one gain."""
_REACH = 4
"""Frames over which the gain falls before a peak, and rises behind it."""
_MARGIN_DB = 0.2
"""What the estimate with four times as many samples may miss."""
_CONTEXT = 2
"""Frames around the one whose peak is estimated: the resampler needs them."""


class Limiter:
    """Takes a sound in pieces and gives it back with the peaks lowered, some frames later."""

    def __init__(self, sample_rate: int, ceiling_dbtp: float = CEILING_DBTP) -> None:
        """`sample_rate` is in hertz."""
        self._size = round(sample_rate * _FRAME_S)
        self._ceiling = 10 ** ((ceiling_dbtp - _MARGIN_DB) / 20)
        self._held: NDArray[np.float32] | None = None
        """What was not given back, with _REACH frames before it that were."""
        self._before = 0
        """Frames of `_held` that were given back."""
        self.reduced_db = 0.0
        """By how much the largest peak so far was lowered."""

    def push(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is ready once the next samples, shape (n,) or (n, channels), are known."""
        held = frames if self._held is None else np.concatenate([self._held, frames])
        ready = len(held) // self._size - self._before - 2 * _REACH - _CONTEXT
        return self._given(held, max(0, ready))

    def finish(self) -> NDArray[np.float32]:
        """The rest."""
        held, before = self._held, self._before
        self._held, self._before = None, 0
        if held is None:
            return np.zeros(0, np.float32)
        count = len(held)
        missing = -count % self._size
        padded = np.concatenate([held, np.zeros((missing, *held.shape[1:]), np.float32)])
        return self._limited(padded)[before * self._size : count]

    def _given(self, held: NDArray[np.float32], ready: int) -> NDArray[np.float32]:
        """The next `ready` frames; the others stay, with those that their gains depend on."""
        if not ready:
            self._held = held
            return held[:0]
        start, end = self._before * self._size, (self._before + ready) * self._size
        whole = len(held) - len(held) % self._size
        given = self._limited(held[:whole])[start:end]
        reach = 2 * _REACH + _CONTEXT
        kept = max(0, self._before + ready - reach)
        self._held, self._before = held[kept * self._size :], self._before + ready - kept
        return given

    def _limited(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        needed = self._needed(frames)
        lowest = float(needed.min(initial=1.0))
        if lowest >= 1.0:
            return frames
        self.reduced_db = max(self.reduced_db, -20 * float(np.log10(lowest)))
        # Every value of these means is the lowest of frames among which is this one and the next
        # ones, so the line between two means is nowhere above what a frame needs.
        smooth = _around(_around(needed, _REACH).min(axis=1), _REACH - 1).mean(axis=1)
        centres = (np.arange(len(smooth)) + 0.5) * self._size
        gain = np.interp(np.arange(len(frames)), centres, smooth).astype(np.float32)
        limited: NDArray[np.float32] = frames * gain.reshape(-1, *[1] * (frames.ndim - 1))
        return limited

    def _needed(self, frames: NDArray[np.float32]) -> NDArray[np.float64]:
        """The gain that each whole frame needs: 1 or less."""
        peaks = self._peaks(np.abs(frames))
        if peaks.max(initial=0.0) > _SURELY_BELOW * self._ceiling:
            for channel in frames.reshape(len(frames), -1).T:
                finer = np.abs(resample(channel, 1, _OVERSAMPLING))
                peaks = np.maximum(peaks, finer.reshape(len(peaks), -1).max(axis=1))
        return np.minimum(1.0, self._ceiling / np.maximum(peaks, 1e-9))

    def _peaks(self, sizes: NDArray[np.float32]) -> NDArray[np.float64]:
        peaks: NDArray[np.float64] = sizes.reshape(len(sizes) // self._size, -1).max(axis=1)
        return peaks.astype(np.float64)


def _around(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Each value with the `reach` before and behind it, shape (n, 2 * reach + 1).

    The first and the last one are repeated.
    """
    padded = np.pad(values, reach, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)

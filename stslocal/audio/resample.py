"""The one place where audio changes rate, width or channel count.

Rates are converted by soxr with its state kept between chunks, so that chunking is inaudible:
the result is the same, sample for sample, however the stream was cut. Integer samples are
rounded and clipped, never wrapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from stslocal.types import Samples

_EMPTY: Samples = np.zeros(0, np.float32)


class Resampler:
    """A stream of mono samples from one rate to another.

    The output is aligned with the input: sample 0 out is sample 0 in. soxr holds back what it
    still needs to look ahead for (up to a few tens of milliseconds) until more input or
    `flush` comes; a whole stream of n samples gives round(n * target_rate / source_rate).
    Equal rates pass the samples through untouched, without a copy.
    """

    def __init__(self, source_rate: float, target_rate: float) -> None:
        """Both rates in hertz; fractions of a hertz count (a sound card off by 200 ppm)."""
        if source_rate <= 0 or target_rate <= 0:
            raise ValueError(f"sample rates must be positive: {source_rate}, {target_rate}")
        self.source_rate = source_rate
        self.target_rate = target_rate
        self._soxr: soxr.ResampleStream | None = None
        if source_rate != target_rate:
            self._soxr = soxr.ResampleStream(source_rate, target_rate, 1, dtype="float32")

    @property
    def delay(self) -> float:
        """Samples of output that are still held back."""
        return float(self._soxr.delay()) if self._soxr else 0.0

    def process(self, samples: Samples) -> Samples:
        """Take the next chunk, shape (n,); give what is complete, shape (m,), maybe empty."""
        if self._soxr is None:
            return samples
        converted: Samples = self._soxr.resample_chunk(np.ascontiguousarray(samples, np.float32))
        return converted

    def flush(self) -> Samples:
        """End the stream: give what was held back, and be ready for another stream."""
        if self._soxr is None:
            return _EMPTY
        rest: Samples = self._soxr.resample_chunk(_EMPTY, last=True)
        self._soxr.clear()
        return rest


def resample(samples: Samples, source_rate: float, target_rate: float) -> Samples:
    """Convert a whole recording, shape (n,), at once."""
    resampler = Resampler(source_rate, target_rate)
    return np.concatenate([resampler.process(samples), resampler.flush()])


def to_int16(samples: NDArray[np.floating[Any]]) -> NDArray[np.int16]:
    """Round [-1, 1] to 16-bit PCM of any shape. What lies outside is clipped; NaN is silence."""
    scaled = np.nan_to_num(np.rint(samples * np.float32(32768.0)), nan=0.0)
    clipped: NDArray[np.int16] = np.clip(scaled, -32768, 32767).astype(np.int16)
    return clipped


def from_int16(pcm: NDArray[np.int16]) -> NDArray[np.float32]:
    """16-bit PCM of any shape to float32 in [-1, 1)."""
    scaled: NDArray[np.float32] = pcm.astype(np.float32) * np.float32(1 / 32768)
    return scaled


def downmix(frames: NDArray[np.float32], weights: Sequence[float] | None = None) -> Samples:
    """Mix frames, shape (n, channels), to mono, shape (n,).

    `weights` (one a channel, not all zero) are scaled to sum to 1, so that a mix of full-scale
    channels cannot clip; without them all channels count alike.
    """
    if frames.ndim == 1:
        return frames
    channels = frames.shape[1]
    if channels == 1:
        return frames[:, 0]
    gains = np.ones(channels) if weights is None else np.asarray(weights)
    mixed: Samples = frames @ (gains / gains.sum()).astype(np.float32)
    return mixed

"""Changes the rate, the sample width and the channel count of audio; no other module does.

soxr converts the rate and keeps its state between chunks, so the result is the same, sample for
sample, for any division into chunks. Integer samples are rounded and clipped, never wrapped.
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
    """Converts a stream of samples from one rate to another.

    The output is aligned with the input: sample 0 out is sample 0 in. soxr holds back up to a few
    tens of milliseconds of output until it gets more input or `flush` is called. A whole stream
    of n samples gives round(n * target_rate / source_rate). With equal rates the samples pass
    unchanged, without a copy.
    """

    def __init__(self, source_rate: float, target_rate: float, channels: int = 1) -> None:
        """Both rates are in hertz and may have fractions: a sound card may be off by 200 ppm.

        Chunks have the shape (n,) for one channel and (n, channels) for more.
        """
        if source_rate <= 0 or target_rate <= 0:
            raise ValueError(f"sample rates must be positive: {source_rate}, {target_rate}")
        self.source_rate = source_rate
        self.target_rate = target_rate
        self._empty = _EMPTY if channels == 1 else np.zeros((0, channels), np.float32)
        self._soxr: soxr.ResampleStream | None = None
        if source_rate != target_rate:
            self._soxr = soxr.ResampleStream(source_rate, target_rate, channels, dtype="float32")

    @property
    def delay(self) -> float:
        """Samples of output that are still held back."""
        return float(self._soxr.delay()) if self._soxr else 0.0

    def process(self, samples: Samples) -> Samples:
        """Convert the next chunk and return the finished output, maybe empty."""
        if self._soxr is None:
            return samples
        converted: Samples = self._soxr.resample_chunk(np.ascontiguousarray(samples, np.float32))
        return converted

    def flush(self) -> Samples:
        """End the stream and return the held back output. The next chunk starts a new stream."""
        if self._soxr is None:
            return self._empty
        rest: Samples = self._soxr.resample_chunk(self._empty, last=True)
        self._soxr.clear()
        return rest


def resample(samples: Samples, source_rate: float, target_rate: float) -> Samples:
    """Convert a whole recording, shape (n,)."""
    resampler = Resampler(source_rate, target_rate)
    return np.concatenate([resampler.process(samples), resampler.flush()])


def to_int16(samples: NDArray[np.floating[Any]]) -> NDArray[np.int16]:
    """Round values in [-1, 1] to 16-bit PCM, any shape. Other values are clipped; NaN gives 0."""
    scaled = np.nan_to_num(np.rint(samples * np.float32(32768.0)), nan=0.0)
    clipped: NDArray[np.int16] = np.clip(scaled, -32768, 32767).astype(np.int16)
    return clipped


def to_pcm16(samples: NDArray[np.floating[Any]]) -> bytes:
    """`to_int16` as files and networks have it: the low byte first."""
    return to_int16(samples).astype("<i2").tobytes()


def from_pcm16(data: bytes) -> NDArray[np.float32]:
    """The samples of 16-bit PCM with the low byte first, shape (n,), float32 in [-1, 1).

    Raises ValueError for half a sample.
    """
    return from_int16(np.frombuffer(data, "<i2").astype(np.int16))


def from_int16(pcm: NDArray[np.int16]) -> NDArray[np.float32]:
    """Convert 16-bit PCM of any shape to float32 in [-1, 1)."""
    scaled: NDArray[np.float32] = pcm.astype(np.float32) * np.float32(1 / 32768)
    return scaled


def downmix(frames: NDArray[np.float32], weights: Sequence[float] | None = None) -> Samples:
    """Mix frames, shape (n, channels), to mono, shape (n,).

    `weights` has one number per channel, not all zero. They are scaled to sum to 1, so that a mix
    of full-scale channels cannot clip. Without `weights` all channels count the same.
    """
    if frames.ndim == 1:
        return frames
    channels = frames.shape[1]
    if channels == 1:
        return frames[:, 0]
    gains = np.ones(channels) if weights is None else np.asarray(weights)
    mixed: Samples = frames @ (gains / gains.sum()).astype(np.float32)
    return mixed

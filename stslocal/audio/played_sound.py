"""What the loudspeaker has played, by the clock of its own card, at the recognizer's rate.

A linear echo canceller needs the played sound to the sample. The times that drivers report jitter
by milliseconds; a count of the samples that the card took, its own silence included, does not.
"""

from __future__ import annotations

import threading
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.types import RECOGNITION_RATE, Samples

_BUFFER_S = 96.0
"""Speech may be written 30 s before it sounds, and the microphone may be read 30 s late."""
_SEAM = 0.002 * RECOGNITION_RATE
"""A piece that begins this near to the end of the last one continues it."""
_PHASES = 512
_REACH = 16
"""Zero crossings of the interpolating sinc on each side."""


def _sinc_table() -> NDArray[np.float32]:
    """A Kaiser-windowed sinc from 0 to `_REACH` zero crossings, `_PHASES` values for each."""
    at = np.arange(_REACH * _PHASES + 2) / _PHASES
    window = np.i0(9.0 * np.sqrt(np.maximum(0.0, 1 - (at / _REACH) ** 2))) / np.i0(9.0)
    return np.asarray(np.sinc(at) * window, np.float32)


_TABLE = _sinc_table()


def interpolated(samples: Samples, at: NDArray[np.floating[Any]], cutoff: float = 1.0) -> Samples:
    """Values of `samples`, shape (n,), between its samples: at the indices `at`, shape (m,).

    Outside there is silence. `cutoff`, at most 1, is the highest frequency kept, as a share of
    half the rate. Band-limited interpolation by a windowed sinc (J. O. Smith, "Digital audio
    resampling", 2002).
    """
    reach = int(np.ceil(_REACH / cutoff))
    padded = np.concatenate([np.zeros(reach, np.float32), samples, np.zeros(reach + 1, np.float32)])
    whole = np.floor(at).astype(np.int64)
    taps = np.arange(-reach + 1, reach + 1)
    away = np.abs(taps[None, :] - (at - whole)[:, None]) * cutoff
    weights = _TABLE[np.minimum(np.rint(away * _PHASES).astype(np.int64), len(_TABLE) - 1)]
    index = whole[:, None] + taps[None, :] + reach
    found = padded[np.clip(index, 0, len(padded) - 1)]
    values: Samples = np.einsum("ij,ij->i", found, weights, dtype=np.float32)
    return values * np.float32(cutoff)


def resampled(samples: Samples, first: float, ratio: Fraction, count: int) -> Samples:
    """Values of `samples`, shape (n,), at the indices `first` + k * `ratio`, shape (count,).

    Outside there is silence. What the slower of both rates cannot carry is left out. The
    same as `interpolated`, and quicker: the places between two samples come again after
    `ratio.denominator` values, and so do the weights.
    """
    step, cutoff = float(ratio), min(1.0, 1.0 / ratio)
    reach = int(np.ceil(_REACH / cutoff))
    phases = min(ratio.denominator, count)
    at = first + np.arange(phases) * step
    whole = np.floor(at).astype(np.int64)
    taps = np.arange(-reach + 1, reach + 1)
    away = np.abs(taps - (at - whole)[:, None]) * cutoff
    weights = _TABLE[np.minimum(np.rint(away * _PHASES).astype(np.int64), len(_TABLE) - 1)]
    rounds = -(-count // phases)
    begin = (whole + np.arange(rounds)[:, None] * ratio.numerator - reach + 1).astype(np.int64)
    before = max(0, -int(begin[0, 0]))
    behind = max(0, int(begin.max()) + len(taps) - len(samples))
    padded = np.pad(np.asarray(samples, np.float32), (before, behind))
    found = np.lib.stride_tricks.sliding_window_view(padded, len(taps))[begin + before]
    values: Samples = np.einsum("rpt,pt->rp", found, weights, dtype=np.float32)
    return values.reshape(-1)[:count] * np.float32(cutoff)


class PlayedSound:
    """The played sound as one stream without gaps. Positions count 16 kHz samples.

    One thread adds, another one reads. The last 96 s are kept.
    """

    def __init__(self) -> None:
        self._ring = np.zeros(round(_BUFFER_S * RECOGNITION_RATE), np.float32)
        """Sample k is at index k modulo its length."""
        self._written = 0
        """The ring is right up to here; what comes later is silence."""
        self._end = -1.0
        """Where the last piece ended."""
        self._lock = threading.Lock()

    def add(self, samples: Samples, sample_rate: int, position: float) -> float:
        """Take a piece, shape (n,), that begins at `position`; return where it was put.

        A piece that almost continues the last one continues it exactly.
        """
        begin = self._end if abs(position - self._end) <= _SEAM else position
        ratio = Fraction(sample_rate, RECOGNITION_RATE)
        self._end = begin + len(samples) / float(ratio)
        margin = _REACH / min(1.0, float(ratio)) + 1
        step = RECOGNITION_RATE
        first = int(np.floor(begin - margin))
        behind = int(np.ceil(self._end + margin))
        for start in range(first, behind, step):
            count = min(step, behind - start)
            piece = resampled(samples, (start - begin) * float(ratio), ratio, count)
            with self._lock:
                self._overlay(start, piece)
        return begin

    def read(self, first: float, count: int, step: float = 1.0) -> Samples:
        """`count` samples, `step` apart, from position `first` on, shape (count,).

        `step` differs from 1 by less than 0.001 and `count` is a few hundred: all samples are as
        far between two positions as the middle one.
        """
        first += (step - 1.0) * (count - 1) / 2
        whole = int(np.floor(first))
        if first == whole:
            return self._whole(whole, count)
        away = np.abs(np.arange(-_REACH + 1, _REACH + 1) - (first - whole))
        weights = _TABLE[np.rint(away * _PHASES).astype(np.int64)]
        samples = self._whole(whole - _REACH + 1, count + 2 * _REACH - 1)
        return np.correlate(samples, weights, "valid")

    def _whole(self, first: int, count: int) -> Samples:
        with self._lock:
            from_ = max(first, self._written - len(self._ring))
            until = max(from_, min(first + count, self._written))
            taken = np.zeros(count, np.float32)
            at, size = from_ % len(self._ring), until - from_
            in_a_row = min(size, len(self._ring) - at)
            into = from_ - first
            taken[into : into + in_a_row] = self._ring[at : at + in_a_row]
            taken[into + in_a_row : into + size] = self._ring[: size - in_a_row]
        return taken

    def _overlay(self, first: int, samples: Samples) -> None:
        """Add samples to the ring: where pieces meet, they overlap."""
        size = len(self._ring)
        behind = first + len(samples)
        if behind > self._written:
            new = np.arange(max(self._written, behind - size), behind)
            self._ring[new % size] = 0.0
            self._written = behind
        at = np.arange(max(first, self._written - size), behind)
        self._ring[at % size] += samples[len(samples) - len(at) :]

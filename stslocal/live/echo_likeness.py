"""Whether what the recognizer got is the echo of what was played, by how both change over time.

A canceller that has not found the echo yet, or lost it because somebody turned the volume, lets our
voice through. It then sounds in time with the loudspeaker, band by band; somebody who speaks does
not. Measured on read speech in rooms of 0.25 and 0.5 s of reverberation, segments of 1.5 and 3 s:
the likeness of an echo alone is 0.81 to 0.96, that of a speaker alone at most 0.4, and that of a
speaker with an echo as loud as the speaker at most 0.77.

What a canceller leaves of an echo is less alike, and much quieter than what was captured. Of pieces
of 0.6 to 3 s with nothing but an echo of 0 to 12 dB, 92 to 99 % are reduced by 15 dB and alike by
0.5 (20 % where the loudspeaker distorts); with a reader beside the echo none up to 6 dB, 3 and 4 %
at 10 and 12 dB.
"""

from __future__ import annotations

import itertools
import threading

import numpy as np
from numpy.typing import NDArray

from stslocal.types import RECOGNITION_RATE, Samples

_FRAME_S = 0.02
_FRAMES = 4500
"""90 s: speech is sent up to 30 s before it sounds, and judged up to some seconds later."""
_EDGES_HZ = (100, 300, 500, 800, 1200, 1800, 2600, 3800, 6000)
_LOUDNESS = 0.15
"""Exponent from power to loudness: weak sounds count too."""
_EARLIEST, _LATEST = -25, 125
"""Delays of the echo that are tried, in frames: up to 2.5 s, and 0.5 s too early, because on a busy
machine the sound cards lose time."""
_SHORTEST = 25
"""Frames that are enough to judge by: 0.5 s."""
_LIKE = 0.82
_REDUCED, _LIKE_REDUCED = 10**1.5, 0.5
"""The likeness that is enough where the power was reduced by so much."""
_SILENT = 1e-7
"""Mean power of a frame, per sample, below which nothing is played."""


class EchoLikeness:
    """Keeps the loudness by band of what was played and what the recognizer got, for a while."""

    def __init__(self) -> None:
        bands = len(_EDGES_HZ) - 1
        self._played = np.zeros((_FRAMES, bands), np.float32)
        self._got = np.zeros((_FRAMES, bands), np.float32)
        self._power = np.zeros((2, _FRAMES), np.float32)
        """Of each frame as it was captured and as the recognizer got it."""
        self._played_until = 0
        self._rest = np.zeros((2, 0), np.float32)
        """Samples, captured and for the recognizer, that do not fill a frame yet."""
        self._lock = threading.Lock()

    def played(self, samples: Samples, sample_rate: int, at_s: float) -> None:
        """Take what the loudspeaker plays from `at_s` on, shape (n,)."""
        loudness = _loudness(samples, sample_rate)
        first = round(at_s / _FRAME_S)
        with self._lock:
            for frame in range(max(self._played_until, first - _FRAMES), first):
                self._played[frame % _FRAMES] = 0.0
            self._played[np.arange(first, first + len(loudness)) % _FRAMES] = loudness
            self._played_until = first + len(loudness)

    def got(self, samples: Samples, start_s: float, captured: Samples | None = None) -> None:
        """Take what the recognizer gets from `start_s` on, at 16 kHz, without gaps.

        `captured` is that as it was captured, of the same shape; None: it was not changed.
        """
        first = round((start_s - self._rest.shape[1] / RECOGNITION_RATE) / _FRAME_S)
        both = np.stack([samples if captured is None else captured, samples])
        both = np.concatenate([self._rest, both], axis=1)
        loudness = _loudness(both[1], RECOGNITION_RATE)
        size = _frame(RECOGNITION_RATE)
        frames = both[:, : len(loudness) * size].reshape(2, -1, size)
        self._rest = both[:, len(loudness) * size :]
        at = np.arange(first, first + len(loudness)) % _FRAMES
        with self._lock:
            self._got[at] = loudness
            self._power[:, at] = np.square(frames).mean(axis=2)

    def is_echo(self, start_s: float, end_s: float) -> bool:
        """Whether nothing but an echo was got between these times. For any thread."""
        first, behind = round(start_s / _FRAME_S), round(end_s / _FRAME_S)
        if not _SHORTEST <= behind - first < _FRAMES // 2:
            return False
        with self._lock:
            at = np.arange(first, behind) % _FRAMES
            got = self._got[at]
            captured_power, got_power = self._power[:, at].sum(axis=1).tolist()
            around = np.arange(first - _LATEST, behind - _EARLIEST)
            played = self._played[around % _FRAMES]
            played[around >= self._played_until] = 0.0
        sounding = played.max(axis=1) > _SILENT**_LOUDNESS
        if sounding.mean() < 0.5 or not got.any():
            return False
        delays = range(_LATEST - _EARLIEST + 1)
        least = _LIKE_REDUCED if captured_power >= _REDUCED * got_power else _LIKE
        return max(_likeness(got, played[late : late + len(got)]) for late in delays) >= least


def _likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The correlation of two courses of loudness, each band about its mean: at most 1."""
    a, b = one - one.mean(axis=0), other - other.mean(axis=0)
    norm = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
    return float((a * b).sum()) / (norm + 1e-12)


def _loudness(samples: Samples, sample_rate: int) -> NDArray[np.float32]:
    """The loudness of each whole frame by band, shape (frames, bands)."""
    size = _frame(sample_rate)
    count = len(samples) // size
    frames = samples[: count * size].reshape(count, size) * np.hanning(size)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 / size**2
    frequency = np.fft.rfftfreq(size, 1 / sample_rate)
    bands = [
        power[:, (frequency >= low) & (frequency < high)].sum(axis=1)
        for low, high in itertools.pairwise(_EDGES_HZ)
    ]
    return np.asarray(np.stack(bands, axis=1) ** _LOUDNESS, np.float32)


def _frame(sample_rate: int) -> int:
    return round(_FRAME_S * sample_rate)

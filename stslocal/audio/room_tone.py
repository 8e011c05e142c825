"""Makes the sound of the room in which a recording was made, out of its quietest moments.

It is noise with their spectrum and their level, so that it holds nothing that anybody said.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stslocal.types import Samples

LOUDEST_DBFS = -50.0
"""Music and noise may leave no quiet moment: the tone is not louder than a quiet room."""
_NOTHING_DBFS = -100.0
"""Quiet moments below this are digital silence and come from no room."""

_MOMENT_S = 0.1
_QUIET_SHARE = 0.05
_MOST_MOMENTS = 100
_LEAST_MOMENTS = 3
TONE_S = 8.0
"""The noise repeats after so many seconds, without a seam."""
_SMOOTHED_BINS = 5


@dataclass(frozen=True, slots=True, order=True)
class _Moment:
    loudness: float
    """Minus the power: a heap has the loudest moment first."""
    spectrum: NDArray[np.float64] = field(compare=False)


class QuietMoments:
    """Keeps the quietest moments of a recording that comes in blocks."""

    def __init__(self, sample_rate: int) -> None:
        """`sample_rate` is in hertz."""
        self._rate = sample_rate
        self._size = round(sample_rate * _MOMENT_S)
        self._window = np.hanning(self._size)
        self._kept: list[_Moment] = []
        self._seen = 0

    def push(self, block: Samples) -> None:
        """Take the next samples, shape (n,). What does not fill a moment is left out."""
        moments = block[: len(block) - len(block) % self._size].reshape(-1, self._size)
        powers = np.mean(moments.astype(np.float64) ** 2, axis=1)
        for samples, power in zip(moments, powers, strict=True):
            self._seen += 1
            if len(self._kept) == _MOST_MOMENTS and -power <= self._kept[0].loudness:
                continue
            spectrum = np.abs(np.fft.rfft(samples * self._window)) ** 2
            heapq.heappush(self._kept, _Moment(-power, spectrum))
            if len(self._kept) > _MOST_MOMENTS:
                heapq.heappop(self._kept)

    def room_tone(self, sample_rate: int) -> RoomTone | None:
        """The tone at `sample_rate`; None where the recording is too short or digitally silent."""
        if self._seen < _LEAST_MOMENTS:
            return None
        count = max(_LEAST_MOMENTS, round(_QUIET_SHARE * self._seen))
        quietest = sorted(self._kept, reverse=True)[:count]
        power = -sum(moment.loudness for moment in quietest) / len(quietest)
        if power <= 10 ** (_NOTHING_DBFS / 10):
            return None
        mean = np.mean([moment.spectrum for moment in quietest], axis=0)
        smooth = np.convolve(mean, np.ones(_SMOOTHED_BINS) / _SMOOTHED_BINS, "same")
        level = min(math.sqrt(power), 10 ** (LOUDEST_DBFS / 20))
        return RoomTone(_noise(smooth, self._rate, sample_rate, level))


@dataclass(frozen=True, slots=True)
class RoomTone:
    """The sound of a room, without an end."""

    samples: Samples
    """One round of it, shape (n,): the last sample goes over into the first."""

    def between(self, start: int, end: int) -> Samples:
        """The tone from one position to another, shape (end - start,)."""
        return self.samples[np.arange(start, end) % len(self.samples)]


def _noise(
    spectrum: NDArray[np.float64], spectrum_rate: int, sample_rate: int, level: float
) -> Samples:
    """Noise with a power spectrum, and with `level` as its root mean square.

    It has random phases, always the same ones, so that the same recording gives the same sound.
    """
    count = round(TONE_S * sample_rate)
    hertz = np.fft.rfftfreq(count, 1 / sample_rate)
    known = np.linspace(0.0, spectrum_rate / 2, len(spectrum))
    # Above what the spectrum has there is nothing. Below 20 Hz there is nothing to listen to.
    power = np.interp(hertz, known, spectrum, right=0.0) * (hertz >= 20.0)
    random = np.random.default_rng(0)
    phases = random.standard_normal(len(hertz)) + 1j * random.standard_normal(len(hertz))
    noise = np.fft.irfft(np.sqrt(power) * phases, count)
    loudness = math.sqrt(float(np.mean(noise**2)))
    return (noise * (level / loudness if loudness > 0 else 0.0)).astype(np.float32)

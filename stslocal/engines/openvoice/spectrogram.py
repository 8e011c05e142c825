"""The linear spectrogram that OpenVoice was trained with, of speech that comes in pieces.

Frames of 1024 samples every 256, under a periodic Hann window. The speech is mirrored at both of
its ends, so that n samples give n // 256 frames.

Source: `spectrogram_torch` of VITS, as OpenVoice and Coqui use it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stslocal.types import Samples

Floats = NDArray[np.float32]

SAMPLE_RATE = 22_050
"""Hertz."""
WINDOW, HOP = 1024, 256
BINS = WINDOW // 2 + 1
_MIRRORED = (WINDOW - HOP) // 2
_FLOOR = 1e-6
"""Added to the power of every bin."""


class Spectrogram:
    """The spectrogram of one stream of speech, the same for any division into pieces."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.float32)
        """Mirrored at the beginning, without what no frame needs any more."""
        self._begun = False

    def push(self, samples: Samples, *, last: bool = False) -> Floats:
        """The finished frames, shape (n, 513), maybe none; `last` ends the stream.

        Speech that is shorter than a window is filled up with silence.
        """
        waiting = np.concatenate([self._samples, samples])
        if not self._begun:
            if last and 0 < len(waiting) < WINDOW:
                waiting = np.pad(waiting, (0, WINDOW - len(waiting)))
            if len(waiting) < WINDOW:
                self._samples = waiting
                return np.zeros((0, BINS), np.float32)
            self._begun = True
            waiting = np.concatenate([waiting[_MIRRORED:0:-1], waiting])
        if last:
            waiting = np.concatenate([waiting, waiting[-2 : -2 - _MIRRORED : -1]])
        count = max(0, (len(waiting) - WINDOW) // HOP + 1)
        self._samples = waiting[count * HOP :]
        if not count:
            return np.zeros((0, BINS), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(waiting, WINDOW)[: count * HOP : HOP]
        spectrum = np.fft.rfft(frames * _HANN, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        return np.asarray(np.sqrt(power + _FLOOR), np.float32)


def spectrogram(audio: Samples) -> Floats:
    """The spectrogram of a whole recording at 22 050 Hz, shape (n // 256, 513)."""
    return Spectrogram().push(audio, last=True)


_HANN: Floats = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)

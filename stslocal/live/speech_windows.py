"""A stream in the windows of a voice activity detector, each with its probability of speech."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stslocal.engines.protocols import VoiceActivityDetector
from stslocal.types import Samples


class SpeechWindows:
    """Cuts the samples of a stream into windows, and asks the detector about each."""

    def __init__(self, vad: VoiceActivityDetector) -> None:
        self._vad = vad
        self._state = vad.initial_state()
        self._rest: Samples = np.zeros(0, np.float32)
        """Samples that do not fill a window yet."""

    def of(self, samples: Samples) -> Iterator[tuple[Samples, float]]:
        """Take the next samples at 16 kHz, shape (n,), and yield the windows that are full."""
        stream = np.concatenate([self._rest, samples])
        size = self._vad.window
        whole = len(stream) // size * size
        self._rest = stream[whole:]
        probabilities, self._state = self._vad.probabilities(stream[:whole], self._state)
        for number, probability in enumerate(probabilities):
            yield stream[number * size : (number + 1) * size], float(probability)

    def correct(self, samples: Samples) -> Samples:
        """Replace the newest samples, shape (n,); return those that are in windows already."""
        rest = min(len(self._rest), len(samples))
        in_windows = samples[: len(samples) - rest]
        self._rest = np.concatenate(
            [self._rest[: len(self._rest) - rest], samples[len(samples) - rest :]]
        )
        return in_windows

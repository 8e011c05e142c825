"""Whether there is a voice in a piece of sound, asked where a text is in doubt.

Whisper's scores say how well a text fits, not whether anybody speaks. The voice activity detector
says that, and knows nothing of the text: together they tell a short or repeated answer from an
invented one.
"""

from __future__ import annotations

from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from stslocal.engines.silero.detector import WINDOW, SileroVad
from stslocal.types import RECOGNITION_RATE, WINDOW_S, Samples

_SPEAKS = 0.5
"""A window of this probability holds speech: Silero's own threshold."""
_LOUDNESS_S = 0.02
_SMOOTH_S = 0.2
_VOICE_LEVEL = 0.1
"""Share of the loudness of speech (-20 dB). Quieter sound is breath or room noise."""


class Voice:
    """The voice in a piece of audio, shape (n,) at 16 kHz. The detector runs when it is asked."""

    def __init__(self, audio: Samples) -> None:
        self._audio = audio

    def seconds(self, start_s: float = 0.0, end_s: float | None = None) -> float:
        """Seconds of speech between two times."""
        first = round(start_s / WINDOW_S)
        last = None if end_s is None else round(end_s / WINDOW_S)
        return float(np.count_nonzero(self._windows[max(0, first) : last])) * WINDOW_S

    def share(self, start_s: float, end_s: float) -> float:
        """The share of the time between two times in which somebody speaks, 0 to 1."""
        return min(1.0, self.seconds(start_s, end_s) / max(WINDOW_S, end_s - start_s))

    @cached_property
    def end_s(self) -> float:
        """End of the last sound that is about as loud as speech, in seconds; 0 if there is none."""
        loudness = _loudness(self._audio)
        if not len(loudness):
            return 0.0
        loud = np.flatnonzero(loudness > _VOICE_LEVEL * np.percentile(loudness, 95))
        return float(loud[-1] + 1) * _LOUDNESS_S if len(loud) else 0.0

    def pause_s(self) -> float:
        """The quietest place of the middle third, in seconds: a good place to cut the sound."""
        loudness = _loudness(self._audio)
        count = max(1, round(_SMOOTH_S / _LOUDNESS_S))
        smooth = np.convolve(loudness, np.ones(count) / count, mode="same")
        first, last = len(smooth) // 3, max(len(smooth) // 3 + 1, 2 * len(smooth) // 3)
        return (first + int(np.argmin(smooth[first:last]))) * _LOUDNESS_S

    @cached_property
    def _windows(self) -> NDArray[np.bool_]:
        """Whether each window holds speech."""
        padded = np.pad(self._audio, (0, -len(self._audio) % WINDOW))
        detector = _detector()
        probabilities, _ = detector.probabilities(padded, detector.initial_state())
        windows: NDArray[np.bool_] = probabilities >= _SPEAKS
        return windows


def _loudness(audio: Samples) -> NDArray[np.float64]:
    """The loudness of each 20 ms."""
    frame = round(_LOUDNESS_S * RECOGNITION_RATE)
    count = len(audio) // frame
    frames = audio[: count * frame].reshape(count, frame)
    loudness: NDArray[np.float64] = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    return loudness


@cache
def _detector() -> SileroVad:
    return SileroVad.load()

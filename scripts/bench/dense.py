"""A dense reading, made from a recording: no pauses, and 190 words a minute."""

from __future__ import annotations

import numpy as np

from stslocal.audio.tempo import shortened
from stslocal.engines.protocols import VoiceActivityDetector
from stslocal.types import RECOGNITION_RATE, Samples

WORDS_A_MINUTE = 190.0
_SPEECH = 0.35
"""Probability of speech from which a window is kept."""
_KEPT = 3
"""Windows without speech that are kept behind speech: words end softly."""


def dense(recording: Samples, words: int, vad: VoiceActivityDetector) -> Samples:
    """A reading of `words` words without its pauses, and fast enough for 190 words a minute.

    `recording` is mono at 16 kHz, shape (n,).
    """
    count = len(recording) // vad.window
    windows = recording[: count * vad.window].reshape(count, vad.window)
    probabilities, _ = vad.probabilities(windows.reshape(-1), vad.initial_state())
    speech = np.asarray(probabilities) >= _SPEECH
    kept = np.convolve(speech, np.ones(_KEPT + 1))[:count] > 0
    unbroken = windows[kept].reshape(-1)
    wanted_s = 60 * words / WORDS_A_MINUTE
    factor = len(unbroken) / RECOGNITION_RATE / wanted_s
    return shortened(unbroken, RECOGNITION_RATE, min(2.0, max(1.0, factor)))

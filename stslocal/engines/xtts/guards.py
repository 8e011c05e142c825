"""Guards against speech of XTTS beyond its text: loops of tokens, noise after the last word.

Pure functions and a small filter over numpy arrays.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stslocal.types import Samples

_log = logging.getLogger(__name__)

_LONGEST_PERIOD = 8
"""The longest sequence that a loop repeats, in tokens: 0.4 s."""
_LOOP_TOKENS = 24
"""So many tokens of only repetition are a loop: 1.1 s."""

_FRAME_S = 0.04
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 450.0
_VOICED = 0.5
"""A frame is voiced if its correlation with itself one period later is higher (1: equal)."""
_LOUD = 10 ** (-35 / 20)
"""A voiced frame is not more than this below the loudest frame so far (-35 dB)."""
_UNVOICED_S = 0.25
"""Seconds of sound kept after the last voiced frame, for a final consonant and its breath."""
_FADE_S = 0.012


def is_loop(codes: Sequence[int]) -> bool:
    """Whether the last `_LOOP_TOKENS` tokens repeat one short sequence."""
    if len(codes) < _LOOP_TOKENS:
        return False
    recent = codes[-_LOOP_TOKENS:]
    return any(
        all(recent[place] == recent[place - period] for place in range(period, _LOOP_TOKENS))
        for period in range(1, _LONGEST_PERIOD + 1)
    )


class TailTrimmer:
    """Passes speech on, and removes noise after the last word.

    Sound later than a final consonant after the last voiced frame is kept back. It is passed on
    when another voiced frame shows that the speech goes on, and dropped at the end. Speech without
    any voiced frame is passed on completely.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._frame = round(_FRAME_S * sample_rate)
        self._pending: Samples = np.zeros(0, np.float32)
        self._examined = 0
        """Samples of `_pending` whose frames have been examined."""
        self._accepted = 0
        """Samples of `_pending` that belong to the speech."""
        self._loudest = 0.0
        self._voiced = False

    def push(self, samples: Samples) -> Samples:
        """Take more sound; return the samples that belong to the speech, shape (n,), or none."""
        self._pending = np.concatenate([self._pending, samples])
        frames = (len(self._pending) - self._examined) // self._frame
        new = self._pending[self._examined : self._examined + frames * self._frame]
        for voiced in self._is_voiced(new.reshape(frames, self._frame)):
            self._examined += self._frame
            self._voiced = self._voiced or bool(voiced)
            if voiced or not self._voiced:
                self._accepted = self._examined + (round(_UNVOICED_S * self._rate) if voiced else 0)
        # The length of a fade is kept back, because the end of the speech may be here.
        ready = max(0, min(self._accepted, self._examined) - round(_FADE_S * self._rate))
        passed, self._pending = self._pending[:ready], self._pending[ready:]
        self._examined -= ready
        self._accepted -= ready
        return passed

    def finish(self) -> Samples:
        """Return the rest of the speech, faded out."""
        accepted = min(self._accepted, len(self._pending)) if self._voiced else len(self._pending)
        rest = self._pending[:accepted].copy()
        if accepted < len(self._pending):
            _log.debug(
                "%.2f s after the last word are dropped",
                (len(self._pending) - accepted) / self._rate,
            )
        fade = min(round(_FADE_S * self._rate), len(rest))
        rest[len(rest) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
        return rest

    def _is_voiced(self, frames: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which of the frames, shape (n, frame), are loud and periodic; shape (n,)."""
        if not len(frames):
            return np.zeros(0, np.bool_)
        level = np.sqrt(np.mean(np.square(frames), axis=1))
        loudest = np.maximum.accumulate(np.maximum(level, self._loudest))
        self._loudest = float(loudest[-1])
        shortest, longest = (int(self._rate / hz) for hz in (_HIGHEST_HZ, _LOWEST_HZ))
        centred = frames - frames.mean(axis=1, keepdims=True)
        spectrum = np.fft.rfft(centred, 2 * self._frame)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:, : longest + 1]
        # The overlap is shorter at a longer lag: divide by the largest correlation possible there.
        overlap = 1.0 - np.arange(longest + 1) / self._frame
        alike = correlation / np.maximum(correlation[:, :1] * overlap, 1e-12)
        periodic = alike[:, shortest:].max(axis=1) > _VOICED
        return np.asarray(periodic & (level > _LOUD * loudest), np.bool_)

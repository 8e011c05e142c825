"""What keeps XTTS from saying more than its text: loops of tokens and noise after the last word.

Pure functions and a small filter over numpy arrays.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stslocal.types import Samples

_log = logging.getLogger(__name__)

_LONGEST_LOOP = 8
"""Tokens, 0.4 s."""
_LOOPED = 24
"""Tokens of nothing but repetition that are one too many, 1.1 s."""

_FRAME_S = 0.04
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 450.0
_VOICED = 0.5
"""A frame is voiced where it resembles itself this much a period later (1 is the same)."""
_LOUD = 10 ** (-35 / 20)
"""A frame is part of the speech within this of the loudest so far."""
_UNVOICED_S = 0.25
"""What may follow the last voice: a final consonant and its breath."""
_FADE_S = 0.012


def is_loop(codes: Sequence[int]) -> bool:
    """Whether the last second of tokens is one short sequence over and over."""
    if len(codes) < _LOOPED:
        return False
    recent = codes[-_LOOPED:]
    return any(
        all(recent[place] == recent[place - period] for place in range(period, _LOOPED))
        for period in range(1, _LONGEST_LOOP + 1)
    )


class TailTrimmer:
    """Passes speech on and keeps back what may be noise after its last word.

    Sound that follows the last voiced frame by more than a final consonant takes is held until
    another voiced frame shows that the speech goes on; at the end it is dropped. Speech without
    any voice is passed on whole.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._frame = round(_FRAME_S * sample_rate)
        self._held: Samples = np.zeros(0, np.float32)
        self._examined = 0
        """Of what is held, how much has been looked at."""
        self._kept = 0
        """Of what is held, how much belongs to the speech."""
        self._loudest = 0.0
        self._voiced = False

    def push(self, samples: Samples) -> Samples:
        """What is known to belong to the speech, shape (n,); it may be empty."""
        self._held = np.concatenate([self._held, samples])
        frames = (len(self._held) - self._examined) // self._frame
        new = self._held[self._examined : self._examined + frames * self._frame]
        for voiced in self._is_voiced(new.reshape(frames, self._frame)):
            self._examined += self._frame
            self._voiced = self._voiced or bool(voiced)
            if voiced or not self._voiced:
                self._kept = self._examined + (round(_UNVOICED_S * self._rate) if voiced else 0)
        # The fade's length stays back, so that the end can be faded wherever it comes to lie.
        ready = max(0, min(self._kept, self._examined) - round(_FADE_S * self._rate))
        passed, self._held = self._held[:ready], self._held[ready:]
        self._examined -= ready
        self._kept -= ready
        return passed

    def finish(self) -> Samples:
        """The rest of the speech, faded out."""
        kept = min(self._kept, len(self._held)) if self._voiced else len(self._held)
        rest = self._held[:kept].copy()
        if kept < len(self._held):
            _log.debug(
                "%.2f s after the last word are dropped", (len(self._held) - kept) / self._rate
            )
        fade = min(round(_FADE_S * self._rate), len(rest))
        rest[len(rest) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
        return rest

    def _is_voiced(self, frames: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which of the frames, shape (n, frame), are loud and periodic."""
        if not len(frames):
            return np.zeros(0, np.bool_)
        level = np.sqrt(np.mean(np.square(frames), axis=1))
        loudest = np.maximum.accumulate(np.maximum(level, self._loudest))
        self._loudest = float(loudest[-1])
        shortest, longest = (int(self._rate / hz) for hz in (_HIGHEST_HZ, _LOWEST_HZ))
        centred = frames - frames.mean(axis=1, keepdims=True)
        spectrum = np.fft.rfft(centred, 2 * self._frame)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:, : longest + 1]
        # A later copy overlaps less: compare with what the overlap could be at most.
        overlap = 1.0 - np.arange(longest + 1) / self._frame
        alike = correlation / np.maximum(correlation[:, :1] * overlap, 1e-12)
        periodic = alike[:, shortest:].max(axis=1) > _VOICED
        return np.asarray(periodic & (level > _LOUD * loudest), np.bool_)

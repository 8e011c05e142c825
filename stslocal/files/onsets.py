"""Moves the start of words that follow a pause to where their sound starts.

A recognizer's times of such words are 0.1 to 0.3 s off (docs/benchmarks.md). A breath before the
first word is quieter than the words, and does not count. The subtitles get these times too, and the translation of
a sentence starts where its first word does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stslocal.types import RECOGNITION_RATE, Sound, Word

_PAUSE_S = 0.15
"""A word that follows another one sooner belongs to it, and has no start of its own."""
_BEFORE_S, _AFTER_S = 0.3, 0.4
"""How far the sound is looked for before and after the start of a word."""
_LEAST_S = 0.03
"""A smaller difference is none."""
_FRAME = RECOGNITION_RATE // 100
_FRAME_S = _FRAME / RECOGNITION_RATE
_BELOW_LOUD_DB = 20.0
"""Speech is at most so much quieter at its start than a moment later."""
_ABOVE_QUIET_DB = 10.0
"""It is at least so much louder than the pause before it. Otherwise nothing is known."""
_LOUD_S = 1.0


def with_onsets(words: Sequence[Word], sound: Sound) -> tuple[Word, ...]:
    """The words, in order; `sound` gives the samples between two times of their stream."""
    moved: list[Word] = []
    earliest_s = float("-inf")
    for word in words:
        start_s = word.start_s
        if start_s - earliest_s >= _PAUSE_S:
            start_s = _onset(word, max(0.0, earliest_s, start_s - _BEFORE_S), sound)
        is_same = abs(start_s - word.start_s) < _LEAST_S
        moved.append(word if is_same else replace(word, start_s=start_s))
        earliest_s = word.end_s
    return tuple(moved)


def _onset(word: Word, first_s: float, sound: Sound) -> float:
    """When the sound of a word starts, from `first_s` on; its own start where that is not clear."""
    last_s = min(word.start_s + _AFTER_S, word.end_s)
    samples = sound(first_s, max(last_s, word.start_s + _LOUD_S))
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    near = round((last_s - first_s) / _FRAME_S)
    powers = np.mean(frames**2, axis=1)
    if near < 1 or len(powers) < near:
        return word.start_s
    loud = float(np.quantile(powers, 0.95))
    quietest = near - 1 - int(powers[:near][::-1].argmin())
    least = max(
        loud * 10 ** (-_BELOW_LOUD_DB / 10), float(powers[quietest]) * 10 ** (_ABOVE_QUIET_DB / 10)
    )
    louder = np.flatnonzero(powers[quietest:near] > least)
    if loud <= least or not len(louder):
        return word.start_s
    return first_s + (quietest + int(louder[0])) * _FRAME_S

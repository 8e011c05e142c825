"""Gives the translation the loudness of the original, as a whole and sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.loudness import (
    STEP_S,
    LoudnessMeter,
    blocks_of,
    integrated_lufs,
)
from stslocal.audio.peaks import Peaks
from stslocal.audio.room_tone import QuietMoments, RoomTone
from stslocal.files.spoken_sentences import SpokenSentence
from stslocal.types import RECOGNITION_RATE, Samples

DYNAMICS_LU = 6.0
"""A sentence may be so much louder or quieter than the whole: a whisper stays a whisper, and
remains to be understood."""
LOUDEST_LUFS = -6.0
"""No recording of speech is louder: samples beyond full scale are a fault of the file."""
_MOST_GAIN_LU = 40.0


class RecordingLevels:
    """How loud a recording is, step by step, and the sound of its room."""

    def __init__(self) -> None:
        self._meter = LoudnessMeter(RECOGNITION_RATE)
        self._quiet = QuietMoments(RECOGNITION_RATE)
        self.peaks = Peaks(RECOGNITION_RATE)
        """Of which the report draws a picture."""

    def push(self, block: Samples, channels: Samples | None = None) -> None:
        """Take the next block of the recording in mono, shape (n,) at RECOGNITION_RATE.

        `channels`, shape (n, channels), are what is as loud as the recording, where mono is not.
        One channel counts as played by two loudspeakers, as the translation is.
        """
        self._meter.push(block if channels is None else channels * np.float32(0.5**0.5))
        self._quiet.push(block)
        self.peaks.push(block)

    def finish(self) -> None:
        """The recording is over."""
        self._meter.finish()

    def blocks(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        """The weighted power of the blocks of 400 ms between two times."""
        steps = self._meter.powers[int(start_s / STEP_S) : ceil(end_s / STEP_S)]
        return blocks_of(steps)

    def room_tone(self, sample_rate: int) -> RoomTone | None:
        """See QuietMoments."""
        return self._quiet.room_tone(sample_rate)


def sentence_gains(sentences: Sequence[SpokenSentence], recording: RecordingLevels) -> list[float]:
    """The factor for each sentence: 1 for those that have kept their own sound.

    A sentence gets the loudness of its original, at most DYNAMICS_LU from that of all speech that
    is translated; and all of them together the integrated loudness of that speech.
    """
    spoken = [one for one in sentences if not one.is_original]
    originals = [recording.blocks(one.source_start_s, one.source_end_s) for one in spoken]
    whole = whole_lufs(originals)
    if not isfinite(whole):
        return [1.0] * len(sentences)
    gains_lu = [
        gain_lu(integrated_lufs(original), whole, integrated_lufs(one.blocks))
        for one, original in zip(spoken, originals, strict=True)
    ]
    reached_lufs = integrated_lufs(
        _together(
            [one.blocks * 10 ** (gain / 10) for one, gain in zip(spoken, gains_lu, strict=True)]
        )
    )
    missing_lu = _clipped(whole - reached_lufs)
    factors = iter([10 ** ((gain + missing_lu) / 20) for gain in gains_lu])
    return [1.0 if one.is_original else next(factors) for one in sentences]


def whole_lufs(originals: Sequence[NDArray[np.float64]]) -> float:
    """The loudness of all speech that is translated, by its blocks; SILENT_LUFS without any."""
    return min(LOUDEST_LUFS, integrated_lufs(_together(originals)))


def gain_lu(original: float, whole: float, spoken: float) -> float:
    """The gain of a sentence, from the loudness of its original, of all originals and its own."""
    return _clipped(_near(original, whole) - spoken)


def _together(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([np.zeros(0), *parts])


def _near(lufs: float, whole_lufs: float) -> float:
    if not isfinite(lufs):
        return whole_lufs
    return min(max(lufs, whole_lufs - DYNAMICS_LU), whole_lufs + DYNAMICS_LU)


def _clipped(lu: float) -> float:
    return min(max(lu, -_MOST_GAIN_LU), _MOST_GAIN_LU) if isfinite(lu) else 0.0

"""The loudness of a translation that is written while it is made, as `stslocal translate -` does.

A file is levelled when the whole of it is known (`levels`). Here each sentence gets the loudness of
its original, at most DYNAMICS_LU from that of all speech so far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.limiter import Limiter
from stslocal.audio.loudness import LoudnessMeter, blocks_of, integrated_lufs
from stslocal.files.levels import RecordingLevels, gain_lu, whole_lufs
from stslocal.files.speak import ORIGINAL, PlacedSegment
from stslocal.types import Samples


class StreamLevels:
    """Gives sentences their loudness, one after the other."""

    def __init__(self, recording: RecordingLevels, sample_rate: int) -> None:
        """`recording` is measured while it is read; `sample_rate` is the speech's, in hertz."""
        self._recording = recording
        self._rate = sample_rate
        self._originals: list[NDArray[np.float64]] = []

    def levelled(self, placed: PlacedSegment) -> Samples:
        """The samples of a sentence as loud as they are to be, peaks limited: shape (n,)."""
        samples, segment = placed.spoken.samples, placed.spoken.translated.segment
        if not len(samples) or placed.spoken.voice == ORIGINAL:
            return samples
        original = self._recording.blocks(segment.start_s, segment.end_s)
        self._originals.append(original)
        meter = LoudnessMeter(self._rate)
        meter.push(samples)
        meter.finish()
        spoken = integrated_lufs(blocks_of(meter.powers))
        gain = gain_lu(integrated_lufs(original), whole_lufs(self._originals), spoken)
        limiter = Limiter(self._rate)
        loud = (samples * np.float32(10 ** (gain / 20))).astype(np.float32)
        return np.concatenate([limiter.push(loud), limiter.finish()])

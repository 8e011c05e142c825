"""What a finished sound says of itself: how loud its sentences are, and what is beneath them.

A translation has the loudness of its recording, and in its pauses the tone of the room (`mixdown`).
A sentence that is replaced gets the loudness of the one before, and the same tone, which repeats
after some seconds: what its pauses have at one place is also what belongs to others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from stslocal.audio.limiter import Limiter
from stslocal.audio.loudness import LoudnessMeter, blocks_of, integrated_lufs
from stslocal.audio.room_tone import TONE_S
from stslocal.files.redo.patching import Piece
from stslocal.files.speak import ORIGINAL
from stslocal.results.session_segment import SessionSegment
from stslocal.types import Samples

_MARGIN_S = 0.01
"""Around a sentence, what is not taken for a pause."""
_AUDIBLE_LUFS = -60.0
_MOST_GAIN_LU = 40.0


@dataclass(frozen=True, slots=True)
class OldSound:
    """What is known of a finished sound."""

    rate: int
    tone: Samples
    """One round of the tone in its pauses, shape (n,)."""
    lufs: dict[int, float]
    """The loudness of each sentence by its number, of those that were synthesized."""

    @classmethod
    def measure(
        cls, blocks: Iterator[Samples], rate: int, segments: Sequence[SessionSegment]
    ) -> OldSound:
        """Measure the sound in `blocks`, which is that of the segments."""
        spans = {
            number: (round(one.target.start_s * rate), round(one.target.end_s * rate))
            for number, one in enumerate(segments, 1)
            if one.target is not None
        }
        meters = {number: LoudnessMeter(rate) for number in spans}
        tone = np.zeros(round(TONE_S * rate), np.float32)
        is_known = np.zeros(len(tone), np.bool_)
        margin, position = round(_MARGIN_S * rate), 0
        for block in blocks:
            is_pause = np.ones(len(block), np.bool_)
            for number, (start, end) in spans.items():
                first, behind = start - position, end - position
                if behind + margin > 0 and first - margin < len(block):
                    meters[number].push(block[max(0, first) : max(0, behind)])
                    is_pause[max(0, first - margin) : behind + margin] = False
            places = (np.flatnonzero(is_pause) + position) % len(tone)
            tone[places], is_known[places] = block[is_pause], True
            position += len(block)
        if is_known.any() and not is_known.all():  # the pauses do not reach around the whole round
            tone[~is_known] = np.resize(tone[is_known], len(tone) - int(is_known.sum()))
        lufs = {}
        for number, meter in meters.items():
            meter.finish()
            loudness = integrated_lufs(blocks_of(meter.powers))
            if segments[number - 1].voice != ORIGINAL and loudness > _AUDIBLE_LUFS:
                lufs[number] = loudness
        return cls(rate, tone, lufs)

    def beneath(self, start: int, end: int) -> Samples:
        """What is beneath speech between two positions, shape (end - start,)."""
        return self.tone[np.arange(start, end) % len(self.tone)]

    def levelled(self, number: int, piece: Piece) -> Piece:
        """A piece that is new, as loud as its sentence was, or as the others are."""
        if piece.samples is None or not self.lufs:
            return piece
        meter = LoudnessMeter(self.rate)
        meter.push(piece.samples)
        meter.finish()
        wanted = self.lufs.get(number, median(self.lufs.values()))
        gain_lu = wanted - integrated_lufs(blocks_of(meter.powers))
        if abs(gain_lu) > _MOST_GAIN_LU:
            return piece
        limiter = Limiter(self.rate)
        loud = piece.samples * np.float32(10 ** (gain_lu / 20))
        return replace(piece, samples=np.concatenate([limiter.push(loud), limiter.finish()]))

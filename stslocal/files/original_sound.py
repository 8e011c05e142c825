"""The original sound as it is beneath the translation: all of it quieter, or only its voice.

Where only the voice is to be quieter, a separator finds it. What is subtracted from the original is
the voice alone, so music and noise keep their samples wherever nobody speaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stslocal.audio.blocks import in_blocks
from stslocal.audio.decode import SoundChoice, Source, read_blocks
from stslocal.audio.resample import Resampler
from stslocal.engines.protocols import SourceSeparator
from stslocal.files.beneath import GainCurve
from stslocal.types import Samples

ORIGINAL_RATE = 48_000
"""Sample rate of a mix with the original sound, which may hold music."""


@dataclass(frozen=True, slots=True)
class OriginalSound:
    """The original sound beneath one translation."""

    source: Source
    """A stream is read from where it stands."""
    choice: SoundChoice
    gain: GainCurve
    """How loud it is, or its voice where there is a separator."""
    stereo: bool
    separator: SourceSeparator | None = None
    """Finds the voice, for which alone `gain` is then: music and noise stay at their level."""

    def blocks(self) -> Iterator[Samples]:
        """Yield it in blocks of a second at ORIGINAL_RATE: shape (n,), or (n, 2) in stereo.

        The last block may be shorter. Raises AudioDecodeError where the recording cannot be read
        any more, and EngineError.
        """
        if self.separator is not None:
            yield from in_blocks(self._with_quieter_voice(self.separator), ORIGINAL_RATE)
            return
        position = 0
        for block in self._recording():
            yield block * self._gains(position, block)
            position += len(block)

    def _recording(self) -> Iterator[Samples]:
        return read_blocks(
            self.source,
            sample_rate=ORIGINAL_RATE,
            choice=self.choice,
            stereo=self.stereo,
            on_warning=lambda warning: None,  # the same as when it was read for its speech
        )

    def _gains(self, position: int, block: Samples) -> Samples:
        """The factors for a block that begins at a position, in a shape that multiplies it."""
        gains = self.gain.between(position, position + len(block), ORIGINAL_RATE)
        return gains if block.ndim == 1 else gains[:, np.newaxis]

    def _with_quieter_voice(self, separator: SourceSeparator) -> Iterator[Samples]:
        channels = 2 if self.stereo else 1
        back = Resampler(separator.sample_rate, ORIGINAL_RATE, channels)
        waiting = back.flush()
        position = 0

        def given() -> Iterator[Samples]:
            nonlocal waiting
            forth = Resampler(ORIGINAL_RATE, separator.sample_rate, channels)
            for block in self._recording():
                waiting = np.concatenate([waiting, block])
                yield forth.process(block)
            yield forth.flush()

        def voices() -> Iterator[Samples]:
            for voice in separator.voices(given()):
                yield back.process(voice)
            yield back.flush()

        for voice in voices():
            block, waiting = waiting[: len(voice)], waiting[len(voice) :]
            yield block - (1 - self._gains(position, block)) * voice[: len(block)]
            position += len(block)
        yield waiting  # rates that are no multiples of one another may cost a sample

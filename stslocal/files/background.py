"""Leaves music and noise of a recording as they are, and makes its voice quieter.

A separator finds the voice, and what is subtracted from the recording is the voice alone: where it
is to stay as loud as it is, the recording keeps its samples.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stslocal.audio.blocks import in_blocks
from stslocal.audio.resample import Resampler
from stslocal.engines.protocols import SourceSeparator
from stslocal.files.beneath import GainCurve
from stslocal.types import Samples


def with_quieter_voice(
    recording: Iterator[Samples],
    sample_rate: int,
    channels: int,
    separator: SourceSeparator,
    gain: GainCurve,
) -> Iterator[Samples]:
    """Yield a recording in which the voice alone has `gain`, in blocks of a second.

    The blocks of `recording` have the shape (n,), or (n, 2) for two `channels`, at `sample_rate`
    in hertz. Only what the separator holds back is in memory. Raises EngineError.
    """
    pieces = _quieter(recording, sample_rate, channels, separator, gain)
    return in_blocks(pieces, sample_rate)


def _quieter(
    recording: Iterator[Samples],
    rate: int,
    channels: int,
    separator: SourceSeparator,
    gain: GainCurve,
) -> Iterator[Samples]:
    back = Resampler(separator.sample_rate, rate, channels)
    waiting = np.zeros(0 if channels == 1 else (0, channels), np.float32)
    """What was read, and is not given yet."""

    def given() -> Iterator[Samples]:
        nonlocal waiting
        forth = Resampler(rate, separator.sample_rate, channels)
        for block in recording:
            waiting = np.concatenate([waiting, block])
            yield forth.process(block)
        yield forth.flush()

    def voices() -> Iterator[Samples]:
        for voice in separator.voices(given()):
            yield back.process(voice)
        yield back.flush()

    position = 0
    for voice in voices():
        block, waiting = waiting[: len(voice)], waiting[len(voice) :]
        gains = gain.between(position, position + len(block), rate)
        lost = 1 - (gains if channels == 1 else gains[:, np.newaxis])
        yield block - lost * voice[: len(block)]
        position += len(block)
    yield waiting  # rates that are no multiples of one another may cost a sample

"""A separator for which the voice is all below a frequency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from stslocal.types import Samples

HIGHEST_VOICE_HZ = 1000.0


@dataclass(slots=True)
class FakeSeparator:
    """Takes what is below HIGHEST_VOICE_HZ for the voice; it needs the whole recording."""

    sample_rate: int = 44_100
    seconds: list[float] = field(default_factory=list)
    """How long each recording was that it separated."""

    def voices(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        whole = [block for block in blocks if len(block)]
        if not whole:
            return
        recording = np.concatenate(whole)
        self.seconds.append(len(recording) / self.sample_rate)
        spectrum = np.fft.rfft(recording, axis=0)
        spectrum[round(HIGHEST_VOICE_HZ * len(recording) / self.sample_rate) :] = 0
        voice = np.fft.irfft(spectrum, len(recording), axis=0).astype(np.float32)
        yield from np.array_split(voice, 1 + len(voice) // 100_000)

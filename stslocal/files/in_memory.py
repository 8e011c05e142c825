"""Translates a recording in memory, for programs that want samples and no files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from stslocal.files.speak import PlacedSegment
from stslocal.files.translation import FileTranslation
from stslocal.types import Dropped, Samples


@dataclass(frozen=True, slots=True)
class TranslatedSamples:
    """A finished translation."""

    samples: Samples
    """The translated speech, with each segment at its place: mono, float32, at least as long as
    the recording."""
    sample_rate: int
    """Hertz."""
    segments: Sequence[PlacedSegment]
    source_language: str
    """As given or detected."""
    warnings: Sequence[str] = ()
    dropped: Sequence[Dropped] = ()
    """Speech of which the translation has nothing."""

    @property
    def text(self) -> str:
        """The source text, one segment a line."""
        return "\n".join(one.spoken.translated.segment.text for one in self.segments)

    @property
    def translation(self) -> str:
        """The translated text, one segment a line."""
        return "\n".join(one.spoken.translated.text for one in self.segments)


def translate_in_memory(running: FileTranslation) -> TranslatedSamples:
    """Translate the whole recording. Raises what `FileTranslation.segments` raises."""
    rate = running.engines.synthesizer.sample_rate
    with closing(running.segments()) as segments:
        placed = list(segments)
    starts = [round(one.start_s * rate) for one in placed]
    ends = [start + len(one.spoken.samples) for start, one in zip(starts, placed, strict=True)]
    samples = np.zeros(max(ends, default=0), np.float32)
    for start, end, one in zip(starts, ends, placed, strict=True):
        samples[start:end] = one.spoken.samples
    missing = round(running.duration_s * rate) - len(samples)
    return TranslatedSamples(
        samples=np.pad(samples, (0, max(0, missing))),
        sample_rate=rate,
        segments=placed,
        source_language=running.source_language,
        warnings=running.warnings,
        dropped=running.dropped,
    )

"""Translates a recording in memory, for programs that want samples and no files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from stslocal.files.mixdown import Mixdown
from stslocal.files.speak import PlacedSegment
from stslocal.files.spoken_sentences import SpokenSentences
from stslocal.files.translation import FileTranslation
from stslocal.types import Dropped, Samples


@dataclass(frozen=True, slots=True)
class TranslatedSamples:
    """A finished translation."""

    samples: Samples
    """The translated speech, with each segment at its place: mono, float32, at least as long as
    the recording; none where nothing is spoken."""
    sample_rate: int
    """Hertz; 0 where nothing is spoken."""
    segments: Sequence[PlacedSegment]
    """Their own samples are as loud as the voice spoke them."""
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
    """Translate the whole recording. Raises what `FileTranslation.segments` raises.

    The speech is as loud as that of the recording, as a whole and sentence by sentence, and its
    pauses have the tone of the room, as in a file.
    """
    rate = running.engines.synthesizer.sample_rate if running.is_spoken else 0
    placed = []
    with SpokenSentences(None, rate) as sentences, closing(running.segments()) as segments:
        for one in segments:
            sentences.add(one)
            placed.append(one)
        samples = np.zeros(0, np.float32)
        if running.is_spoken:
            mix = Mixdown(sentences, running.levels, running.duration_s)
            samples = np.concatenate([samples, *mix.blocks()])
    return TranslatedSamples(
        samples=samples,
        sample_rate=rate,
        segments=placed,
        source_language=running.source_language,
        warnings=running.warnings,
        dropped=running.dropped,
    )

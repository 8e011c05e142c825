"""Where a text is cut for synthesis. Pure functions over text and phonemes, no model.

A chunk is what one run of the model speaks. Sentences are spoken one by one, so that the first
can be played while the next is made; very short ones go with a neighbour, since a voice needs a
few syllables to find its tone, and very long ones are cut between clauses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stslocal.text.chunks import CLAUSE_PAUSE_S, SENTENCE_PAUSE_S, within_limit
from stslocal.text.sentences import SENTENCE_END, split_sentences
from stslocal.text.spoken import spoken_text

MOST_PHONEMES = 200
"""In a chunk, about 12 s of speech. The model takes 510 but hurries through long ones."""
FEW_PHONEMES = 24
"""A chunk with fewer is joined with a neighbour."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Phonemes for one run of the model."""

    phonemes: str
    pause_s: float
    """Silence after it, at normal speed."""


def chunks(text: str, language: str, phonemes_of: Callable[[str], str]) -> list[Chunk]:
    """What to speak for `text`, in order; empty when there is no word in it.

    `phonemes_of` turns a sentence into phonemes and leaves its punctuation in place.
    """
    sentences = split_sentences(spoken_text(text, language), language)
    spoken = [phonemes_of(sentence) for sentence in sentences]
    parts = [
        part
        for phonemes in spoken
        if any(symbol.isalpha() for symbol in phonemes)
        for part in within_limit(phonemes, MOST_PHONEMES)
    ]
    joined = with_neighbours(parts)
    pauses = [
        SENTENCE_PAUSE_S if part.rstrip('")')[-1:] in SENTENCE_END else CLAUSE_PAUSE_S
        for part in joined
    ]
    return [Chunk(part, pause) for part, pause in zip(joined, [*pauses[:-1], 0.0], strict=False)]


def with_neighbours(parts: Sequence[str]) -> list[str]:
    """`parts` with the short ones joined to the one before or after."""
    joined: list[str] = []
    for part in parts:
        short = joined and min(len(part), len(joined[-1])) < FEW_PHONEMES
        if short and len(joined[-1]) + 1 + len(part) <= MOST_PHONEMES:
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined

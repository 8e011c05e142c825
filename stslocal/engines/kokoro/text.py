"""Cuts a text into pieces for synthesis. Pure functions over text and phonemes, no model.

One run of the model speaks one piece. A piece is a sentence, so the first can be played while the
next is made. A very short sentence is joined to a neighbour, because a voice needs a few syllables
to sound natural. A very long sentence is cut between clauses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stslocal.text.chunks import CLAUSE_PAUSE_S, SENTENCE_PAUSE_S, within_limit
from stslocal.text.sentences import SENTENCE_END, split_sentences
from stslocal.text.spoken.text import spoken_text

MOST_PHONEMES = 200
"""In a piece, about 12 s of speech. The model takes 510 but speaks long pieces too fast."""
FEW_PHONEMES = 24
"""A piece with fewer phonemes is joined to a neighbour."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Phonemes for one run of the model."""

    phonemes: str
    pause_s: float
    """Seconds of silence after it, at normal speed."""


def pieces(
    text: str, language: str, phonemes_of: Callable[[str], str], *, british: bool = False
) -> list[Piece]:
    """The pieces of `text` in order; empty when it has no word.

    `phonemes_of` turns a sentence into phonemes and leaves its punctuation in place. `british`
    asks for English as a British voice says it: its dates have the day first.
    """
    spoken_as = "en-gb" if british else language
    sentences = split_sentences(spoken_text(text, spoken_as, digits=True), language)
    spoken = [phonemes_of(sentence) for sentence in sentences]
    parts = [
        part
        for phonemes in spoken
        if any(symbol.isalpha() for symbol in phonemes)
        for part in within_limit(phonemes, MOST_PHONEMES)
    ]
    joined = _with_short_joined(parts)
    pauses = [
        SENTENCE_PAUSE_S if part.rstrip('")')[-1:] in SENTENCE_END else CLAUSE_PAUSE_S
        for part in joined
    ]
    return [Piece(part, pause) for part, pause in zip(joined, [*pauses[:-1], 0.0], strict=False)]


def _with_short_joined(parts: Sequence[str]) -> list[str]:
    """`parts`, with each short one joined to the part before or after it."""
    joined: list[str] = []
    for part in parts:
        short = joined and min(len(part), len(joined[-1])) < FEW_PHONEMES
        if short and len(joined[-1]) + 1 + len(part) <= MOST_PHONEMES:
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined

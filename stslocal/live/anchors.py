"""Committed words as anchors: they show where the new words of a recognition begin."""

from __future__ import annotations

from collections.abc import Sequence

from stslocal.types import Word

_INSIDE_WORDS = "'’-"
_EDITS_PER_S = 2
"""Word times of two recognitions differ by up to half a second, which may hide one changed word."""


def count_committed(words: Sequence[Word], committed: Sequence[Word]) -> int:
    """Return how many of `words`, from the first, repeat the committed words.

    Both lists start at the same place in the sound. The result is the split with the smallest word
    edit distance to `committed`, where each second that a word lies on the wrong side of the end of
    the last committed word counts as much as `_EDITS_PER_S` edits.
    """
    if not committed:
        return 0
    texts = [plain_word(word.text) for word in words]
    row = list(range(len(texts) + 1))
    for word in committed:
        text, diagonal = plain_word(word.text), row[0]
        row[0] += 1
        for at, other in enumerate(texts, 1):
            diagonal, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, diagonal + (other != text)),
            )
    end_s = committed[-1].end_s
    middles = [(word.start_s + word.end_s) / 2 - end_s for word in words]

    def wrong_side_s(at: int) -> float:
        late_s = middles[at - 1] if at else 0.0
        early_s = -middles[at] if at < len(middles) else 0.0
        return max(0.0, late_s, early_s)

    return min(range(len(row)), key=lambda at: row[at] + _EDITS_PER_S * wrong_side_s(at))


def plain_word(text: str) -> str:
    """A word without case and outer punctuation, as it is spoken: `So,` becomes `so`."""
    kept = "".join(c for c in text.casefold() if c.isalnum() or c in _INSIDE_WORDS)
    return kept.strip(_INSIDE_WORDS)

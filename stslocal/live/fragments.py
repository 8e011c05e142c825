"""Cuts a text into fragments, so that its beginning is played while the rest is synthesized.

Some synthesizers give no sound before the whole text is done, and a short text is done sooner. So
the first fragment is short, and each later one is as long as can be synthesized while those before
it are played. A fragment ends at punctuation where there is some, else before a word that opens a
phrase: the voice falls a little there in any case.
"""

from __future__ import annotations

from collections.abc import Sequence

from stslocal.text.phrases import leans_on_next
from stslocal.text.sentences import CLAUSE_END, SENTENCE_END

_TOLERANCE = 0.4
"""A fragment may be this share shorter or longer than wanted, for a better place to end."""
_SHORTEST = 10
"""Characters. A synthesizer speaks a shorter text badly when it stands alone."""


def fragments(text: str, language: str, first: int, growth: float) -> list[str]:
    """Cut `text` into fragments, which keep all words in order.

    The first has about `first` characters, and each later one `growth` times as many as the one
    before it.
    """
    words = text.split()
    pieces: list[str] = []
    wanted = float(max(first, _SHORTEST))
    while words:
        count = _best_cut(words, wanted, language)
        pieces.append(" ".join(words[:count]))
        words = words[count:]
        wanted = max(_SHORTEST, len(pieces[-1]) * growth)
    return pieces


def ends_phrase(fragment: str) -> bool:
    """Whether a fragment ends at punctuation, where a speaker pauses."""
    return fragment.rstrip("\"'”’»)]}")[-1:] in SENTENCE_END + CLAUSE_END


def _best_cut(words: Sequence[str], wanted: float, language: str) -> int:
    """The number of words in the next fragment."""
    whole = sum(map(len, words)) + len(words) - 1
    if whole <= wanted * (1 + _TOLERANCE):
        return len(words)
    best, best_cost = len(words), float("inf")
    length = -1
    for count, word in enumerate(words[:-1], 1):
        length += 1 + len(word)
        rest = whole - length - 1
        if length > wanted * (1 + _TOLERANCE) and best < len(words):
            break
        if length < _SHORTEST or rest < _SHORTEST:
            continue
        # Shares of the wanted length: a cut at punctuation gains a half, a cut before a phrase a
        # quarter, and a cut between two words that belong together costs a half.
        cost = abs(length - wanted) / wanted
        if ends_phrase(word):
            cost -= 0.5
        elif leans_on_next(word, language):
            cost += 0.5
        elif leans_on_next(words[count], language):
            cost -= 0.25
        if cost < best_cost:
            best, best_cost = count, cost
    return best

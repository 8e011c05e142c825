"""Cuts a text so that the listener hears its beginning while the rest is being made.

A synthesizer that makes a sentence in one go makes a short piece sooner. So the first fragment is
short, and each one after it as long as can be made while those before it are heard. A fragment
ends at punctuation where there is some, else before a word that opens a phrase: the voice falls
a little there in any case.
"""

from __future__ import annotations

from collections.abc import Sequence

from stslocal.text.phrases import leans_on_next
from stslocal.text.sentences import CLAUSE_END, SENTENCE_END

_WINDOW = 0.4
"""A fragment may be this share shorter or longer than wanted, for a better place to end."""
_SHORTEST = 10
"""Characters: less than this is said badly when it is said alone."""


def fragments(text: str, language: str, first: int, growth: float) -> list[str]:
    """Cut `text` into fragments: the first of about `first` characters, the next longer by
    `growth` each. All words are kept, in order.
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
    """Whether a fragment ends at punctuation, where a speaker would pause."""
    return fragment.rstrip("\"'”’»)]}")[-1:] in SENTENCE_END + CLAUSE_END


def _best_cut(words: Sequence[str], wanted: float, language: str) -> int:
    """How many words make the next fragment."""
    whole = sum(map(len, words)) + len(words) - 1
    if whole <= wanted * (1 + _WINDOW):
        return len(words)
    best, best_cost = len(words), float("inf")
    length = -1
    for count, word in enumerate(words[:-1], 1):
        length += 1 + len(word)
        rest = whole - length - 1
        if length > wanted * (1 + _WINDOW) and best < len(words):
            break
        if length < _SHORTEST or rest < _SHORTEST:
            continue
        # A cut at punctuation is worth half of what was wanted, one before a phrase a quarter,
        # and one that tears a word from the next costs half.
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

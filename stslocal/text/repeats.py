"""Finds a loop in a text: the sign of a recognizer or a translator that repeats itself."""

from __future__ import annotations

from collections.abc import Sequence

_SAME_WORD_TIMES = 8
_PHRASE_LONGEST = 8
_PHRASE_TIMES = 3
_PHRASES_COVER = 12


def repeats(words: Sequence[str]) -> bool:
    """Whether the words have a loop.

    A loop is one word eight times in a row, or a phrase of 2 to 8 words that is repeated at least
    three times in a row and over at least 12 words.
    """
    return find_loop(words) is not None


def find_loop(words: Sequence[str]) -> tuple[int, int, int] | None:
    """The first word of a loop, the word after its last one, and the words of its phrase."""
    plain = [word.casefold() for word in words]
    for n in range(1, _PHRASE_LONGEST + 1):
        enough = _SAME_WORD_TIMES if n == 1 else max(_PHRASES_COVER, _PHRASE_TIMES * n)
        covered = n
        for at in range(n, len(plain) + 1):
            if at < len(plain) and plain[at] == plain[at - n]:
                covered += 1
                continue
            if covered >= enough:
                return at - covered, at, n
            covered = n
    return None

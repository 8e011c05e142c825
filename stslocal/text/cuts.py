"""Punctuation and case where a sentence was cut, in its source and in its translation.

A recognizer that gets a part of a sentence may end it with a full stop and begin the next one with
a capital. Neither belongs to the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stslocal.text.phrases import leans_on_next
from stslocal.text.sentences import ends_sentence, never_ends

_CAPITALIZED_NOUNS = frozenset({"de"})
_CAPITALIZED_WORDS = frozenset({"en"})
"""Languages that write many words with a capital where others do not: Monday, English, I."""


def joined_parts(words: Sequence[str], language: str, *, complete: bool) -> list[str]:
    """The words of one sentence, whose parts were recognized one by one.

    Full stops and ellipses within it go. Those of the last word stay if the sentence is `complete`.
    """
    joined = [
        _without_stop(word, following, language)
        for word, following in zip(words, [*words[1:], ""], strict=False)
    ]
    if complete and words:
        joined[-1] = words[-1]
    return [word for word in joined if word]


def without_false_stops(words: Sequence[str], language: str) -> list[str]:
    """Recognized words without full stops and ellipses that are followed by a lower-case word.

    A recognizer ends what it gets with a stop, also where the speaker only pauses.
    """
    joined = [
        _without_stop(word, following, language) if following[:1].islower() else word
        for word, following in zip(words, [*words[1:], ""], strict=False)
    ]
    return [word for word in joined if word]


def continued(words: Sequence[str], language: str) -> list[str]:
    """The words of a part of a sentence, the first one without a capital that it got by the cut.

    Only a word that is no name is sure: an article, a preposition, a conjunction and the like.
    """
    first = words[0] if words else ""
    if first[:1].isupper() and leans_on_next(first, language):
        return [first[0].lower() + first[1:], *words[1:]]
    return list(words)


def continued_translation(text: str, source: str, language: str) -> str:
    """The translation of the part `source` of a sentence, without a capital that only says that
    a sentence begins.
    """
    first = text.partition(" ")[0]
    if not first[:1].isupper() or first[1:2].isupper() or source[:1].isupper():
        return text
    is_name = language in _CAPITALIZED_NOUNS | _CAPITALIZED_WORDS or any(
        word[:1].isupper() for word in source.split()
    )
    if is_name and not leans_on_next(first, language):
        return text
    return text[0].lower() + text[1:]


def unended(translation: str, source: str) -> str:
    """The translation of a part of a sentence without a stop at its end that `source` has not."""
    return translation if source.endswith((".", "…")) else translation.rstrip(".…。").rstrip()


def _without_stop(word: str, following: str, language: str) -> str:
    """The word without a stop that is not a part of it, as that of "Mr." or "p.m." is."""
    stop = re.search(r"[.…]+(?=[\"'”’»)\]}」』]*$)", word)
    if stop is None or following[:1].isdigit():
        return word
    is_false = ends_sentence(word, "A", language) or never_ends(word, language)
    return word[: stop.start()] + word[stop.end() :] if is_false else word

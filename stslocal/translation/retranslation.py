"""Continues a sentence with a translator that only knows whole texts.

The whole sentence so far is translated again, and what follows the words already spoken is taken.
The spoken words are found in the new translation as the beginning with the smallest edit distance.
If that is too large, the sentence reads differently now and there is no continuation.

Words that the last source word may still change are held: those on which the translations with
and without that word differ (after LocalAgreement: Liu 2020, https://arxiv.org/abs/2005.11185).
Measured by scripts/bench/cuts.py; docs/benchmarks.md has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence

from stslocal.engines.protocols import Continuation, TextTranslator
from stslocal.text.cuts import unended
from stslocal.text.sentences import UNSPACED

_FURTHEST = 0.5
"""Largest edit distance, in spoken words, at which the spoken words are found."""
_MOST_HELD = 4
"""Where more words may change, none is held: the whole sentence has a new order."""
_MOST_HELD_NUMBER = 8
"""The same where the last word is a number, which the next one may make another number."""


class Retranslation:
    """A SentenceContinuer made of a TextTranslator."""

    def __init__(self, translator: TextTranslator) -> None:
        self._translator = translator

    def continue_translation(
        self, text: str, spoken: str, *, source: str, target: str, may_hold: bool
    ) -> Continuation | None:
        """Raises what the translator raises."""
        words = text.split()
        shorter = " ".join(words[:-1]) if may_hold else ""
        wanted = [text, shorter] if shorter else [text]
        whole, *before = (
            units(unended(translation, each) if may_hold else translation, target)
            for each, translation in zip(
                wanted,
                self._translator.translate(wanted, source=source, target=target, quick=True),
                strict=True,
            )
        )
        spoken_units = units(spoken, target)
        begin, distance = spoken_end(whole, spoken_units)
        if distance > _FURTHEST * len(spoken_units) or (not may_hold and begin == len(whole)):
            return None
        end = len(whole)
        if before:
            end = max(begin, _common(whole, before[0]))
            most = _MOST_HELD_NUMBER if words[-1][:1].isdigit() else _MOST_HELD
            if len(whole) - end > most:
                end = len(whole)
        return Continuation(joined(whole[begin:end], target), joined(whole[end:], target))


def units(text: str, language: str) -> list[str]:
    """The words of a text; its letters in languages that write no space between words."""
    return [sign for sign in text if not sign.isspace()] if language in UNSPACED else text.split()


def joined(parts: Sequence[str], language: str) -> str:
    """A text of units or of parts of a text."""
    return ("" if language in UNSPACED else " ").join(part for part in parts if part)


def spoken_end(whole: Sequence[str], spoken: Sequence[str]) -> tuple[int, int]:
    """How many of the words of `whole`, from the first, were `spoken`, and their edit distance.

    Of several such beginnings, it is the one that has nearly as many words as were spoken.
    """
    texts = [plain(word) for word in whole]
    row = list(range(len(texts) + 1))
    for word in map(plain, spoken):
        diagonal = row[0]
        row[0] += 1
        for at, other in enumerate(texts, 1):
            best = min(row[at] + 1, row[at - 1] + 1, diagonal + (other != word))
            diagonal, row[at] = row[at], best
    end = min(range(len(row)), key=lambda at: (row[at], abs(at - len(spoken))))
    return end, row[end]


def plain(word: str) -> str:
    """A word without case and punctuation."""
    return "".join(sign for sign in word.casefold() if sign.isalnum()) or word


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words, from the first, two texts have in common."""
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, (a, b) in enumerate(pairs) if plain(a) != plain(b)), min(len(one), len(other))
    )

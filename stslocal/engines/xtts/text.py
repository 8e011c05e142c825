"""Cuts a text into pieces within the limits of XTTS, and estimates how long they take.

Pure functions. All numbers and signs are in words, because Coqui's tokenizer says many of them
wrongly (0.05 as 0.5 in Turkish, 3.14 as "three, fourteen" in Arabic). It makes letters lower case,
and writes Chinese and Korean in Latin letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stslocal.text.chunks import CLAUSE_PAUSE_S, SENTENCE_PAUSE_S, within_limit
from stslocal.text.sentences import SENTENCE_END, split_sentences
from stslocal.text.spoken.text import spoken_text

MOST_CHARACTERS = {
    "en": 250, "de": 253, "fr": 273, "es": 239, "it": 213, "pt": 203, "pl": 224, "zh": 82,
    "ar": 166, "cs": 186, "ru": 182, "nl": 251, "tr": 226, "ja": 71, "hu": 224, "ko": 95,
    "hi": 150, "zh-Hant": 82,
}  # fmt: skip
"""In a piece, by language; the model cuts longer text off. From Coqui's tokenizer."""
TOKEN_S = 1024 / 22_050
"""Seconds of speech in one audio token, at normal speed."""

_LIMIT_S = 16.0
"""Seconds of speech of a text at the limit, about: English at 15.6 characters a second. The limit
of every language is about as much speech, so the limits give the speaking rates."""
_DIGIT_CHARACTERS = 5
"""A digit takes as long to speak as this many characters."""
_CAP_RATIO, _CAP_S = 2.0, 1.2
"""A piece may take the expected time times the ratio, plus the seconds. Longer speech is not
its text."""
_FEW_WORDS, _FEW_CHARACTERS = 2, 12
"""A piece with no more words than this, or fewer characters, is joined to a neighbour: after such a
piece alone, the model adds sounds of its own."""
_UNSPACED = frozenset({"zh", "zh-Hant", "ja"})
_QUOTES = re.compile(r"[\"“”„«»]|(?<!\w)'|'(?!\w)")
_STOP_INSIDE = re.compile(r"(?<=[^\W\d])\.(?=\s)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text for one run of the model."""

    text: str
    pause_s: float
    """Seconds of silence after it, at normal speed."""


def pieces(text: str, language: str) -> list[Piece]:
    """The pieces of `text` in order; empty when it has no word.

    A piece is a sentence, or a part of one that is too long, or a short one with its neighbour.
    """
    limit = MOST_CHARACTERS[language]
    parts = [
        part
        for sentence in split_sentences(spoken_text(text, language), language)
        if any(letter.isalnum() for letter in sentence)
        for part in within_limit(sentence, limit)
    ]
    joined = _with_short_joined(parts, language, limit)
    pauses = [
        SENTENCE_PAUSE_S if part.rstrip('")')[-1:] in SENTENCE_END else CLAUSE_PAUSE_S
        for part in joined
    ]
    pauses[-1:] = [0.0] if joined else []
    return [
        Piece(_without_unreadable_signs(part), pause_s)
        for part, pause_s in zip(joined, pauses, strict=True)
    ]


def expected_s(text: str, language: str) -> float:
    """About how many seconds a text takes at normal speed, without pauses."""
    count = sum(_DIGIT_CHARACTERS if letter.isdigit() else 1 for letter in text)
    return count / MOST_CHARACTERS[language] * _LIMIT_S


def most_tokens(text: str, language: str) -> int:
    """The most audio tokens for a text: with more, the model speaks other sounds than the text."""
    return round((expected_s(text, language) * _CAP_RATIO + _CAP_S) / TOKEN_S)


def _with_short_joined(parts: list[str], language: str, limit: int) -> list[str]:
    """`parts`, with each short one joined to the part before or after it."""
    joined: list[str] = []
    for part in parts:
        short = joined and (_is_short(part, language) or _is_short(joined[-1], language))
        if short and len(joined[-1]) + 1 + len(part) <= limit:
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined


def _is_short(part: str, language: str) -> bool:
    if language in _UNSPACED:
        return len(part) < _FEW_CHARACTERS / 3
    return len(part.split()) <= _FEW_WORDS or len(part) < _FEW_CHARACTERS


def _without_unreadable_signs(part: str) -> str:
    """A piece without the signs that XTTS reads wrongly, as its users report.

    After a quotation mark the model adds sounds, and it reads full stops aloud ("ponto"). So
    quotation marks and the last full stop are removed, and a space is set before other full
    stops.
    """
    part = _QUOTES.sub("", part).replace("…", ",").replace("—", ",")
    part = _STOP_INSIDE.sub(" .", part.rstrip(" .,"))
    return re.sub(r"\s*,(\s*,)*", ",", part).strip(" ,")

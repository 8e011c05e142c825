"""What XTTS is given to read: pieces of text within its limits, and how long they may take.

Pure functions. What is not here is in Coqui's tokenizer: numbers, ordinals and some symbols in
words, lower case, Chinese and Korean in Latin letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stslocal.text.chunks import CLAUSE_PAUSE_S, SENTENCE_PAUSE_S, within_limit
from stslocal.text.hindi_numbers import numbers_in_words
from stslocal.text.sentences import SENTENCE_END, split_sentences
from stslocal.text.spoken import spoken_text

MOST_CHARACTERS = {
    "en": 250, "de": 253, "fr": 273, "es": 239, "it": 213, "pt": 203, "pl": 224, "zh": 82,
    "ar": 166, "cs": 186, "ru": 182, "nl": 251, "tr": 226, "ja": 71, "hu": 224, "ko": 95,
    "hi": 150,
}  # fmt: skip
"""In a piece, by language; longer text is cut short by the model. From Coqui's tokenizer."""
TOKEN_S = 1024 / 22_050
"""Speech in one audio token, at normal speed."""

_LIMIT_S = 16.0
"""About how long a text at the limit takes: English at 15.6 characters a second. The limits are
of about as much speech in every language, so they give each its rate."""
_DIGIT = 5
"""Characters that a digit counts for when it is spoken."""
_CAP_RATIO, _CAP_S = 2.0, 1.2
"""A piece may take this much longer than expected and this much more; then the model babbles."""
_FEW_WORDS, _FEW_CHARACTERS = 2, 12
"""A piece with as few words or fewer characters goes with a neighbour: said alone, the model
goes on with sounds of its own."""
_UNSPACED = frozenset({"zh", "ja"})
_QUOTES = re.compile(r"[\"“”„«»]|(?<!\w)'|'(?!\w)")
_ENDLESS = re.compile(r"\d{16,}")
_STOP_INSIDE = re.compile(r"(?<=[^\W\d])\.(?=\s)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text for one run of the model."""

    text: str
    pause_s: float
    """Silence after it, at normal speed."""


def pieces(text: str, language: str) -> list[Piece]:
    """What to speak for `text`, in order; empty when there is no word in it.

    A piece is a sentence, or a part of one that is too long, or a short one with its neighbour.
    """
    limit = MOST_CHARACTERS[language]
    parts = [
        part
        for sentence in split_sentences(_sayable(spoken_text(text, language), language), language)
        if any(letter.isalnum() for letter in sentence)
        for part in within_limit(sentence, limit)
    ]
    joined = _with_neighbours(parts, language, limit)
    pauses = [
        SENTENCE_PAUSE_S if part.rstrip('")')[-1:] in SENTENCE_END else CLAUSE_PAUSE_S
        for part in joined
    ]
    pauses[-1:] = [0.0] if joined else []
    return [Piece(_readable(part), pause_s) for part, pause_s in zip(joined, pauses, strict=True)]


def expected_s(text: str, language: str) -> float:
    """About how many seconds a text takes at normal speed, pauses not counted."""
    count = sum(_DIGIT if letter.isdigit() else 1 for letter in text)
    return count / MOST_CHARACTERS[language] * _LIMIT_S


def most_tokens(text: str, language: str) -> int:
    """How many audio tokens a text may take before what the model says is no longer the text."""
    return round((expected_s(text, language) * _CAP_RATIO + _CAP_S) / TOKEN_S)


def _sayable(text: str, language: str) -> str:
    """`text` without the numbers that Coqui's tokenizer fails at."""
    if language == "hi":
        return numbers_in_words(text)
    if language == "cs":
        # It would say "5." as an ordinal, and has none in Czech.
        text = re.sub(r"(?<=\d)\.(?=\s+\w)", "", text)
    return _ENDLESS.sub(lambda match: " ".join(match[0]), text)


def _with_neighbours(parts: list[str], language: str, limit: int) -> list[str]:
    """`parts` with the short ones joined to the one before or after."""
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


def _readable(part: str) -> str:
    """A piece without the signs that XTTS stumbles over.

    It goes on talking after a quotation mark, and it reads full stops aloud ("ponto"), as its
    users report: the last one is left out, those between two sentences stand apart.
    """
    part = _QUOTES.sub("", part).replace("…", ",").replace("—", ",")
    part = _STOP_INSIDE.sub(" .", part.rstrip(" .,"))
    return re.sub(r"\s*,(\s*,)*", ",", part).strip(" ,")

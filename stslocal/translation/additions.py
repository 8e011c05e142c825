"""Takes from a translation what its source has not: brackets, and words written twice.

The small models learnt from web pages to write "(em inglês)" after a name, and "Olá - Olá" for a
greeting between signs.
"""

from __future__ import annotations

import re

_OPEN = "([{（【"
_BRACKETS = re.compile(r"\s*[(\[{（【]([^()\[\]{}（）【】]*)(?:[)\]}）】]|(?=[(\[{（【])|$)")
_MOST_WORDS = 4
"""More words in brackets may be those of the source, written in another way."""
_TWICE = re.compile(
    r"(?<![\w'’-])(?P<word>[^\W\d_]{3,})(?:\s*[,–—-]\s*|\s+)(?P=word)(?![\w'’-])", re.IGNORECASE
)
_ANY_TWICE = re.compile(r"\b(?P<word>[^\W\d_]+)[\s,–—-]+(?P=word)\b", re.IGNORECASE)
_PHRASE_TWICE = re.compile(
    r"(?<![\w'’-])(?P<phrase>[^\W\d_]+(?:\s[^\W\d_]+){1,4})\s*[,–—-]\s*(?P=phrase)(?![\w'’-])",
    re.IGNORECASE,
)
_MAY_STAND_TWICE = frozenset("had that you her que nos blah sie die vous nous".split())
"""Words that grammar may put twice in a row."""
_DOUBLES = frozenset(
    "id ms jv su tl ban min ace bug ilo ceb war mi haw sm fj zh zh-Hant yue ja th vi tr hi ur bn "
    "ta te sw".split()
)
"""Languages that form words by saying them twice."""


def without_additions(source: str, translation: str, target: str) -> str:
    """The translation without what was added; unchanged where nothing would be left."""
    kept = translation
    if not any(mark in source for mark in _OPEN):
        kept = _BRACKETS.sub(_short_bracket, kept).strip()
        stop = source.rstrip()[-1:]
        if kept != translation.strip() and stop in ".!?" and kept[-1:].isalnum():
            kept += stop
    if target not in _DOUBLES and not repeats_words(source):
        kept = _PHRASE_TWICE.sub(r"\g<phrase>", kept)
        kept = _TWICE.sub(_once, kept)
    return kept if any(character.isalnum() for character in kept) else translation


def repeats_words(text: str) -> bool:
    """Whether a word, however short, or a phrase stands twice in a row."""
    return bool(_ANY_TWICE.search(text) or _PHRASE_TWICE.search(text))


def _short_bracket(match: re.Match[str]) -> str:
    inside = match[1]
    is_content = len(inside.split()) > _MOST_WORDS or any(c.isdigit() for c in inside)
    return match[0] if is_content else ""


def _once(match: re.Match[str]) -> str:
    return match[0] if match["word"].lower() in _MAY_STAND_TWICE else match["word"]

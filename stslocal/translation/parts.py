"""Cuts a text that was translated badly as a whole into parts that are translated alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stslocal.text.phrases import opens_clause
from stslocal.text.sentences import CLAUSE_END, SENTENCE_END, split_quoted

_FEWEST_WORDS = 3
"""Words of the smallest half of a text without clauses."""


def ways_to_part(text: str, language: str) -> Iterator[list[str]]:
    """The text in sentences, in clauses, and in halves, where it has several of them."""
    tried: list[list[str]] = []
    sentences = split_quoted(text, language)
    for parts in (sentences, _clauses(text), _halves(text, language)):
        if len(parts) > 1 and parts not in tried:
            tried.append(parts)
            yield parts


def _clauses(text: str) -> list[str]:
    """The text cut after its sentences and clauses."""
    return [
        piece.strip()
        for piece in re.split(f"(?<=[{re.escape(SENTENCE_END + CLAUSE_END)}])\\s+", text)
        if piece.strip()
    ]


def _halves(text: str, language: str) -> list[str]:
    """The text cut before the conjunction that is nearest to its middle, if it has one."""
    words = text.split()
    inner = [
        at
        for at in range(_FEWEST_WORDS, len(words) - _FEWEST_WORDS + 1)
        if opens_clause(words[at], language)
    ]
    if not inner:
        return [text]
    at = min(inner, key=lambda each: abs(each - len(words) / 2))
    return [" ".join(words[:at]), " ".join(words[at:])]

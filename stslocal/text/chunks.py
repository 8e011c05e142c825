"""Cuts a sentence that is too long for one run of a synthesizer."""

from __future__ import annotations

import re

from stslocal.text.sentences import CLAUSE_END

CLAUSE_PAUSE_S, SENTENCE_PAUSE_S = 0.2, 0.4
"""Seconds of silence between two chunks at normal speed."""

_CLAUSES = re.compile(rf"(?<=[{re.escape(CLAUSE_END)}…—])\s+")


def clauses(sentence: str) -> list[str]:
    """Cut a sentence after each mark that ends a clause."""
    return _CLAUSES.split(sentence)


def within_limit(sentence: str, limit: int) -> list[str]:
    """Cut a sentence into parts of at most `limit` characters, of similar size.

    Cuts are between clauses where possible, else between words.
    """
    if len(sentence) <= limit:
        return [sentence]
    pieces = [
        piece
        for clause in clauses(sentence)
        for piece in ([clause] if len(clause) <= limit else _words(clause, limit))
    ]
    aim = len(sentence) / -(-len(sentence) // limit)
    parts = [pieces[0]]
    for piece in pieces[1:]:
        longer = f"{parts[-1]} {piece}"
        if len(longer) <= limit and len(parts[-1]) + len(piece) / 2 <= aim:
            parts[-1] = longer
        else:
            parts.append(piece)
    return parts


def _words(clause: str, limit: int) -> list[str]:
    """Cut a clause that is too long between its words, and a word that is too long anywhere."""
    parts = [""]
    for word in clause.split():
        for start in range(0, len(word), limit):
            longer = f"{parts[-1]} {word[start : start + limit]}".strip()
            if len(longer) <= limit:
                parts[-1] = longer
            else:
                parts.append(word[start : start + limit])
    return parts

"""Puts placeholders into a text that is translated, and their texts back into the translation.

scripts/bench/glossary.py measured which placeholders a translator keeps: X1 always came back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count, islice

Span = tuple[int, int]
"""Where a part of a text begins, and where it ends."""


def codes(text: str, number: int) -> list[str]:
    """Placeholders that do not occur in the text."""
    every = (f"X{index}" for index in count(1))
    return list(islice((code for code in every if code not in text), number))


def put_in(text: str, spans: Sequence[Span], new: Sequence[str]) -> str:
    """The text with other texts in the place of its spans, which are in order."""
    for (start, end), replacement in zip(reversed(spans), reversed(new), strict=True):
        text = text[:start] + replacement + text[end:]
    return text


def put_back(translation: str, placeholders: Sequence[str], texts: Sequence[str]) -> str | None:
    """The translation with a text for each placeholder; None unless each came back once."""
    found = {
        code: list(re.finditer(rf"(?<!\w){re.escape(code)}(?!\w)", translation))
        for code in placeholders
    }
    if any(len(places) != 1 for places in found.values()):
        return None
    of_code = dict(zip(placeholders, texts, strict=True))
    places = sorted((matches[0].span(), code) for code, matches in found.items())
    return put_in(translation, [span for span, _ in places], [of_code[c] for _, c in places])

"""Heights in feet and inches, areas, ratios, scores and verses."""

from __future__ import annotations

import re

from stslocal.text.spoken.amounts import with_unit
from stslocal.text.spoken.numbers import (
    NUMBER,
    Number,
    counted,
    noun_after,
    parse_number,
    write_number,
)
from stslocal.text.spoken.tokens import (
    TokenClass,
    alternatives,
    stop_after,
    token_class,
    word_after,
    word_before,
    words_before,
)
from stslocal.text.spoken.words import Words

_QUOTES = ("'", '"')


def size_classes(words: Words) -> list[TokenClass]:
    """The classes of heights, areas, multiples and ratios."""

    def area(match: re.Match[str]) -> str:
        sides = [
            with_unit(parse_number(number, words.point), unit or "", words)
            for number, unit in zip(match.groups()[::2], match.groups()[1::2], strict=True)
            if number
        ]
        between = words.times if word_after(match).startswith("=") else words.by
        if word_before(match)[:1].isupper() and word_after(match)[:1].isupper():
            between = words.ratio or words.to  # Brasil 2x1 Argentina
        return f" {between} ".join(sides)

    def fold(match: re.Match[str]) -> str:
        return f"{write_number(parse_number(match[1], words.point), words)} {words.times}"

    def ratio(match: re.Match[str]) -> str:
        verse = word_before(match)[:1].isupper()  # Psalm 23:4
        return (
            f"{match[1]} {match[2]}"
            if verse
            else f"{match[1]} {words.ratio or words.to} {match[2]}"
        )

    def verses(match: re.Match[str]) -> str:
        return f"{match[1]} {match[2]} {words.to} {match[3]}"

    def height(match: re.Match[str]) -> str | None:
        return _say_height(match, words)

    side = rf"({NUMBER}) ?({alternatives(words.units.keys() - {'in'})})?"
    return [
        token_class(r"(\d{1,2})' ?(\d{1,2}(?:\.\d)?)(?:\"|'')?", height),
        token_class(r"(\d{1,2}) ?ft\.? (\d{1,2}(?:\.\d)?) ?in\.?", height),
        token_class(r"()(\d{1,3}(?:\.\d)?)\"", height),
        token_class(rf"{side} ?[x×] ?{side}(?: ?[x×] ?{side})?", area),
        token_class(rf"({NUMBER})[x×]", fold),
        token_class(r"(\d{1,3}):(\d{1,3})-(\d{1,3})", verses),
        token_class(r"(\d{1,3}):(\d{1,3})", ratio),
    ]


def _say_height(match: re.Match[str], words: Words) -> str | None:
    """Feet and inches, if their signs are no quotation marks."""
    before = words_before(match)
    if before[-1:] in _QUOTES or (not match[1] and before.count('"') % 2):
        return None
    parts = []
    for digits, unit in ((match[1], "ft"), (match[2], "in")):
        if digits:
            forms = words.units[unit]
            one = forms.partition("/")[0]
            number = Number(*digits.split("."))
            attributive = not match[1] and word_before(match).lower() in words.articles
            name = one if attributive else noun_after(number, forms, words)
            parts.append(f"{counted(number, one, words)} {name}")
    return f" {words.height_joint} ".join(parts).replace("  ", " ") + stop_after(match)

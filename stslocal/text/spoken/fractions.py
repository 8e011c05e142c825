"""Fractions: 3/4, ½ and 5 1/2, with a unit after them or not."""

from __future__ import annotations

import re
import unicodedata

from stslocal.text.spoken.numbers import Number, counted, in_words
from stslocal.text.spoken.tokens import TokenClass, alternatives, token_class
from stslocal.text.spoken.words import Words

_LIKELY = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 100})
"""Denominators of fractions; other numbers around a slash are something else (24/7, 2023/24)."""


def _after_half(whole: int, forms: int, words: Words) -> int:
    """Which form of a noun stands after a number and a half: that of the number or of a part."""
    if words.plural is None:
        return min(words.after_scale, forms - 1)
    own_form = words.after_fraction < words.after_scale
    return min(words.plural(whole, "") if own_form else words.after_fraction, forms - 1)


def written_out(text: str) -> str:
    """`text` with ½ and its like as 1/2."""

    def digits(match: re.Match[str]) -> str:
        return f" {unicodedata.normalize('NFKC', match[0]).replace('⁄', '/')}"

    return re.sub(r"\s?[½¼¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]", digits, text).replace("⁄", "/")


def fraction_classes(words: Words) -> list[TokenClass]:
    """The classes of fractions, and of other numbers around a slash."""
    named = {name: forms for forms in words.units.values() for name in forms.split("/")}
    named |= {**words.units, "%": words.percent}
    units = alternatives(named.keys() - {"s", "A", "t", "in"})

    def say(match: re.Match[str]) -> str | None:
        top, bottom = int(match["top"]), int(match["bottom"])
        if not 0 < top < bottom or bottom not in _LIKELY or match["top"].startswith("0"):
            return None
        unit = named[match["unit"]].split("/") if match["unit"] else None
        whole, part = match["whole"], min(words.after_fraction, len(unit) - 1) if unit else 0
        if bottom == 2:
            if whole:
                several = _after_half(int(whole), len(unit), words) if unit else 0
                noun = f" {unit[0 if match['gap'] == '-' else several]}" if unit else ""
                number = counted(Number(whole), unit[0] if unit else "", words)
                return f"{number} {words.mixed_half}{noun}"
            return words.half_of(unit[part]) if unit else words.half
        fraction = words.fraction(top, bottom)
        if fraction is None:
            return None
        if whole:
            number = counted(Number(whole), "", words)
            return f"{number} {words.and_} {fraction}" + (
                f" {words.of(unit[part or -1])}" if unit else ""
            )
        return f"{fraction} {words.part_of(unit[part])}" if unit else fraction

    def halved(match: re.Match[str]) -> str | None:
        whole, noun = match["whole"], match["noun"]
        found = words.halved(noun, whole is not None) if words.halved else None
        if found is None or noun in words.units:
            return None
        gender, said = found
        return said.format(_number(whole, gender, words) if whole else "", noun)

    def apart(match: re.Match[str]) -> str:
        return match[0].replace("/", " ")

    fraction = (
        r"(?:(?P<whole>\d{1,3}) )?(?P<top>\d{1,2})/(?P<bottom>\d{1,3})"
        rf"(?:th|rd|nd)?s?(?:(?P<gap>[ -]?)(?P<unit>{units}))?"
    )
    half = r"(?:(?P<whole>[1-9]\d{0,2}) )?1/2 (?P<noun>[^\W\d_]{3,})"
    return [
        *([token_class(half, halved)] if words.halved else []),
        token_class(fraction, say),
        token_class(r"\d{1,4}(?:/\d{1,4})+", apart),
    ]


def _number(whole: str, gender: str, words: Words) -> str:
    if words.numerals:
        return in_words(Number(whole), words, gender)
    masculine, feminine = words.small.get(whole, (whole, whole))
    return feminine if gender == "f" else masculine

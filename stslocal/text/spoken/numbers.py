"""Numbers as they are written: read with the marks of any language, written with those of one.

espeak-ng says cardinal numbers by itself, so for it a number stays in digits; only its marks
change. For other voices it is written in words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from stslocal.text.spoken.words import Words

NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:'\d{3})+(?:\.\d+)?"
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?|\d+[.,]\d+|\d+|[.,]\d+)"
)
"""A number with the marks of any language, those of India and Switzerland included."""

_LONG_FRACTION = 2
"""Espeak-ng says more digits after a comma as one large number."""
_FIRST_YEAR, _AFTER_YEARS = 1100, 2100
"""Four digits that may be said as a year; a count may be said so too (fifteen hundred)."""
_ARABIC_MARKS = str.maketrans({"٫": ".", "٬": ",", "٪": "%"})
"""The decimal mark, the mark between thousands and the percent sign of Arabic digits."""
_LEFT = re.compile(
    rf"(?P<number>{NUMBER})(?:(?P<ordinal>[º°]|(?:st|nd|rd|th)(?!\w))|(?P<feminine>ª))?"
)
_MOST_VALUE_DIGITS = 15
"""The largest number that is said as one."""
_MOST_DIGITS = 9
"""A longer number without marks is an identifier: its digits are said one by one."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in digits."""

    whole: str
    fraction: str = ""
    grouped: bool = False
    """Whether its thousands were marked."""

    @property
    def value(self) -> float:
        return float(f"{self.whole or 0}.{self.fraction or 0}")

    @property
    def is_padded(self) -> bool:
        """Whether it has a zero before it: it is no amount."""
        return len(self.whole) > 1 and self.whole.startswith("0")


def parse_number(text: str, point: str) -> Number:
    """Read a number in a language with the decimal mark `point`.

    Where a number has both marks, or one mark several times, its value is the same in every
    language. Else `point` decides.
    """
    text = text.replace("'", "")
    marks = [letter for letter in text if letter in ".,"]
    if not marks:
        return Number(text)
    last = marks[-1]
    if len(set(marks)) == 1:
        before, after = text.split(last)[0], text.split(last)[-1]
        groups = len(marks) > 1 or (
            last != point and len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0"
        )
        if groups:
            return Number(re.sub("[.,]", "", text), grouped=True)
    whole, _, fraction = text.rpartition(last)
    return Number(re.sub("[.,]", "", whole) or "0", fraction, len(marks) > 1)


def write_number(number: Number, words: Words) -> str:
    """A number with the marks of a language, as espeak-ng reads it in that language."""
    whole = number.whole
    if words.numerals:
        year = words.numerals.year
        plain = len(whole) == 4 and not (number.grouped or number.fraction)
        if year and plain and _FIRST_YEAR <= int(whole) < _AFTER_YEARS:
            return year(int(whole))
        return in_words(number, words)
    if number.grouped and words.group:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", words.group, whole)
    elif len(whole) > _MOST_DIGITS and not number.grouped and not whole.endswith("000"):
        return say_digits(whole, words)
    if not number.fraction:
        return whole
    if words.point == "," and len(number.fraction) > _LONG_FRACTION:
        return f"{whole} {words.point_word} {say_digits(number.fraction, words)}"
    return f"{whole}{words.point}{number.fraction}"


def in_words(number: Number, words: Words, gender: str = "") -> str:
    """A number in words; one that is too long, or has a zero before it, digit by digit."""
    numerals, whole = words.numerals, number.whole or "0"
    assert numerals is not None
    long = len(whole) > (_MOST_VALUE_DIGITS if number.grouped else _MOST_DIGITS)
    if number.is_padded or (long and not (whole.endswith("000") and len(whole) <= 15)):
        said = say_digits(whole, words)
        return f"{said} {words.point_word} {_decimals(number, words)}" if number.fraction else said
    if not number.fraction:
        return numerals.cardinal(int(whole), gender)
    if numerals.decimal:
        return numerals.decimal(int(whole), number.fraction)
    said = numerals.cardinal(int(whole), "")
    return f"{said} {words.point_word} {_decimals(number, words)}"


def _decimals(number: Number, words: Words) -> str:
    digits = number.fraction
    if (
        words.numerals
        and words.numerals.pairs_after_point
        and len(digits) == 2
        and digits[0] != "0"
    ):
        return words.numerals.cardinal(int(digits), "")
    return say_digits(digits, words)


def gender_of(name: str, words: Words) -> str:
    """The gender of a noun of the tables (m, f or n), by its first word; empty for no noun."""
    first = name.partition(" ")[0]
    if not first:
        return ""
    return "f" if first in words.feminine else "n" if first in words.neuter else "m"


def noun_after(number: Number, forms: str, words: Words) -> str:
    """The form of a noun that stands after a number, of `forms` such as `metre/metres`."""
    names = forms.split("/")
    if words.plural:
        at = words.plural(int(number.whole or 0), number.fraction)
    else:
        at = 0 if is_one(number, words) else 1
    return names[min(at, len(names) - 1)]


def with_noun(number: Number, forms: str, words: Words) -> str:
    """A number and its noun, of `forms` such as `metre/metres`."""
    one = forms.partition("/")[0]
    if words.count and not number.fraction and not number.is_padded and len(number.whole) < 16:
        return words.count(int(number.whole or 0), forms, gender_of(one, words))
    return f"{counted(number, one, words)} {noun_after(number, forms, words)}"


def is_one(number: Number, words: Words) -> bool:
    """Whether a number has the singular after it."""
    return number.value == 1 or (words.singular_below_two and number.value < 2)


def say_digits(digits: str, words: Words) -> str:
    """Digits one by one, in words."""
    return " ".join(words.digits[int(digit)] for digit in digits)


def counted(number: Number, name: str, words: Words, case: str = "") -> str:
    """A number before a noun of which `name` is the singular: one and two have a gender."""
    if words.numerals:
        return in_words(number, words, f"{gender_of(name, words)} {case}".strip())
    forms = words.small.get(number.whole)
    if forms is None or number.fraction or number.grouped:
        return write_number(number, words)
    masculine, feminine = forms
    return feminine if name.partition(" ")[0] in words.feminine else masculine


def kind_of_pair(first: Number, second: Number) -> str:
    """What two numbers joined by a hyphen are: `range`, `score`, `telephone` or `code`.

    A range ascends and has no zero before a number. Three to five digits and four digits are
    telephone numbers, except for years and round amounts.
    """
    if first.fraction or second.fraction or first.grouped or second.grouped:
        return "range" if first.value < second.value else "code"
    digits, more = len(first.whole), len(second.whole)
    low, high = int(first.whole), int(second.whole)
    ascends = low < high and not first.is_padded and not second.is_padded
    if more == 4 and digits >= 3:
        years = low >= 1000 and high < 2200
        round_amounts = low % 10 == 0 and high % 100 == 0
        return "range" if ascends and (years or round_amounts) else "telephone"
    if re.fullmatch(r"7\d7", first.whole) and high % 100 == 0:
        return "code"  # an aircraft, such as the 737-800
    if ascends:
        return "range"
    if 1000 <= low < 2200 and more == 2 and high > low % 100:
        return "range"  # 1939-45
    if max(digits, more) <= 2 and not first.is_padded and not second.is_padded:
        return "score"
    return "code"


def with_plain_digits(text: str) -> str:
    """`text` with the digits and marks of all scripts as 0 to 9 with `.`, `,` and `%`."""
    text = text.translate(_ARABIC_MARKS)
    return re.sub(r"\d", lambda match: str(unicodedata.decimal(match[0])), text)


def without_digits(text: str, words: Words) -> str:
    """`text` with the numbers that no class has said in words, apart from letters beside them."""
    numerals = words.numerals
    assert numerals is not None

    def say(match: re.Match[str]) -> str:
        number = parse_number(match["number"], words.point)
        if (match["ordinal"] or match["feminine"]) and numerals.ordinal and not number.fraction:
            said = numerals.ordinal(int(number.whole), bool(match["feminine"]))
        else:
            said = write_number(number, words)
        before = match.string[match.start() - 1 : match.start()]
        after = match.string[match.end() : match.end() + 1]
        if after == "s" and said.endswith("y"):
            said = f"{said[:-1]}ie"  # the nineties
        following = match.string[match.end() : match.end() + 2]
        # die 1990er, the 80s; a letter alone is a name (1080p).
        suffix = after.islower() and (following[1:].isalpha() or after == "s")
        return f"{' ' * before.isalnum()}{said}{' ' * (after.isalnum() and not suffix)}"

    text = re.sub("[⁰¹²³⁴-⁹]", lambda match: str(unicodedata.digit(match[0])), text)
    return _LEFT.sub(say, with_plain_digits(text))

"""Reads the numbers of a text by the marks of its language, and writes them by another's.

A number has a value, so that "3.2 million" and "3,2 milhões" are equal, and so are "3:30 p.m." and
"15h30". Marks that the language does not have in this place ("$15.99" in Portuguese) are read as
the other language family writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from stslocal.text.number_marks import (
    NARROW_SPACE,
    NO_BREAK_SPACE,
    NumberMarks,
    number_marks,
)
from stslocal.text.number_words import SCALES, word_numbers
from stslocal.text.said_times import said_times
from stslocal.text.verbatim import verbatim_parts

_MARKED = r"(?<![^\W\d_])(?<!\d)\d+(?:[.,\u066b\u066c'’\u00a0\u202f]\d+)*"
_DIGITS = re.compile(_MARKED)
_SPACED_DIGITS = re.compile(rf"{_MARKED}(?: \d{{3}}(?!\d))*(?:,\d+)?")
"""The same in languages that set a space between groups of digits."""
_CLOCK = re.compile(
    r"(?<![\d:.,])([01]?\d|2[0-4])(?:(?P<mark>[:h.])([0-5]\d)|h)?(?![\d:]|[.,]\d)"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)?"
    r"(?P<words>\s(?:horas )?(?:da (?:manhã|madrugada|tarde|noite)|de la (?:mañana|tarde|noche)"
    r"|in the (?:morning|afternoon|evening)|at night)|\sUhr\b)?",
    re.IGNORECASE,
)
_BEFORE_CLOCK = re.compile(r"\b(?:klo|kl|pukul|ore|alle|kello|godz|kla)\.?\s$", re.IGNORECASE)
"""Words before a time that is written with a full stop: kl. 15.30."""
_ROMAN = re.compile(
    r"\b(?=[IVXLCDM])(?!I\b)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b"
)
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_LETTER_SCALES = {"k": 3, "K": 3, "M": 6, "B": 9, "bn": 9, "mn": 6}
_NEAR = 32
"""Characters beside a number that are looked at, at most."""
_UNSPACED = ("zh", "zh-Hant", "ja", "ko")
_NAMED = re.compile(
    r"(?:\b(?:version|versão|versión|v|ver|release|section|seção|sección|figure|figura|fig|table|"
    r"tabela|tabla|chapter|capítulo|bluetooth|usb|windows|android|ios|python)\.?\s|"
    r"\b[^\W\d]+-)$",
    re.IGNORECASE,
)
"""Before a number that is a name and has no decimal mark: a version, a section."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text, or a time of day."""

    start: int
    end: int
    """With its scale ("million") or its half of the day ("p.m.")."""
    value: Decimal
    text: str
    """The digits with their marks; empty for words."""
    whole: str = ""
    """The digits before the decimal mark, without group marks; empty for words and times."""
    fraction: str = ""
    grouped: bool = False
    scale: int = 1
    minutes: int | None = None
    """The minutes of a time of day, whose hours are `value`; None for a number."""
    half: str = ""
    """`a` or `p` for a time before or after noon; empty for one of 24 hours."""
    in_words: bool = False
    strong: bool = True
    """Whether a translation must have it: false for words with more than one meaning."""
    is_name: bool = False
    """Whether it is a version or the like, of which the marks stay as they are."""
    is_year: bool = False
    minus: str = ""
    """`mark` for a number with a minus sign, `word` for one after "minus" or its like."""


def read_numbers(text: str, language: str) -> list[Number]:
    """The numbers of a text from left to right, without those in its verbatim parts."""
    taken = [(part.start, part.end) for part in verbatim_parts(text)]
    found: list[Number] = []
    for read in (_said_times, _clock_times, _digit_numbers, _words, _romans):
        for number in read(text, language):
            if all(number.end <= start or end <= number.start for start, end in taken):
                found.append(number)
                taken.append((number.start, number.end))
    return sorted(found, key=lambda number: number.start)


def written(number: Number, language: str) -> str:
    """The number's digits by the marks of a language, without its scale."""
    if number.is_name:
        return number.text
    marks = number_marks(language)
    whole, fraction = number.whole, number.fraction
    if number.in_words:
        whole, _, fraction = f"{number.value.normalize():f}".partition(".")
    grouped = number.grouped or (number.in_words and not number.is_year and len(whole) > 4)
    head = marks.grouped(whole) if grouped else whole
    return f"{head}{marks.decimal}{fraction}" if fraction else head


def is_written_by(number: Number, language: str) -> bool:
    """Whether the digits have the marks of this language."""
    return _read(number.text, number_marks(language), strictly=True) is not None


def _said_times(text: str, language: str) -> Iterator[Number]:
    for time in said_times(text, language):
        yield Number(
            time.start, time.end, Decimal(time.hours), "", minutes=time.minutes, half=time.half,
            in_words=True,
        )  # fmt: skip


def _clock_times(text: str, language: str) -> Iterator[Number]:
    for match in _CLOCK.finditer(text):
        hours, mark, half = match[1], match["mark"], (match["half"] or "").lower()
        words = match["words"] or ""
        if language == "de":  # um 5 am Montag
            half = ""
        if words.endswith("Uhr"):
            half = ""
        elif words and not half:
            half = "a" if re.search("ma|mo", words) else "p"
        plain_h = match[0][len(hours) : len(hours) + 1].lower() == "h"
        if mark is None and not half and not plain_h and not words:
            continue
        before = text[max(match.start() - _NEAR, 0) : match.start()]
        if mark == "." and not (half or words or _BEFORE_CLOCK.search(before)):
            continue
        if half and not 1 <= int(hours) <= 12:
            half = ""
        yield Number(
            match.start(), match.end(), Decimal(int(hours)), match[0],
            minutes=int(match[3] or 0), half=half,
        )  # fmt: skip


def _digit_numbers(text: str, language: str) -> Iterator[Number]:
    marks = number_marks(language)
    spaced = marks.group in (NO_BREAK_SPACE, NARROW_SPACE)
    for match in (_SPACED_DIGITS if spaced else _DIGITS).finditer(text):
        before = text[max(match.start() - _NEAR, 0) : match.start()]
        minus = "mark" if re.search(r"(?:^|[\s(])[-−]$", before) else ""
        if not minus and re.search(r"\b(?:minus|menos|moins|meno|negativ\w*)\s$", before, re.I):
            minus = "word"
        is_name = "." in match[0] and bool(_NAMED.search(before))
        read = _read(match[0], marks, strictly=True) or _read(match[0], marks, strictly=False)
        if read is None:
            for part in re.finditer(r"\d+", match[0]):
                yield _number(match.start() + part.start(), part[0], part[0], "", minus)
            continue
        whole, fraction = read
        scale, end = _scale_after(text, match.end(), language)
        number = _number(match.start(), match[0], whole, fraction, minus)
        marks_in_it = sum(not character.isdigit() for character in match[0])
        yield replace(
            number, end=end, value=number.value * scale, scale=scale, is_name=is_name,
            grouped=marks_in_it > bool(fraction),
        )  # fmt: skip


def _number(start: int, text: str, whole: str, fraction: str, minus: str) -> Number:
    digits = f"{int_digits(whole)}.{int_digits(fraction)}" if fraction else int_digits(whole)
    value = Decimal(digits)
    return Number(start, start + len(text), value, text, whole, fraction, minus=minus)


def int_digits(digits: str) -> str:
    """Digits of any script as those of ASCII."""
    return "".join(str(int(digit)) for digit in digits)


def _read(text: str, marks: NumberMarks, *, strictly: bool) -> tuple[str, str] | None:
    """The whole digits and the decimal digits of a number; None when its marks make no sense.

    `strictly` takes the marks of the language, else also those of others.
    """
    decimal, group = marks.decimal, marks.group
    spaces = " \u00a0\u202f"
    groups = spaces if group in spaces else group
    if not strictly:
        decimal, groups = (".", ",'’" + spaces) if decimal == "," else (",", ".'’" + spaces)
    of_group = f"[{re.escape(groups)}\u066c'’]"
    shape = re.compile(
        rf"(?P<whole>\d+|\d{{1,3}}(?:{of_group}\d{{3}})+|\d{{1,2}}(?:{of_group}\d\d)+{of_group}\d{{3}})"
        rf"(?:[{re.escape(decimal)}\u066b](?P<fraction>\d+))?"
    )
    match = shape.fullmatch(text)
    if match is None:
        return None
    return int_digits(re.sub(r"\D", "", match["whole"])), int_digits(match["fraction"] or "")


def _scale_after(text: str, at: int, language: str) -> tuple[int, int]:
    """What the words after a number multiply it by, and where they end."""
    letter = re.match(r"(k|K|M|B|bn|mn)(?![\w/])", text[at:])
    if letter and re.search(r"[$€£¥]\s?[\d.,]*$", text[max(at - _NEAR, 0) : at]):
        return 10 ** _LETTER_SCALES[letter[1]], at + letter.end()
    scale, end = 1, at
    text = text[: at + 2 * _NEAR]
    rest = text[at:].lower()
    words = SCALES.get(language, {})
    while word := _scale_word(rest.lstrip(" -\u00a0"), words, language):
        scale *= words[word]
        end = len(text) - len(rest.lstrip(" -\u00a0")) + len(word)
        rest = text[end:].lower()
    return scale, end


def _scale_word(text: str, words: Mapping[str, int], language: str) -> str:
    """The longest of `words` that the text begins with, as a whole word where words have ends."""
    fitting = [
        word
        for word in words
        if text.startswith(word)
        and (language in _UNSPACED or not text[len(word) : len(word) + 1].isalpha())
    ]
    return max(fitting, key=len, default="")


def _words(text: str, language: str) -> Iterator[Number]:
    for word in word_numbers(text, language):
        yield Number(
            word.start, word.end, word.value, "", in_words=True, strong=word.strong,
            is_year=word.is_year,
        )  # fmt: skip


def _romans(text: str, language: str) -> Iterator[Number]:
    for match in _ROMAN.finditer(text):
        if not match[0]:
            continue
        digits = [_ROMAN_DIGITS[letter] for letter in match[0]]
        following = [*digits[1:], 0]
        value = sum(-a if a < b else a for a, b in zip(digits, following, strict=True))
        yield Number(match.start(), match.end(), Decimal(value), "", in_words=True, strong=False)

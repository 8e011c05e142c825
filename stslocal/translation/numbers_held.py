"""Compares the numbers of a translation with those of its source, by value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from stslocal.text.number_words import SCALES, reads_words
from stslocal.text.numbers import Number, read_numbers

_LEAST_STRONG = 13
"""A smaller number may stand as a word in a language whose words are not read."""

_CHINESE_NUMBER = re.compile("[一二三四五六七八九十百千万萬亿億两兩]{2,}")


@dataclass(frozen=True, slots=True)
class Texts:
    """A source and its translation."""

    source: str
    translation: str
    source_language: str
    target_language: str


@dataclass(frozen=True, slots=True)
class Held:
    """The numbers of a source beside those of its translation."""

    pairs: tuple[tuple[Number, Number], ...]
    missing: tuple[Number, ...]
    """Numbers of the source that the translation has not."""
    extra: tuple[Number, ...]
    """Numbers of the translation that the source has not."""


def hold(texts: Texts) -> Held:
    """Compare the numbers of a translation with its source's by value."""
    ours = read_numbers(texts.source, texts.source_language)
    theirs = read_numbers(texts.translation, texts.target_language)
    by_scale = texts.source_language in SCALES and texts.target_language in SCALES
    pairs: list[tuple[Number, Number]] = []
    for one_sure, other_sure in ((True, True), (True, False), (False, True), (False, False)):
        for number in [n for n in ours if n.strong is one_sure]:
            same = [n for n in theirs if n.strong is other_sure and _equal(number, n, by_scale)]
            if same:
                pairs.append((number, same[0]))
                ours.remove(number)
                theirs.remove(same[0])
    ours = [number for number in ours if not _is_said_time(number, theirs)]
    theirs = [number for number in theirs if number.strong and not _is_said_time(number, ours)]
    ours = [number for number in ours if number.strong]
    if not reads_words(texts.target_language) and not theirs:
        ours = [number for number in ours if not _may_be_words(number, texts.translation)]
    if not reads_words(texts.source_language) and not ours:
        theirs = [number for number in theirs if not _may_be_words(number, texts.source)]
    return Held(tuple(pairs), tuple(ours), tuple(theirs))


def same_digits(one: Number, other: Number) -> bool:
    """Whether only marks and zeros differ."""
    if one.minutes is not None and other.minutes is not None:
        return one.minutes == other.minutes and _hour(one, 12) == _hour(other, 12)
    if one.minutes is not None or other.minutes is not None or not other.text:
        return False
    mine, theirs = (_digits(number) for number in (one, other))
    return mine != "" and mine == theirs


def _equal(one: Number, other: Number, by_scale: bool) -> bool:
    if one.minutes is not None or other.minutes is not None:
        return _same_time(one, other)
    if (
        one.text
        and one.text == other.text
        and one.scale == other.scale
        and (one.is_name or other.is_name)
    ):
        return True
    if one.is_name and other.text:
        return False
    if (
        one.text
        and other.text
        and "mark" in (one.minus, other.minus)
        and (not one.minus or not other.minus)
    ):
        return False
    if one.value == other.value or _same_decade(one.value, other.value):
        return True
    return not by_scale and one.value / one.scale == other.value / other.scale


def _same_decade(one: Decimal, other: Decimal) -> bool:
    """Whether both mean the same ten years, as 1990 and 90 do."""
    low, high = sorted((one, other))
    return 10 <= low < 100 and low % 10 == 0 and 1100 <= high < 2100 and high % 100 == low


def _same_time(one: Number, other: Number) -> bool:
    """Whether two times are the same, or a time and a number that is its hours."""
    if one.minutes is None or other.minutes is None:
        time, number = (other, one) if one.minutes is None else (one, other)
        if time.minutes:
            return number.value == time.value + Decimal(time.minutes) / 60
    elif one.minutes != other.minutes:
        return False
    if one.half and other.half:
        return one.half == other.half and _hour(one, 12) == _hour(other, 12)
    if one.half or other.half:
        of_half, of_day = (one, other) if one.half else (other, one)
        return _hour(of_half, 12) + 12 * (of_half.half == "p") == _hour(of_day, 24)
    return one.value == other.value or (
        (one.in_words or other.in_words) and _hour(one, 12) == _hour(other, 12)
    )


def _hour(number: Number, hours: int) -> Decimal:
    """The number on a dial of so many hours; itself where it is no hour."""
    return number.value % hours if number.value <= 24 else number.value


def _is_said_time(time: Number, unmatched: list[Number]) -> bool:
    """Whether the other text says a time in two words: three thirty, meia hora depois das três.

    Takes the words that say it from `unmatched`.
    """
    if time.minutes is None:
        return False
    words = [number for number in unmatched if number.in_words]
    if any(number.value in (Decimal("0.5"), Decimal("0.25")) for number in words):
        return True
    hours = [n for n in words if _hour(n, 12) == _hour(time, 12)]
    minutes = [n for n in words if n.value == time.minutes]
    if not hours or not (minutes or not time.minutes):
        return False
    for number in (hours[0], *minutes[:1]):
        unmatched.remove(number)
    return True


def _may_be_words(number: Number, text: str) -> bool:
    """Whether a text in a language whose words are not read here may have this number in words."""
    digits = f"{number.value.normalize():f}".rstrip("0")
    is_plain = number.value < _LEAST_STRONG or len(digits) <= 1
    return is_plain or bool(_CHINESE_NUMBER.search(text))


def _digits(number: Number) -> str:
    return f"{number.value / number.scale:f}".replace(".", "").strip("0")

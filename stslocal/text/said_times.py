"""Reads times of day that are said in words: half past nine, a quarter to six, nove e meia."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stslocal.text.number_words import word_numbers

_HOURS = {
    "en": "one two three four five six seven eight nine ten eleven twelve".split(),
    "pt": "uma duas três quatro cinco seis sete oito nove dez onze doze".split(),
}
_ANY = r"(?<![:.,\d])(?P<hour>{hours}|\d{{1,2}})"
_FEW = "five|ten|twenty|twenty[- ]five"
_SOON = r"(?<=\bat )|(?<=\bis )|(?<=\bit's )|(?<=\bby )|(?<=\buntil )|(?<=\bbefore )"
"""Words before a time that begins with minutes: at five to ten, not five to ten people."""
_PATTERNS = {
    "en": (
        rf"\b(?P<minutes>half|a quarter|quarter|{_FEW}) (?P<way>past) {_ANY}\b(?![-\w])",
        rf"\b(?P<minutes>a quarter|quarter) (?P<way>after|to|till) {_ANY}\b(?![-\w])",
        rf"(?:{_SOON})(?P<minutes>{_FEW}) (?P<way>after|to|till) {_ANY}\b(?![-\w])",
        rf"\b{_ANY}\s(?P<clock>o'clock|[ap]\.m\.|[ap]m\b)",
    ),
    "pt": (
        rf"\b(?P<minutes>cinco|dez|quinze|vinte|um quarto) (?P<way>para) (?:as|a|o) {_ANY}\b"
        r"(?=\s*(?:[.,;:!?]|$|da\b|em\b))",
        rf"(?<=\bàs ){_ANY} e (?P<minutes>meia|quinze|dez|vinte)\b(?! e)",
    ),
}
_HALVES = {"half": 30, "meia": 30, "quarter": 15, "a quarter": 15, "um quarto": 15}


@dataclass(frozen=True, slots=True)
class SaidTime:
    """A time of day in words."""

    start: int
    end: int
    hours: int
    minutes: int
    half: str
    """`a` or `p` for a time before or after noon; empty when that is not said."""


def said_times(text: str, language: str) -> Iterator[SaidTime]:
    """The times of a text that are said in words; none in languages that are not read here."""
    hours = _HOURS.get(language, [])
    for pattern in _PATTERNS.get(language, ()):
        full = pattern.format(hours="|".join(hours))
        for match in re.finditer(full, text, re.IGNORECASE):
            found = match.groupdict()
            hour = _value(found["hour"], language)
            minutes = _value(found.get("minutes") or "", language)
            if not 1 <= hour <= 24:
                continue
            if found.get("way") in ("to", "till", "para"):
                hour, minutes = (hour - 1 or 12), 60 - minutes
            clock = (found.get("clock") or "")[:1].lower()
            half = clock if clock in "ap" else ""
            yield SaidTime(match.start(), match.end(), hour, minutes, half)


def _value(words: str, language: str) -> int:
    if not words or words.isdigit():
        return int(words or 0)
    if words.lower() in _HALVES:
        return _HALVES[words.lower()]
    return int(sum(number.value for number in word_numbers(words, language)))

"""Writes numbers in Hindi words, because Coqui's number reader fails at a digit in Hindi."""

from __future__ import annotations

import re

_BELOW_100 = (
    "शून्य एक दो तीन चार पाँच छह सात आठ नौ "
    "दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस "
    "बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस "
    "तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस "
    "चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास "
    "पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ "
    "साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर "
    "सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उन्यासी "
    "अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी "
    "नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे"
).split()
_SCALES = ((10**7, "करोड़"), (10**5, "लाख"), (10**3, "हज़ार"), (100, "सौ"))
_POINT = "दशमलव"
_MOST_DIGITS = 12
"""A longer number is read digit by digit, like a number that begins with a zero."""
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?")


def numbers_in_words(text: str) -> str:
    """Write the numbers of `text`, in Western or Devanagari digits, in words."""
    return _NUMBER.sub(_number_words, re.sub(r"(?<=\d),(?=\d)", "", text))


def _number_words(match: re.Match[str]) -> str:
    whole, fraction = match.groups()
    by_digits = len(whole) > _MOST_DIGITS or (len(whole) > 1 and int(whole[0]) == 0)
    words = _digits(whole) if by_digits else _words(int(whole))
    return f"{words} {_POINT} {_digits(fraction)}" if fraction else words


def _digits(digits: str) -> str:
    return " ".join(_BELOW_100[int(digit)] for digit in digits)


def _words(number: int) -> str:
    if number < 100:
        return _BELOW_100[number]
    for size, name in _SCALES:
        if number >= size:
            count, rest = divmod(number, size)
            words = f"{_words(count)} {name}"
            return f"{words} {_words(rest)}" if rest else words
    raise AssertionError(number)

"""Roman numerals, ordinals, abbreviations and initials: tokens that their neighbours explain."""

from __future__ import annotations

import re

from stslocal.text.spoken.languages.rulers import SAINTS
from stslocal.text.spoken.tokens import (
    TokenClass,
    alternatives,
    begins_sentence,
    stop_after,
    token_class,
    word_after,
    word_before,
    words_before,
)
from stslocal.text.spoken.words import RomanNumeral, Words

_ROMAN = r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_PREPOSITION = 2
"""Letters of a short word: what is before it is an angle ("45° di")."""
_ANGLES = frozenset("celsius fahrenheit norte nord sur sul sud este leste est oeste ovest".split())
"""Words after degrees, besides those that begin like `centígrados`."""


def roman_classes(words: Words) -> list[TokenClass]:
    """The class of Roman numerals, and of capitals that espeak-ng would take for one."""

    def say(match: re.Match[str]) -> str | None:
        letters, suffix = match[1], match[2] or ""
        sentence = re.split(r"[.!?…]\s", words_before(match))[-1]
        before = tuple(re.findall(r"[\w'-]+", sentence))
        numeral = RomanNumeral(letters, roman_value(letters), suffix, before, word_after(match))
        said = words.roman(numeral)
        if said is not None:
            ends = suffix == "." and not match.string[match.end() :].strip("\"') ")
            return f"{said}." if ends else said
        if len(letters) == 1 or suffix:
            return None
        return letters.lower() if letters in words.pronounced else " ".join(letters)

    return [token_class(rf"({_ROMAN})({words.roman_suffixes})?", say)]


def roman_value(letters: str) -> int:
    """The value of a Roman numeral."""
    values = [_VALUES[letter] for letter in letters]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )


def ordinal_classes(words: Words) -> list[TokenClass]:
    """The class of ordinals in digits that espeak-ng does not read."""
    masculine, feminine = words.ordinal_signs
    if not masculine:
        return []

    def say(match: re.Match[str]) -> str:
        return words.ordinal(int(match[1]), match[3] is not None)

    return [token_class(rf"(\d{{1,3}})(?:({masculine})|({feminine}))", say)]


def dotted_ordinal_classes(words: Words) -> list[TokenClass]:
    """The class of ordinals that are written with a full stop: der 3. Platz."""
    dotted = words.dotted_ordinal
    if dotted is None:
        return []

    def say(match: re.Match[str]) -> str | None:
        after = word_after(match)
        sentence = re.split(r"[.!?…]\s", words_before(match))[-1]
        before = tuple(word.lower() for word in re.findall(r"[\w'-]+", sentence)[-2:])
        return dotted(int(match[1]), before, after) if after.isalpha() else None

    return [token_class(r"(\d{1,3})\.", say)]


def degree_ordinal_classes(words: Words) -> list[TokenClass]:
    """The class of ordinals that are written with the degree sign: 1° piano."""

    def say(match: re.Match[str]) -> str | None:
        after = word_after(match)
        angle = after.lower() in _ANGLES or after.lower().startswith(("cent", "grad", "grau"))
        if len(after) <= _PREPOSITION or not after.isalpha() or angle:
            return None
        return words.ordinal(int(match[1]), False)

    return [token_class(r"(\d{1,3})°", say)] if words.ordinal_signs[0] else []


def abbreviation_classes(words: Words) -> list[TokenClass]:
    """The classes of abbreviations and of initials with full stops."""

    def say(match: re.Match[str]) -> str | None:
        short = match[0]
        following = match.string[match.end() :].lstrip()
        if short in words.numbered and not re.match(r"\d|[IVX]{2,}\b", following):
            return None
        if re.fullmatch(r"[A-Z]\.", short) and not _is_before_name(match, following):
            return None
        said = words.abbreviations[short]
        stop = "." if short.endswith(".") and not following.strip("\"')") else ""
        if short in words.closing:
            stop = stop_after(match, capital_nouns=words.capital_nouns)
        if short in words.after_names and _is_after_name(match, following, words):
            said, stop = words.after_names[short], stop_after(match)
        return said + stop

    def initials(match: re.Match[str]) -> str:
        letters = match[0].replace(".", "")
        # espeak-ng reads a lone A as the article.
        said = letters if "A" in letters[:-1] else " ".join(letters)
        stop = "." if not match.string[match.end() :].strip("\"') ") else ""
        return said + stop

    return [
        token_class(alternatives(words.abbreviations), say),
        token_class(r"(?:[A-Z]\.){2,}", initials),
    ]


def _is_before_name(match: re.Match[str], following: str) -> bool:
    """Whether one letter and a full stop are a title or a street, and no initial of a name."""
    before = words_before(match).split()
    initial = bool(before) and re.fullmatch(r"\W*[A-Z]\.", before[-1]) is not None
    named = word_before(match)[:1].isupper() and not begins_sentence(match)
    return following[:1].isupper() and not initial and not named


def _is_after_name(match: re.Match[str], following: str, words: Words) -> bool:
    before = word_before(match)
    if not before or before in words.before_names:
        return False
    named = before[:1].isupper() or before[:1].isdigit()
    if following[:1].isupper():
        saint = match[0] == "St." and re.split(r"[^\w]", following)[0] in SAINTS
        return named and not saint and not begins_sentence(match)
    return True

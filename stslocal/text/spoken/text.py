"""Writes text as it is spoken: amounts, times, codes, numerals and abbreviations in words.

espeak-ng reads cardinal numbers, years and words by itself. All other tokens are classified
first, as a whole and by what stands around them, and then said in the words of the language.
A language without words here, and a token of no class, goes through unchanged.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from unicodedata import normalize

from stslocal.text.spoken.amounts import amount_classes
from stslocal.text.spoken.cardinals import germanic, romance
from stslocal.text.spoken.cardinals.hindi import hindi, hindi_year
from stslocal.text.spoken.codes import address_classes, code_classes, telephone_classes
from stslocal.text.spoken.fractions import fraction_classes, written_out
from stslocal.text.spoken.languages.arabic import ARABIC
from stslocal.text.spoken.languages.chinese import CHINESE, TRADITIONAL_CHINESE
from stslocal.text.spoken.languages.czech import CZECH
from stslocal.text.spoken.languages.dutch import DUTCH
from stslocal.text.spoken.languages.english import AMERICAN, BRITISH
from stslocal.text.spoken.languages.french import FRENCH
from stslocal.text.spoken.languages.german import GERMAN
from stslocal.text.spoken.languages.hindi import HINDI
from stslocal.text.spoken.languages.hungarian import HUNGARIAN
from stslocal.text.spoken.languages.italian import ITALIAN
from stslocal.text.spoken.languages.japanese import JAPANESE
from stslocal.text.spoken.languages.korean import KOREAN
from stslocal.text.spoken.languages.polish import POLISH
from stslocal.text.spoken.languages.portuguese import PORTUGUESE
from stslocal.text.spoken.languages.russian import RUSSIAN
from stslocal.text.spoken.languages.spanish import SPANISH
from stslocal.text.spoken.languages.turkish import TURKISH
from stslocal.text.spoken.names import (
    abbreviation_classes,
    degree_ordinal_classes,
    dotted_ordinal_classes,
    ordinal_classes,
    roman_classes,
)
from stslocal.text.spoken.numbers import with_plain_digits, without_digits
from stslocal.text.spoken.sizes import size_classes
from stslocal.text.spoken.symbols import (
    sum_classes,
    symbol_classes,
    without_codes,
    without_foreign_script,
    without_pictures,
    without_styles,
)
from stslocal.text.spoken.times import date_classes, time_classes
from stslocal.text.spoken.tokens import TokenClass, said, token_class
from stslocal.text.spoken.unspaced import unspaced_text
from stslocal.text.spoken.words import Numerals, Words

WORDS = {
    "ar": ARABIC,
    "cs": CZECH,
    "de": GERMAN,
    "en": AMERICAN,
    "en-gb": BRITISH,
    "es": SPANISH,
    "fr": FRENCH,
    "hi": HINDI,
    "hu": HUNGARIAN,
    "it": ITALIAN,
    "nl": DUTCH,
    "pl": POLISH,
    "pt": PORTUGUESE,
    "ru": RUSSIAN,
    "tr": TURKISH,
}
"""The words by language, and by dialect where one differs."""
UNSPACED = {
    "ja": JAPANESE,
    "ko": KOREAN,
    "zh": CHINESE,
    "zh-Hant": TRADITIONAL_CHINESE,
}
"""The words of languages that set no space around a number."""
NUMERALS = {
    "en": Numerals(
        cardinal=germanic.english,
        year=germanic.english_year,
        ordinal=lambda number, _: germanic.english_ordinal(number),
    ),
    "es": Numerals(
        cardinal=romance.spanish,
        ordinal=romance.spanish_ordinal,
        pairs_after_point=True,
    ),
    "fr": Numerals(cardinal=romance.french, pairs_after_point=True),
    "hi": Numerals(cardinal=hindi, year=hindi_year),
    "it": Numerals(
        cardinal=romance.italian, ordinal=romance.italian_ordinal, pairs_after_point=True
    ),
    "pt": Numerals(
        cardinal=romance.portuguese, ordinal=romance.portuguese_ordinal, pairs_after_point=True
    ),
}
NUMERALS["en-gb"] = NUMERALS["en"]
"""How numbers are said in words, in the languages of which espeak-ng reads digits."""

_MARKS = str.maketrans(
    {
        "‘": "'", "’": "'", "ʼ": "'", "′": "'", "«": '"', "»": '"', "„": '"', "“": '"',
        "”": '"', "″": '"', "‹": "'", "›": "'", "–": "—", "―": "—", "−": "-", "‐": "-",
        "‑": "-", "•": ",", "\t": " ", "\u00a0": " ", "\u202f": " ", "№": "nº ",
        "。": ". ", "，": ", ", "、": ", ", "！": "! ", "？": "? ", "：": ": ", "；": "; ",
        "।": ". ", "¿": " ", "¡": " ", "[": "(", "]": ")", "{": "(", "}": ")", "|": ", ",
    }
)  # fmt: skip
_LEFT_OUT = str.maketrans("*_~\\", "    ")
"""Signs that belong to tokens such as addresses, and are nothing elsewhere."""
_EMPHASIS = re.compile(r"(?<!\w)(?:[*_`]+|~~+)(?=\w)|(?<=\w)(?:[*_`]+|~~+)(?!\w)")
"""Marks around words in text for the screen: *so* and ~~so~~."""
_APART = (
    (re.compile(r"(?<=\d)—(?=[\d$€£])"), "-"),
    (re.compile(r"(?<=\d)\.(?=[ºª])"), ""),
    (re.compile(r"(?<=\d) ?\* ?(?=\d)"), "×"),
    (re.compile(r"(?<!\w)([وفبلك])(?=\d)"), r"\1 "),
    (re.compile(r"(?<=[§№])(?=\d)|(?<=\b[nN][º°])(?=\d)|(?<=\b[nN]o\.)(?=\d)"), " "),
    (re.compile(r"(?<=\d)[⁰¹²³⁴-⁹]+"), lambda match: "^" + normalize("NFKC", match[0])),
)
"""What is written together or apart before tokens are looked for."""


def spoken_text(text: str, language: str, *, digits: bool = False) -> str:
    """Write out the parts of `text` that are not words, in one line with single spaces.

    `language` is a code, or a dialect of `WORDS`. `digits` keeps numbers in digits where espeak-ng
    reads those of the language by itself; without it, no digit is left in a language that has
    words here. Emoji and words of a foreign script are left out. Punctuation becomes ASCII, …
    and —.
    """
    text = without_codes(normalize("NFC", text)).replace("...", "…")
    text = re.sub(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}\b)", "", text)
    text = _EMPHASIS.sub("", text.translate(_MARKS))
    text = re.sub(r"\s+-+\s+|--+", " — ", text)
    if words := _words(language, digits):
        if words.numerals:
            text = with_plain_digits(text)
        text = without_foreign_script(written_out(without_styles(text)), words.scripts)
        for pattern, replacement in _APART:
            text = pattern.sub(replacement, text)
        text = said(" ".join(text.split()), _classes(words))
        if words.numerals:
            text = without_digits(text, words)
    elif unspaced := UNSPACED.get(language):
        text = with_plain_digits(written_out(without_styles(text)))
        text = unspaced_text(" ".join(text.split()), unspaced)
    else:
        text = re.sub(r"https?://(www\.)?|www\.", "", text.replace("½", " 1/2"))
    text = without_pictures(text.translate(_LEFT_OUT))
    text = re.sub(r"\s+([,.!?])(?=\s|$)", r"\1", re.sub(r"([!?]){2,}", r"\1", text))
    text = re.sub(r"(?<=[^\W\d_])/(?=[^\W\d_])", " ", text)
    return re.sub(r"^(?:[-,—] +)+", "", " ".join(text.split()))


@cache
def _words(language: str, digits: bool) -> Words | None:
    """The words of a language, with its numbers in words if it has no digits to keep."""
    words = WORDS.get(language)
    if words is None or words.numerals or digits or language not in NUMERALS:
        return words
    return replace(words, numerals=NUMERALS[language])


@cache
def _classes(words: Words) -> tuple[TokenClass, ...]:
    """The classes of a language; the earlier ones are the more particular."""
    return (
        *address_classes(words),
        *(token_class(pattern, say) for pattern, say in words.own),
        *date_classes(words),
        *sum_classes(words),
        *telephone_classes(words),
        *time_classes(words),
        *fraction_classes(words),
        *degree_ordinal_classes(words),
        *dotted_ordinal_classes(words),
        *size_classes(words),
        *amount_classes(words),
        *code_classes(words),
        *ordinal_classes(words),
        *roman_classes(words),
        *abbreviation_classes(words),
        *symbol_classes(words),
    )

"""What a language must give so that its text can be said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stslocal.text.spoken.cases import Cases

Forms = Mapping[str, str]
"""By sign: the noun after one and after several, as `metre/metres`; more forms, or one, where a
language has them (see `Words.plural`)."""


@dataclass(frozen=True, slots=True)
class RomanNumeral:
    """A numeral and what stands around it."""

    letters: str
    value: int
    suffix: str
    """What is joined to it (French: XIXe); empty in other languages."""
    before: tuple[str, ...]
    """The words before it in its sentence, without marks."""
    after: str
    """The word after it; empty before a mark or at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numerals:
    """How a language says numbers in words."""

    cardinal: Callable[[int, str], str]
    """A number below 10**15: alone (empty), or before a masculine, feminine or neuter noun (m, f,
    n), where one and two have other forms; with a case behind it in a language with `Words.cases`
    (`f genitive`)."""
    year: Callable[[int], str] | None = None
    """A year from 1100 to 2099, where it is not said as a number."""
    ordinal: Callable[[int, bool], str] | None = None
    """An ordinal number; the flag asks for the feminine. None: ordinals have no digits."""
    pairs_after_point: bool = False
    """Whether two decimals are said as one number: three comma fourteen."""
    decimal: Callable[[int, str], str] | None = None
    """The digits before and after the decimal mark, where more than the mark is said."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # so that it can be a key
class Words:
    """The words and habits of one language."""

    point: str
    """The decimal mark."""
    group: str
    """The mark between thousands; empty where espeak-ng reads them better without."""
    spaced_groups: bool = False
    """Whether thousands may be separated by spaces."""
    digits: tuple[str, ...]
    """The words for 0 to 9."""
    numerals: Numerals | None = None
    """None: numbers stay in digits, as espeak-ng reads them."""
    small: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Numbers that have a masculine and a feminine form before a noun."""
    feminine: frozenset[str] = frozenset()
    """First words of the feminine nouns of the tables."""
    neuter: frozenset[str] = frozenset()
    gender_before: Callable[[int, str, str], str] | None = None
    """The gender (m, f, n or none) of a number by the words before and after it, as far as the
    ending shows; with a case behind it where that is shown too."""
    cases: Cases | None = None
    """Which case a number stands in, where the words around it say so."""
    plural: Callable[[int, str], int] | None = None
    """Which form of a noun stands after a number, given its digits before and after the decimal
    mark. None: the first after one, else the second."""
    count: Callable[[int, str, str], str] | None = None
    """A whole number with its noun, of its forms and its gender, where the noun may say the number
    (Arabic); None: the noun follows the number."""
    after_scale: int = 1
    """Which form of a noun stands after a word such as million."""
    after_fraction: int = 0
    """Which form of a noun stands after a fraction."""
    point_word: str
    dot: str
    """The full stop in an address or a version."""
    to: str
    """Between the ends of a range."""
    ratio: str = ""
    """Between the numbers of a score or of a ratio, where it is not `to`."""
    by: str
    """Between the sides of an area."""
    times: str
    """Between factors, and after a factor alone."""
    of: Callable[[str], str]
    """The word `of` and a noun, for money after a scale."""

    units: Forms
    money: Forms
    """With the nouns for hundredths after a bar: `dollar/dollars|cent/cents`."""
    cents: str
    """Between an amount and its hundredths."""
    height_joint: str
    """Between feet and inches."""
    scales: Forms
    """Words for large numbers, and their short forms."""
    bare_scales: frozenset[str]
    """Short forms of scales that need no money beside them."""
    counted_scales: frozenset[str] = frozenset()
    """Scales that are nouns: `of` stands after them."""
    percent: str
    per: str
    """Between a unit and another by which it is divided ("5 mg/ml")."""
    articles: frozenset[str] = frozenset()
    """After these words, an amount before a noun is in the singular ("a 5 metre gap")."""
    singular_below_two: bool = False
    """Whether 1.5 takes the singular."""

    and_: str
    """Between a whole number and a fraction."""
    half: str
    """The fraction 1/2."""
    mixed_half: str
    """One half after a whole number."""
    fraction: Callable[[int, int], str | None]
    """A numerator and a denominator above 2 in words, if they are said so."""
    part_of: Callable[[str], str]
    """The word `of` between a fraction and a unit, with the unit."""
    half_of: Callable[[str], str]
    """One half of a unit."""

    halved: Callable[[str, bool], tuple[str, str] | None] | None = None
    """One half before a noun that is no unit, or behind one with a number: see `halves.py`."""

    months: tuple[str, ...]
    month_abbreviations: Mapping[str, int] = field(default_factory=dict)
    day_first: bool
    """Whether 12/05 is a day of May."""
    date_contexts: frozenset[str] = frozenset()
    """Words after which 3/4 is a date."""
    date: Callable[[int, str, str, str], str]
    """A day, the name of a month, a year that may be empty, and the word before them."""
    date_tail: str = ""
    """A pattern of what may follow a date and is said by it."""
    dotted_dates: bool = False
    """Whether 3.5. is a day of May."""
    clock: Callable[[int, int, str], str]
    """Hours and minutes, and the word before them."""
    clock_noun: str = ""
    """A word after which 17.30 or 17 is a time; `clock` says it."""
    clock_contexts: frozenset[str] = frozenset()
    """Words after which 17.30 is a time."""
    clock_tail: str = ""
    """A pattern of what may follow the digits and is said by `clock`."""
    bare_hours: bool = False
    """Whether 17h is a time and not a duration."""
    half_days: tuple[str, str]
    """After an hour before noon, and after noon."""

    half_day_drops: str = "(?!)"
    """A pattern of what is left out of the clock before it."""

    ordinal: Callable[[int, bool], str]
    """An ordinal number, as espeak-ng reads it; the flag asks for the feminine."""
    ordinal_signs: tuple[str, str]
    """What may follow the digits of an ordinal: patterns of the masculine and the feminine.
    Empty where espeak-ng reads ordinals as they are written."""
    dotted_ordinal: Callable[[int, tuple[str, ...], str], str | None] | None = None
    """The words for an ordinal that is written with a full stop ("3."), by the words before it and
    the word after it, or None where it is a number at the end of a sentence."""
    roman: Callable[[RomanNumeral], str | None]
    """The words for a Roman numeral, or None where the letters are none."""
    pronounced: frozenset[str] = frozenset({"MIX"})
    """Words in capitals that could be Roman numerals."""
    roman_suffixes: str = "(?!)"
    """A pattern of what may be joined to a Roman numeral."""
    own: tuple[tuple[str, Callable[[re.Match[str]], str | None]], ...] = ()
    """Patterns of tokens that only this language has, with what says them; they come first."""
    call_words: frozenset[str]
    """Words after which digits are a telephone number."""
    telephone_pairs: bool = False
    """Whether a telephone number is said in numbers of two digits."""
    code_words: frozenset[str]
    """Words after which digits are said one by one."""
    symbols: Mapping[str, str]
    """Words for signs: & + = @ # % and so on."""
    capital_nouns: bool = False
    """Whether nouns begin with a capital, so that a capital begins no sentence."""
    scripts: tuple[str, ...] = ("LATIN",)
    """The scripts of its text, as Unicode names them."""
    dash: str
    """The hyphen in an address."""
    underscore: str
    slash: str
    abbreviations: Mapping[str, str]
    """By how they are written, with the full stop."""
    numbered: frozenset[str] = frozenset()
    """Abbreviations that are said only where a number follows ("No.")."""
    after_names: Mapping[str, str] = field(default_factory=dict)
    """What an abbreviation is after a name and not before one (St.: Street)."""
    closing: frozenset[str] = frozenset()
    """Abbreviations after which a sentence can end."""
    before_names: frozenset[str] = frozenset()
    """Words that begin a name and have an abbreviation after them (Mount St. Helens)."""

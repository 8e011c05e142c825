"""What a language must give so that its text can be said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Forms = Mapping[str, str]
"""By sign: the noun after one and after several, as `metre/metres`."""


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
    small: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Numbers that have a masculine and a feminine form before a noun."""
    feminine: frozenset[str] = frozenset()
    """First words of the feminine nouns of the tables."""
    point_word: str
    dot: str
    """The full stop in an address or a version."""
    to: str
    """Between the ends of a range, the numbers of a score or of a ratio."""
    by: str
    """Between the sides of an area."""
    times: str
    """Between factors, and after a factor alone."""
    of: Callable[[str], str]
    """The word `of` and a noun, for money after a scale."""

    units: Forms
    money: Forms
    """Also the nouns for hundredths: `dollar/dollars/cent/cents`."""
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

    months: tuple[str, ...]
    month_abbreviations: Mapping[str, int] = field(default_factory=dict)
    day_first: bool
    """Whether 12/05 is a day of May."""
    date_contexts: frozenset[str] = frozenset()
    """Words after which 3/4 is a date."""
    date: Callable[[int, str, str], str]
    """A day, the name of a month, and a year that may be empty."""
    clock: Callable[[int, int], str]
    """Hours and minutes."""
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
    roman: Callable[[RomanNumeral], str | None]
    """The words for a Roman numeral, or None where the letters are none."""
    pronounced: frozenset[str] = frozenset({"MIX"})
    """Words in capitals that could be Roman numerals."""
    roman_suffixes: str = "(?!)"
    """A pattern of what may be joined to a Roman numeral."""
    call_words: frozenset[str]
    """Words after which digits are a telephone number."""
    telephone_pairs: bool = False
    """Whether a telephone number is said in numbers of two digits."""
    code_words: frozenset[str]
    """Words after which digits are said one by one."""
    symbols: Mapping[str, str]
    """Words for signs: & + = @ # % and so on."""
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

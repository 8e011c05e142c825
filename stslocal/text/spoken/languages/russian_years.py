"""Years and centuries of Russian, in the case of their noun."""

from __future__ import annotations

import re

from stslocal.text.spoken.cardinals.slavic import russian_ordinal
from stslocal.text.spoken.names import roman_value
from stslocal.text.spoken.tokens import stop_after, word_before

_YEARS = {
    "год": "m", "года": "genitive", "г.": "genitive", "году": "locative", "годом": "instrumental",
    "годы": "plural", "годов": "plural genitive", "гг.": "plural",
}  # fmt: skip
_TWO_YEARS = {
    "годами": "instrumental", "годах": "locative", "годов": "genitive", "годам": "dative",
}  # fmt: skip
YEAR_NOUNS = "|".join(map(re.escape, sorted(_YEARS, key=len, reverse=True)))


def two_years(match: re.Match[str]) -> str:
    """Между 1990 и 1995 годами: both years in the case of their noun."""
    case = _TWO_YEARS[match[3]]
    first, second = (russian_ordinal(int(year), case) for year in match.group(1, 2))
    return f"{first} и {second} {match[3]}"


def span_of_years(match: re.Match[str]) -> str:
    """В 1941-1945 гг.: both years in the case of their noun."""
    inside = match.string[: match.start()].lower().endswith(("в ", "во "))
    noun = ("годах" if inside else "годов") if match[3] == "гг." else match[3]
    case = {"годах": "locative", "годов": "genitive", "годы": "m"}[noun]
    first, last = (russian_ordinal(int(year), case) for year in match.group(1, 2))
    return f"{first} — {last} {noun}{stop_after(match)}"


def with_year(match: re.Match[str]) -> str:
    """1945 год, в 1945 г.: a year with its noun."""
    noun = {"г.": "года", "гг.": "годы"}.get(match[2], match[2])
    case = _YEARS[match[2]]
    before = match.string[: match.start()].split()[-1:]
    if match[2] == "году" and before and before[0].lower() in ("к", "ко"):
        case = "dative"
    if match[2] == "г." and match.string[: match.start()].endswith((" в ", "В ")):
        noun, case = "году", "locative"
    return f"{russian_ordinal(int(match[1]), case)} {noun}"


def century(match: re.Match[str]) -> str:
    """В XX в.: in the case that the word before it asks for."""
    inside = word_before(match).lower() in ("в", "во")
    ordinal = russian_ordinal(roman_value(match[1]), "locative" if inside else "genitive")
    return f"{ordinal} {'веке' if inside else 'века'}{stop_after(match)}"


def two_centuries(match: re.Match[str]) -> str:
    """В XIX и XX веках: both are ordinals in the case of their noun."""
    case = "locative" if match[4] in ("веке", "веках") else "genitive"
    first, last = (russian_ordinal(roman_value(letters), case) for letters in match.group(1, 3))
    return f"{first} {match[2]} {last} {match[4]}"


def centuries(match: re.Match[str]) -> str:
    """XX-XXI вв.: both centuries in the same case."""
    inside = word_before(match).lower() in ("в", "во")
    case = "locative" if inside else "genitive"
    first, last = (russian_ordinal(roman_value(letters), case) for letters in match.groups())
    return f"{first} — {last} {'веках' if inside else 'веков'}{stop_after(match)}"

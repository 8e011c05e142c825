"""Numbers are read by the marks of a language, and written by those of another."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.languages import languages
from stslocal.text.number_marks import known_languages, number_marks
from stslocal.text.number_words import word_numbers
from stslocal.text.numbers import read_numbers, written

pytestmark = pytest.mark.unit


def values(text: str, language: str) -> list[str]:
    """Values as people write them; times with their minutes."""
    return [
        f"{number.value}:{number.minutes:02}{number.half}"
        if number.minutes is not None
        else f"{number.value.normalize():f}"
        for number in read_numbers(text, language)
        if number.strong
    ]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("It costs $1,234.56.", "en", ["1234.56"]),
        ("2,200,112 tons in 1,000.5 days", "en", ["2200112", "1000.5"]),
        ("Custa R$ 1.234,56.", "pt", ["1234.56"]),
        ("2.200,112 é menos", "pt", ["2200.112"]),
        ("3,2 milhões", "pt", ["3200000"]),
        ("5,5 mil milhões", "pt", ["5500000000"]),
        ("$5M, €2.5bn, 3.2 million", "en", ["5000000", "2500000000", "3200000"]),
        # marks that the language does not have here
        ("Custa $15.99.", "pt", ["15.99"]),
        ("It rose 1,5%.", "en", ["1.5"]),
        # years, dates, scores and fractions
        ("In 1945 and the 1990s", "en", ["1945", "1990"]),
        ("Em 1.945", "pt", ["1945"]),
        ("12/05/1984, 3-1, 1/2", "en", ["12", "5", "1984", "3", "1", "1", "2"]),
        # times
        ("At 3:30 p.m. or 9 am", "en", ["3:30p", "9:00a"]),
        ("Às 15h30, 14h e 8h30 da noite", "pt", ["15:30", "14:00", "8:30p"]),
        ("At half past nine, a quarter to six, five p.m.", "en", ["9:30", "5:45", "5:00p"]),
        ("Às nove e meia, quinze para as três.", "pt", ["9:30", "2:45"]),
        ("five to ten people", "en", []),
        ("Um 15.30 Uhr und um 5 am Montag", "de", ["15:30", "5"]),
        ("Klo 15.30, 2.50 euroa", "fi", ["15:30", "2.5"]),
        # other marks
        ("10 000 personnes et 1 234,5", "fr", ["10000", "1234.5"]),
        ("10.000,5 und 3,2 Mio. Euro", "de", ["10000.5", "3200000"]),
        ("12,34,567 और 3.2 करोड़, १२३", "hi", ["1234567", "32000000", "123"]),
        ("320万人, 3.2亿", "zh", ["3200000", "320000000"]),
        ("1’234’567 oder 1'000", "de", ["1234567", "1000"]),
        ("٣٫٥", "ar", ["3.5"]),
        # no numbers of their own
        ("B747-400 is at 192.168.1.1, CO2", "en", []),
    ],
)
def test_numbers_have_values(text: str, language: str, expected: list[str]) -> None:
    assert values(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("ten thousand feet", "en", ["10000"]),
        ("nineteen forty-five, twenty twenty-four, nineteen oh five", "en",
         ["1945", "2024", "1905"]),
        ("two hundred and fifty thousand", "en", ["250000"]),
        ("one point two million", "en", ["1200000"]),
        ("two and a half", "en", ["2.5"]),
        ("twenty or thirty", "en", ["20", "30"]),
        ("mil novecentos e oitenta e quatro", "pt", ["1984"]),
        ("dois mil e vinte e quatro", "pt", ["2024"]),
        ("um vírgula cinco", "pt", ["1.5"]),
        ("Setenta e cinco por cento", "pt", ["75"]),
        ("mil novecientos cuarenta y cinco", "es", ["1945"]),
        # words that may mean something else are not held
        ("one of the first, for a second", "en", []),
        ("um segundo, uma meia, mil desculpas", "pt", []),
    ],
)  # fmt: skip
def test_words_have_values(text: str, language: str, expected: list[str]) -> None:
    found = [word for word in word_numbers(text, language) if word.strong]
    assert [f"{word.value.normalize():f}" for word in found] == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "1,234,567.5"),
        ("pt", "1.234.567,5"),
        ("de", "1.234.567,5"),
        ("fr", "1\u202f234\u202f567,5"),
        ("ru", "1\u00a0234\u00a0567,5"),
        ("hi", "12,34,567.5"),
        ("ja", "1,234,567.5"),
    ],
)
def test_each_language_has_its_marks(language: str, expected: str) -> None:
    (number,) = read_numbers("1,234,567.5", "en")
    assert written(number, language) == expected


def test_spanish_groups_from_five_digits_on() -> None:
    assert [number_marks("es").grouped(digits) for digits in ("1234", "12345")] == [
        "1234",
        "12.345",
    ]


def test_years_and_versions_stay_as_they_are() -> None:
    year, version = read_numbers("In 1945, version 2.0", "en")
    assert (written(year, "pt"), written(version, "pt")) == ("1945", "2.0")


def test_every_language_has_marks() -> None:
    assert {row.code for row in languages()} <= known_languages()


@given(
    whole=st.integers(0, 10**12),
    fraction=st.from_regex(r"\A(\d{1,2})?\Z"),
    language=st.sampled_from(sorted(known_languages())),
)
def test_what_is_written_is_read(whole: int, fraction: str, language: str) -> None:
    source = f"{whole:,}" + (f".{fraction}" if fraction else "")
    (number,) = read_numbers(f"({source})", "en")
    (again,) = read_numbers(f"({written(number, language)})", language)
    assert again.value == number.value == Decimal(source.replace(",", ""))

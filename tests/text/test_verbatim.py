"""What a translation must not change is found."""

from __future__ import annotations

import pytest

from stslocal.text.units import unit_of
from stslocal.text.verbatim import take_pictures, verbatim_parts

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Email maria.silva@example.com please.", ["maria.silva@example.com"]),
        ("john_doe+news@mail.example.co.uk!", ["john_doe+news@mail.example.co.uk"]),
        ("See https://www.acme.org/docs, today.", ["https://www.acme.org/docs"]),
        ("Go to example.com/help.", ["example.com/help"]),
        ("Follow @acme and @maria.costa.", ["@acme", "@maria.costa"]),
        ("#python, #2024 and #1", ["#python"]),
        ("C++, C# and F#", ["C++", "C#", "F#"]),
        ("The B747-400, gate B-12, seat 14C, H2O.", ["B747-400", "B-12", "14C", "H2O"]),
        ("192.168.1.1 and CPF 123.456.789-09", ["192.168.1.1", "123.456.789-09"]),
        ("555-0199, 1-800-555-1234, (11) 98765-4321",
         ["555-0199", "1-800-555-1234", "(11) 98765-4321"]),
        ("Order 100234.", ["100234"]),
        # these are translated
        ("Open C:\\Users\\Joe now.", ["C:\\Users\\Joe"]),
        ("At 5PM, $1.5M, 10KM, 1939-1945, 10 000 000", []),
        ("J.K. Rowling, e.g. this. U.S. 3-1", []),
        ("1,234,567 and 12/05/1984 and 3.14", []),
    ],
)  # fmt: skip
def test_parts(text: str, parts: list[str]) -> None:
    assert [part.text for part in verbatim_parts(text)] == parts
    assert [text[part.start : part.end] for part in verbatim_parts(text)] == parts


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("😀 hello", ("😀", "hello", "")),
        ("♪ la la ♪", ("♪", "la la", "♪")),
        ("great 👏🏽 work", ("", "great work", "👏🏽")),
        ("so much 😘!", ("", "so much!", "😘")),
        ("👨‍👩‍👧", ("👨‍👩‍👧", "", "")),
        ("  20 °C, no picture  ", ("", "  20 °C, no picture  ", "")),
    ],
)
def test_pictures_are_taken_out(text: str, taken: tuple[str, str, str]) -> None:
    assert take_pictures(text) == taken


@pytest.mark.parametrize(
    ("text", "number", "language", "meaning"),
    [
        ("It is 10 feet high", "10", "en", ("length", "foot")),
        ("uns 10 milhões de dólares", "10 milhões", "pt", ("money", "dollar")),
        ("R$ 20", "20", "pt", ("money", "real")),
        ("20 € mehr", "20", "de", ("money", "euro")),
        ("a 6-foot man", "6", "en", ("length", "foot")),
        ("60 km/h", "60", "en", None),
        ("10 people", "10", "en", None),
    ],
)
def test_units(text: str, number: str, language: str, meaning: tuple[str, str] | None) -> None:
    start = text.index(number)
    unit = unit_of(text, start, start + len(number), language)
    assert (unit.meanings if unit else None) == (frozenset({meaning}) if meaning else None)

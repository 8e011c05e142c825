"""The nouns of units and of money, by every way in which their signs are written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from stslocal.text.spoken.words import Words

_SPELLINGS = {
    "Km": "km", "KM": "km", "Kg": "kg", "KG": "kg", "m2": "m²", "m3": "m³", "km2": "km²",
    "mm2": "mm²",
    "cm2": "cm²", "kmh": "km/h", "Km/h": "km/h", "KM/H": "km/h", "mn": "min",
}  # fmt: skip
"""Other spellings of units that all languages have."""


@cache
def all_money(words: Words) -> Mapping[str, str]:
    """The nouns of money by sign, and those of dollars and euros by themselves: 15,50 Euro."""
    if not words.numerals:
        return words.money
    named = {
        name: forms
        for forms in (words.money["$"], words.money["€"])
        for name in forms.partition("|")[0].split("/")
    }
    return named | dict(words.money)


@cache
def all_units(words: Words) -> Mapping[str, str]:
    """The nouns of the units: by sign, by other spellings, and by themselves.

    By themselves only where one and two have a gender ("2 milhas").
    """
    units = {"%": words.percent}
    if words.small or words.numerals:
        units |= {name: forms for forms in words.units.values() for name in forms.split("/")}
    spellings = {new: words.units[old] for new, old in _SPELLINGS.items() if old in words.units}
    return units | spellings | dict(words.units)

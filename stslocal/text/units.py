"""Finds the unit of a number in a text: feet, pounds, dollars.

A translation keeps the unit of its source. A model that writes metres for feet gives a wrong
length, whatever the number is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

_ORDER = ("en", "pt", "es", "fr", "it", "de")
_TABLE: Mapping[str, Mapping[str, str]] = {
    "length": {
        "foot": "feet/foot/ft|pés/pé|pies/pie|pieds/pied|piedi/piede|fuß",
        "inch": "inches/inch|polegadas/polegada|pulgadas/pulgada|pouces/pouce|pollici/pollice|zoll",
        "yard": "yards/yard|jardas/jarda|yardas/yarda|yards/yard|iarde/iarda|yards/yard",
        "mile": "miles/mile|milhas/milha|millas/milla|miles/mille|miglia/miglio|meilen/meile",
        "metre": "metres/metre/meters/meter/m|metros/metro/m|metros/metro/m|mètres/mètre/m"
        "|metri/metro/m|meter/metern/m",
        "kilometre": "kilometres/kilometre/kilometers/kilometer/km|quilômetros/quilômetro"
        "/quilómetros/quilómetro/km|kilómetros/kilómetro/km|kilomètres/kilomètre/km"
        "|chilometri/chilometro/km|kilometer/kilometern/km",
        "centimetre": "centimetres/centimetre/centimeters/centimeter/cm|centímetros/centímetro/cm"
        "|centímetros/centímetro/cm|centimètres/centimètre/cm|centimetri/centimetro/cm"
        "|zentimeter/cm",
    },
    "mass": {
        "pound": "pounds/pound/lb/lbs|libras/libra|libras/libra|livres/livre|libbre/libbra|pfund",
        "ounce": "ounces/ounce/oz|onças/onça|onzas/onza|onces/once|once/oncia|unzen/unze",
        "kilogram": "kilograms/kilogram/kilos/kilo/kilogrammes/kg|quilos/quilo/quilogramas"
        "/quilograma/kg|kilos/kilo/kilogramos/kg|kilos/kilo/kilogrammes/kg|chili/chilo"
        "/chilogrammi/kg|kilogramm/kilo/kg",
        "gram": "grams/gram/grammes/g|gramas/grama/g|gramos/gramo/g|grammes/gramme/g|grammi/g"
        "|gramm/g",
        "ton": "tons/ton/tonnes/tonne|toneladas/tonelada|toneladas/tonelada|tonnes/tonne"
        "|tonnellate/tonnellata|tonnen/tonne",
    },
    "volume": {
        "gallon": "gallons/gallon|galões/galão|galones/galón|gallons/gallon|galloni/gallone"
        "|gallonen/gallone",
        "litre": "litres/litre/liters/liter|litros/litro|litros/litro|litres/litre|litri/litro"
        "|liter/litern",
    },
    "area": {
        "acre": "acres/acre|acres/acre|acres/acre|acres/acre|acri/acro|acres",
        "hectare": "hectares/hectare|hectares/hectare|hectáreas/hectárea|hectares/hectare"
        "|ettari/ettaro|hektar",
    },
    "money": {
        "dollar": "dollars/dollar|dólares/dólar|dólares/dólar|dollars/dollar|dollari/dollaro"
        "|dollar",
        "euro": "euros/euro|euros/euro|euros/euro|euros/euro|euro|euro",
        "real": "reais/reals/real|reais/real|reales/real|réaux/réal|real|real",
        "sterling": "pounds/pound|libras/libra|libras/libra|livres/livre|sterline/sterlina|pfund",
        "yen": "yen|ienes/iene|yenes/yen|yens/yen|yen|yen",
        "cent": "cents/cent|centavos/centavo|centavos/centavo|cents/cent|centesimi/centesimo|cent",
    },
}
"""Units by what they measure: the words of English|Portuguese|Spanish|French|Italian|German,
several first, then one."""


_SIGNS = {
    "R$": "real", "US$": "dollar", "US $": "dollar", "$": "dollar", "€": "euro", "£": "sterling",
    "¥": "yen", "USD": "dollar", "EUR": "euro", "GBP": "sterling", "BRL": "real",
}  # fmt: skip
_SIGN_NAMES = "|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit after a number in a text."""

    start: int
    end: int
    meanings: frozenset[tuple[str, str]]
    """What it may be, as pairs of a quantity and a unit: pounds are a mass and money."""


def unit_of(text: str, start: int, end: int, language: str) -> Unit | None:
    """The unit of the number between `start` and `end`: a sign beside it, or a word after it."""
    before = re.search(rf"(?P<sign>{_SIGN_NAMES})\s?$", text[max(start - 8, 0) : start])
    after = re.match(rf"\s?(?P<sign>{_SIGN_NAMES})(?!\w)", text[end:])
    for match, offset in ((before, max(start - 8, 0)), (after, end)):
        if match:
            first, last = match.span("sign")
            return Unit(
                offset + first, offset + last, frozenset({("money", _SIGNS[match["sign"]])})
            )
    return _unit_after(text, end, language)


def sign_of(meaning: tuple[str, str]) -> str:
    """The sign of a currency; empty for what has none."""
    return next((sign for sign, unit in _SIGNS.items() if unit == meaning[1]), "")


def is_sign(text: str) -> bool:
    """Whether a text is the sign of a currency."""
    return text in _SIGNS


def _unit_after(text: str, at: int, language: str) -> Unit | None:
    words = _words(language)
    match = re.match(r"[\s\u00a0-]*(?:(?:de|d'|di)\s+)?(?P<word>[^\W\d]+)(?![/²³])", text[at:])
    found = words.get(match["word"].casefold()) if match else None
    if match is None or found is None:
        return None
    return Unit(at + match.start("word"), at + match.end("word"), found)


def unit_word(meaning: tuple[str, str], language: str, *, one: bool) -> str:
    """The word of a unit, for one of it or for several; empty for an unknown language."""
    if language not in _ORDER:
        return ""
    quantity, unit = meaning
    forms = _TABLE[quantity][unit].split("|")[_ORDER.index(language)].split("/")
    word = forms[1] if one and len(forms) > 1 else forms[0]
    return word.capitalize() if language == "de" else word


@cache
def _words(language: str) -> dict[str, frozenset[tuple[str, str]]]:
    if language not in _ORDER:
        return {}
    column = _ORDER.index(language)
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for quantity, units in _TABLE.items():
        for unit, row in units.items():
            for word in row.split("|")[column].split("/"):
                found[word] = found.get(word, frozenset()) | {(quantity, unit)}
    return found

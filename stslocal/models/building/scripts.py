"""Finds the writing systems (scripts) of a text by the Unicode names of its letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

from stslocal.errors import SettingsError

_NAMES: Mapping[str, tuple[str, ...]] = {
    "Arab": ("ARABIC",),
    "Armn": ("ARMENIAN",),
    "Beng": ("BENGALI",),
    "Cyrl": ("CYRILLIC",),
    "Deva": ("DEVANAGARI",),
    "Ethi": ("ETHIOPIC",),
    "Geor": ("GEORGIAN",),
    "Grek": ("GREEK",),
    "Gujr": ("GUJARATI",),
    "Guru": ("GURMUKHI",),
    "Hang": ("HANGUL", "CJK"),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Hebr": ("HEBREW",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"),
    "Khmr": ("KHMER",),
    "Knda": ("KANNADA",),
    "Laoo": ("LAO",),
    "Latn": ("LATIN",),
    "Mlym": ("MALAYALAM",),
    "Mymr": ("MYANMAR",),
    "Olck": ("OL",),
    "Orya": ("ORIYA",),
    "Sinh": ("SINHALA",),
    "Taml": ("TAMIL",),
    "Telu": ("TELUGU",),
    "Tfng": ("TIFINAGH",),
    "Thai": ("THAI",),
    "Tibt": ("TIBETAN",),
}
"""First words of the Unicode names of a script's letters, by its ISO 15924 code."""


def name_prefixes(script: str) -> frozenset[str]:
    """First words of the Unicode names of a script's letters; `script` is an ISO 15924 code."""
    if script not in _NAMES:
        raise SettingsError(f"stslocal does not know the letters of the script {script}")
    return frozenset(_NAMES[script])


def name_prefixes_in(text: str) -> frozenset[str]:
    """First words of the Unicode names of the letters in a text.

    Digits, punctuation and accents are left out, because many scripts share them.
    """
    return frozenset(name for letter in text if (name := _name_prefix(letter)))


_KNOWN = frozenset(name for names in _NAMES.values() for name in names)


@cache
def _name_prefix(letter: str) -> str:
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in _KNOWN or unicodedata.category(letter).startswith("L") else ""

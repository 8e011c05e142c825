"""Guards against wrong translations.

Each guard tests for one fault of NLLB and similar models: an empty translation, a search that does
not end, most of the sentence left out, a loop, the source repeated instead of translated. The
guards may doubt a right translation, since a doubted one is only searched again. Lengths are
counted in pieces of the vocabulary that all languages share: a translation has between a third of
the pieces of its source and three times as many.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from stslocal.text.repeats import repeats

EMPTY = "nothing written"
TOO_LONG = "too long"
TOO_SHORT = "too short"
LOOP = "repetition"
WRONG_SCRIPT = "the source's script"

_LONGEST_RATIO = 3
_LONGEST_EXTRA = 16
"""Pieces that a translation may have above the ratio: a short text may need many words."""
_SHORTEST_RATIO = 5
_SHORTEST_FROM = 10
"""Shortest source, in pieces, whose translation can be too short."""
_UNSPACED_SCRIPTS = frozenset({"Hans", "Hant", "Jpan", "Khmr", "Laoo", "Mymr", "Thai", "Tibt"})
_CHINESE_LETTERS = frozenset({"Hang", "Hans", "Hant", "Jpan"})


def length_cap(source_pieces: int) -> int:
    """The most pieces that a translation of a source of `source_pieces` may have."""
    return _LONGEST_RATIO * source_pieces + _LONGEST_EXTRA


def doubt(
    source: str,
    translation: str,
    *,
    source_pieces: int,
    pieces: int,
    scripts: tuple[str, str],
) -> str:
    """The guard that doubts a translation, or an empty string.

    `source_pieces` and `pieces` are the lengths of the two texts; `scripts` are the scripts of
    the two languages, as ISO 15924 codes (the end of a FLORES-200 code).
    """
    if not translation:
        return EMPTY
    if pieces >= length_cap(source_pieces):
        return TOO_LONG
    if source_pieces >= _SHORTEST_FROM and pieces * _SHORTEST_RATIO < source_pieces:
        return TOO_SHORT
    if repeats(_units(translation, scripts[1])) and not repeats(_units(source, scripts[0])):
        return LOOP
    if _differ(scripts) and main_script(translation) == main_script(source) != "":
        return WRONG_SCRIPT
    return ""


def main_script(text: str) -> str:
    """The script of most letters, by Unicode name (`LATIN`, `CJK`); empty without letters."""
    found = Counter(
        unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha()
    )
    return found.most_common(1)[0][0] if found else ""


def _units(text: str, script: str) -> Sequence[str]:
    """The units that may repeat: words, or letters in scripts without spaces between words."""
    return re.findall(r"\w" if script in _UNSPACED_SCRIPTS else r"\w+", text)


def _differ(scripts: tuple[str, str]) -> bool:
    return scripts[0] != scripts[1] and not _CHINESE_LETTERS.issuperset(scripts)

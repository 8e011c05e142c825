"""Rules that the Romance languages share."""

from __future__ import annotations

from collections.abc import Callable

from stslocal.text.spoken.languages.rulers import KINGS, QUEENS
from stslocal.text.spoken.words import RomanNumeral

_SHORT_WORDS = frozenset({"I", "V", "X", "L", "C", "D", "M", "DI", "MI", "VI", "LI", "CI", "CD"})
"""Numerals that are other words or names in capitals more often."""
PRONOUNCED = frozenset("MIX DIX MI DI VI LI CI".split())
"""Words in capitals that could be Roman numerals."""
_JOINTS = frozenset("e y a al ao o ou et au".split())
_TITLES = frozenset(
    "rei rainha papa imperador imperatriz czar príncipe dom d rey reina emperador zar príncipe don "
    "roi reine pape empereur tsar prince re regina imperatore zar principe".split()
)


def fractions(
    ordinals: str, numbers: str, last_small: int, rest: str, plural: str
) -> Callable[[int, int], str | None]:
    """Fractions of thirds to tenths by their names, and others with a word after the number.

    `plural` is added to the name, or replaces its last letter in Italian (`i`).
    """
    names, counts = ordinals.split(), numbers.split()

    def say(top: int, bottom: int) -> str | None:
        if bottom > len(names) + 2:
            return f"{top} {bottom} {rest}" if bottom <= last_small and rest else None
        name = names[bottom - 3]
        if top > 1:
            name = name[:-1] + plural if plural == "i" else name.removesuffix("s") + plural
        return f"{counts[top - 1]} {name}"

    return say


def rulers(numeral: RomanNumeral) -> str:
    """`king` or `queen` where a numeral stands after the name of one, else nothing.

    A single letter after a name is a numeral only with a title, or before a mark or `of`.
    """
    if not numeral.before:
        return ""
    name = numeral.before[-1]
    kind = "king" if name in KINGS else "queen" if name in QUEENS else ""
    titled = bool({word.lower() for word in numeral.before[-4:-1]} & _TITLES)
    single = len(numeral.letters) == 1 and numeral.letters in "IVX"
    if single and not (titled or numeral.after in ("", "de", "do", "di", "of", "d'Inghilterra")):
        return ""
    return kind if set(numeral.letters) <= set("IVXL") else ""


def in_centuries(numeral: RomanNumeral, nouns: frozenset[str]) -> bool:
    """Whether a numeral counts centuries whose noun stands before: século V, séculos V e VI."""
    before = [word.lower() for word in numeral.before[-4:]]
    if before[-1:] and before[-1] in nouns:
        return True
    joined = len(before) > 2 and before[-1] in _JOINTS and bool(set(before[:-2]) & nouns)
    return joined and set(before[-2].upper()) <= set("IVX")


def letters_only(numeral: RomanNumeral, numbered: frozenset[str]) -> str | None:
    """A numeral that is no ruler's: its number where it is one, else None (its letters)."""
    before = numeral.before[-1].lower() if numeral.before else ""
    letters = numeral.letters
    if before in numbered and set(letters) <= set("IVXLC"):
        return str(numeral.value)
    if letters in _SHORT_WORDS:
        return None
    if set(letters) <= set("IVX"):
        return str(numeral.value)
    return str(numeral.value) if numeral.value > 1000 and len(letters) > 3 else None

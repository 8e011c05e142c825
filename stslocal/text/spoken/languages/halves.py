"""One half before a noun, and behind a number and a noun: meia xícara, deux tasses et demie.

Each rule takes the noun and whether a number stands before the half. It gives the gender of that
number and the words around it, or None where the noun's gender does not show.
"""

from __future__ import annotations

from stslocal.text.spoken.languages import endings, romance_genders

_GERMAN_NEUTER = frozenset("Glas Jahr Brot Ei Blatt Haus Dutzend Stück Paket Brötchen".split())


def portuguese(noun: str, several: bool) -> tuple[str, str] | None:
    """Meia xícara, duas xícaras e meia."""
    if several:
        feminine = romance_genders.portuguese(2, "", noun) == "f"
        return ("f", "{} {} e meia") if feminine else ("m", "{} {} e meio")
    gender = romance_genders.portuguese(1, "", noun)
    return (gender, f"{'meia' if gender == 'f' else 'meio'} {{1}}") if gender else None


def spanish(noun: str, several: bool) -> tuple[str, str] | None:
    """Media taza, dos tazas y media."""
    gender = romance_genders.spanish(2 if several else 1, "", noun)
    if not gender:
        return None
    half = "media" if gender == "f" else "medio"
    return gender, f"{{}} {{}} y {half}" if several else f"{half} {{1}}"


def french(noun: str, several: bool) -> tuple[str, str] | None:
    """Une demi-tasse, deux tasses et demie."""
    if len(noun) <= 2 or noun in ("les", "des", "est", "ont"):
        return None
    feminine = romance_genders.french(21, "", noun) == "f"
    if several:
        return ("f", "{} {} et demie") if feminine else ("m", "{} {} et demi")
    return ("f", "une demi-{1}") if feminine else ("m", "un demi-{1}")


def italian(noun: str, several: bool) -> tuple[str, str] | None:
    """Mezza tazza, due tazze e mezza."""
    if several:
        if noun[-1:] not in ("e", "i"):
            return None
        return ("f", "{} {} e mezza") if noun.endswith("e") else ("m", "{} {} e mezzo")
    gender = romance_genders.italian(1, "", noun)
    return (gender, f"{'mezza' if gender == 'f' else 'mezzo'} {{1}}") if gender else None


def german(noun: str, several: bool) -> tuple[str, str] | None:
    """Eine halbe Tasse, zweieinhalb Tassen."""
    if not noun[:1].isupper():
        return None
    if several:
        return "", "{}einhalb {}"
    if noun in _GERMAN_NEUTER:
        return "n", "ein halbes {1}"
    return ("f", "eine halbe {1}") if noun.endswith(endings.GERMAN_FEMININE) else None

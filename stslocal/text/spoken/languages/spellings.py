"""Other ways to write the signs of units, which the newer tables share."""

from __future__ import annotations

from collections.abc import Mapping

_SPELLINGS = {
    "l": ("L",), "ml": ("mL",), "h": ("hr", "hrs"), "s": ("sec",), "in": ("in.",),
    "ft": ("ft.",), "lb": ("lbs", "lb.", "lbs."), "oz": ("oz.",), "kB": ("KB",), "mi": ("mile",),
    "°C": ("° C", "ºC", "º C"), "°F": ("° F", "ºF"),
    "°N": ("° N",), "°S": ("° S",), "°E": ("° E",), "°W": ("° W",),
}  # fmt: skip


def spelled(units: Mapping[str, str], more: Mapping[str, str] | None = None) -> dict[str, str]:
    """`units` with the other spellings of their signs; `more` gives those of a language by the
    sign, separated by spaces.
    """
    result = dict(units)
    for sign, others in _SPELLINGS.items():
        if sign in units:
            result |= {other: units[sign] for other in others if other not in units}
    for sign, written in (more or {}).items():
        result |= dict.fromkeys(written.split(), units[sign])
    return result


def joined(forms: str, tail: str) -> str:
    """All forms of a noun with the same words after them: kilometry na godzinę."""
    return "/".join(f"{form} {tail}" for form in forms.split("/"))


def paired(nouns: str, adjectives: str, *, first: bool = False) -> str:
    """The forms of a noun with those of its adjective after it, or before it with `first`."""
    pairs = zip(nouns.split("/"), adjectives.split("/"), strict=True)
    return "/".join(
        f"{adjective} {noun}" if first else f"{noun} {adjective}" for noun, adjective in pairs
    )


def prefixed(prefix: str, forms: str) -> str:
    """All forms of a noun with the same prefix: kilo and metr/metry."""
    return "/".join(prefix + form for form in forms.split("/"))

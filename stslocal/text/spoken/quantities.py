"""Amounts: numbers and ranges of them, with a currency, a scale, a unit or a percent sign."""

from __future__ import annotations

import re

from stslocal.text.spoken.numbers import (
    NUMBER,
    Number,
    counted,
    kind_of_pair,
    parse_number,
    say_digits,
    write_number,
)
from stslocal.text.spoken.tokens import (
    TokenClass,
    alternatives,
    labels_before,
    token_class,
    word_after,
    word_before,
    words_before,
)
from stslocal.text.spoken.words import Words

_ANY_DOLLAR = r"[A-Z]{2}\$"
"""HK$ and its like are dollars."""
_NAME_DISTANCE = 40
"""Characters after an amount in which its currency may be named."""
_ROUND = r"[1-9]\d{0,2}(?: \d{3})* 000"
"""Thousands with spaces, where a language does not write all numbers so."""
_SIGNS = "-+±~≈<>≤≥"
_SPACED_UNITS = frozenset({"s", "A", "t", "C", "F", "c", "h"})
"""Units that follow a space only: 90s, 5A and 4C are other things."""
_SPELLINGS = {
    "Km": "km", "KM": "km", "Kg": "kg", "KG": "kg", "m2": "m²", "m3": "m³", "km2": "km²",
    "cm2": "cm²", "kmh": "km/h", "Km/h": "km/h", "KM/H": "km/h", "mn": "min",
}  # fmt: skip
"""Other spellings of units that all languages have."""
_MODELS = frozenset({"Boeing", "Airbus", "Model", "Type", "Room", "Flight", "Modelo", "Modèle"})
_QUOTES = ("'", '"')


def quantity_classes(words: Words) -> list[TokenClass]:
    """The classes of amounts, of pairs of numbers, of areas and ratios, and of heights."""

    def say(match: re.Match[str]) -> str | None:
        return _say_amount(match, words)

    def area(match: re.Match[str]) -> str:
        sides = [
            _with_unit(parse_number(number, words.point), unit or "", words)
            for number, unit in zip(match.groups()[::2], match.groups()[1::2], strict=True)
            if number
        ]
        between = words.times if word_after(match).startswith("=") else words.by
        if word_before(match)[:1].isupper() and word_after(match)[:1].isupper():
            between = words.to  # Brasil 2x1 Argentina
        return f" {between} ".join(sides)

    def fold(match: re.Match[str]) -> str:
        return f"{write_number(parse_number(match[1], words.point), words)} {words.times}"

    def ratio(match: re.Match[str]) -> str:
        verse = word_before(match)[:1].isupper()  # Psalm 23:4
        return f"{match[1]} {match[2]}" if verse else f"{match[1]} {words.to} {match[2]}"

    def verses(match: re.Match[str]) -> str:
        return f"{match[1]} {match[2]} {words.to} {match[3]}"

    def height(match: re.Match[str]) -> str | None:
        return _say_height(match, words)

    side = rf"({NUMBER}) ?({alternatives(words.units.keys() - {'in'})})?"
    return [
        token_class(r"(\d{1,2})' ?(\d{1,2}(?:\.\d)?)(?:\"|'')?", height),
        token_class(r"(\d{1,2}) ?ft\.? (\d{1,2}(?:\.\d)?) ?in\.?", height),
        token_class(r"()(\d{1,3}(?:\.\d)?)\"", height),
        token_class(rf"{side} ?[x×] ?{side}(?: ?[x×] ?{side})?", area),
        token_class(rf"({NUMBER})[x×]", fold),
        token_class(r"(\d{1,3}):(\d{1,3})-(\d{1,3})", verses),
        token_class(r"(\d{1,3}):(\d{1,3})", ratio),
        *(token_class(pattern, say) for pattern in _amount_patterns(words)),
    ]


def _amount_patterns(words: Words) -> tuple[str, str, str]:
    """Patterns of an amount with money before it, with money after it, and without money.

    Short scales such as K and B stand only beside money: 4K and 5B are other things.
    """
    money = rf"(?:{alternatives(words.money)}|{_ANY_DOLLAR})"
    units = alternatives(_all_units(words).keys() - {"in"})
    short = {name for name, forms in words.scales.items() if name not in forms.split("/")}
    spaced = r"[1-9]\d{0,2}(?: \d{3})+(?:,\d+)?" if words.spaced_groups else _ROUND
    number = rf"(?:{spaced}|{NUMBER})"
    lead, second = rf"(?P<sign>[{_SIGNS}] ?)?", rf"(?P<second>{number})"
    first = rf"(?P<first>{number})"
    names = alternatives(words.scales)
    bare = alternatives(words.scales.keys() - (short - words.bare_scales))
    tail = rf"(?P<more>\+)?(?:/(?P<per>{units}|[^\W\d_]{{2,}}))?"
    scale = rf"(?:(?P<space>[ -]?)(?P<scale>{names})(?!\w))?"
    bare_scale = rf"(?:(?P<space>[ -]?)(?P<scale>{bare})(?!\w))?"
    return (
        rf"{lead}(?P<before>{money}) ?{first}(?:(?P<mid>{names})?-(?:{money})?{second})?"
        rf"{scale}(?P<gap>)(?P<after>){tail}",
        rf"{lead}(?P<before>){first}(?:(?P<mid>{names}|{money})?-{second})?"
        rf"{scale}(?P<gap>[ -]?)(?P<after>{money}){tail}",
        rf"{lead}(?P<before>){first}(?:(?P<mid>{bare}|{units})?-{second})?"
        rf"{bare_scale}(?:(?P<gap>[ -]?)(?P<after>{units}))?{tail}",
    )


def _all_units(words: Words) -> dict[str, str]:
    """The nouns of the units: by sign, by other spellings, and by themselves.

    By themselves only where one and two have a gender ("2 milhas").
    """
    units = {"%": f"{words.percent}/{words.percent}"}
    if words.small:
        units |= {name: forms for forms in words.units.values() for name in forms.split("/")}
    spellings = {new: words.units[old] for new, old in _SPELLINGS.items() if old in words.units}
    return units | spellings | dict(words.units)


def _say_amount(match: re.Match[str], words: Words) -> str | None:
    first = parse_number(match["first"].replace(" ", ""), words.point)
    second = parse_number(match["second"], words.point) if match["second"] else None
    last = second or first
    scale, sign = match["scale"], (match["sign"] or "").strip()
    mid = match["mid"] if match["mid"] not in (scale, match["after"]) else ""
    after = match["after"] or (mid if mid not in words.scales else "")
    mid = "" if mid == after else mid
    money = match["before"] or (after if after and after not in _all_units(words) else "")
    if after in _SPACED_UNITS and match["gap"] != " ":
        return None
    if scale and not money and len(scale) == 1 and match["space"]:
        return None  # "5 M" may be anything
    if second and not mid and not _is_range(first, second, match, bool(after or money or scale)):
        return None
    if not (second or sign or money or scale or after or match["more"]):
        if match["per"]:
            return None
        return _plain(first, match, words)
    amount, noun = "", ""
    if money or after:
        forms = (
            words.money.get(money, words.money["$"]) if money else _all_units(words)[after]
        ).split("/")
        noun = forms[0] if _is_singular(last, match, words) else forms[1]
        if after in forms:
            noun = after
        if money and len(forms) == 4 and len(last.fraction) == 2 and not (scale or second):
            amount, noun = _with_cents(last, forms, words), ""
        elif not scale and after != "%":
            amount = counted(last, forms[0], words)
        if money and _is_named_after(match, forms):
            noun = ""
    if scale:
        name = _scale_name(last, scale, words)
        amount = f"{counted(last, name, words)} {name}"
        noun = words.of(noun) if noun and name in words.counted_scales else noun
    amount = amount or write_number(last, words)
    if second:
        low = write_number(first, words)
        if mid in words.scales:
            low = f"{low} {_scale_name(first, mid, words)}"
        elif mid:
            low = _with_unit(first, mid, words)
        amount = f"{low} {words.to} {amount}"
    lead = words.symbols.get({"-": "minus", "+": "plus"}.get(sign, sign), "")
    more = words.symbols["plus"] if match["more"] else ""
    per = _all_units(words).get(match["per"] or "", match["per"] or "").partition("/")[0]
    return " ".join(f"{lead} {amount} {noun} {more} {words.per if per else ''} {per}".split())


def _with_unit(number: Number, unit: str, words: Words) -> str:
    if not unit:
        return write_number(number, words)
    one, several = _all_units(words)[unit].split("/")
    noun = one if _is_one(number, words) else several
    return f"{counted(number, one, words)} {noun}"


def _plain(number: Number, match: re.Match[str], words: Words) -> str | None:
    """A number alone; after a word such as `code` its digits are said one by one."""
    if number.is_padded and not number.fraction:
        return match[0]
    if match[0].isdigit() and labels_before(match, 2) & words.code_words:
        return say_digits(match[0], words) if len(match[0]) > 3 else match[0]
    return write_number(number, words)


def _is_range(first: Number, second: Number, match: re.Match[str], with_noun: bool) -> bool:
    """Whether two numbers with a hyphen are a range or a score, and no code."""
    kind = kind_of_pair(first, second)
    if with_noun:
        return kind != "code" and first.value < second.value
    before = words_before(match).split()
    if before and before[-1] in _MODELS and len(first.whole) == len(second.whole) == 3:
        return False
    return kind in ("range", "score")


def _is_singular(number: Number, match: re.Match[str], words: Words) -> bool:
    """Whether the noun is in the singular: after one, or where the amount describes a noun."""
    described = word_before(match).lower() in words.articles and bool(word_after(match))
    if described or "-" in (match["gap"], match["space"]):
        return True
    if match["scale"] or match["second"]:
        return False
    return _is_one(number, words)


def _is_named_after(match: re.Match[str], forms: list[str]) -> bool:
    """Whether the currency is named in words too: `$5 million dollars`."""
    names = "|".join(form.rpartition(" ")[2] for form in forms[:2])
    after = match.string[match.end() : match.end() + _NAME_DISTANCE]
    return re.match(rf" (?:(?:de|di|US) |d')?(?:{names})\b", after) is not None


def _scale_name(number: Number, scale: str, words: Words) -> str:
    one, several = words.scales[scale].split("/")
    if scale in (one, several):
        return scale
    return one if _is_one(number, words) else several


def _is_one(number: Number, words: Words) -> bool:
    return number.value == 1 or (words.singular_below_two and number.value < 2)


def _with_cents(number: Number, forms: list[str], words: Words) -> str:
    """An amount of money with hundredths: `5 dollars 20 cents`."""
    whole = Number(number.whole, grouped=number.grouped)
    cents = Number(str(int(number.fraction)))
    amount = f"{counted(whole, forms[0], words)} {forms[0] if whole.value == 1 else forms[1]}"
    small = f"{counted(cents, forms[2], words)} {forms[2] if cents.value == 1 else forms[3]}"
    if cents.value == 0:
        return amount
    return small if whole.value == 0 else f"{amount} {words.cents} {small}"


def _say_height(match: re.Match[str], words: Words) -> str | None:
    """Feet and inches, if their signs are no quotation marks."""
    before = words_before(match)
    if before[-1:] in _QUOTES or (not match[1] and before.count('"') % 2):
        return None
    parts = []
    for digits, unit in ((match[1], "ft"), (match[2], "in")):
        if digits:
            one, several = words.units[unit].split("/")
            number = Number(*digits.split("."))
            attributive = not match[1] and word_before(match).lower() in words.articles
            name = one if number.value == 1 or attributive else several
            parts.append(f"{counted(number, one, words)} {name}")
    return f" {words.height_joint} ".join(parts).replace("  ", " ")

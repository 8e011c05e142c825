"""Amounts: numbers and ranges of them, with a currency, a scale, a unit or a percent sign."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stslocal.text.spoken.declined import case_around, with_noun_in_case
from stslocal.text.spoken.numbers import (
    NUMBER,
    Number,
    counted,
    in_words,
    kind_of_pair,
    noun_after,
    parse_number,
    say_digits,
    with_noun,
    write_number,
)
from stslocal.text.spoken.tokens import (
    TokenClass,
    alternatives,
    labels_before,
    stop_after,
    token_class,
    word_after,
    word_before,
    words_before,
)
from stslocal.text.spoken.unit_nouns import all_money, all_units
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
_MODELS = frozenset({"Boeing", "Airbus", "Model", "Type", "Room", "Flight", "Modelo", "Modèle"})


@dataclass(frozen=True, slots=True)
class _Amount:
    """What an amount is made of; signs are empty where there is none."""

    match: re.Match[str]
    first: Number
    second: Number | None
    """The upper end of a range."""
    first_sign: str
    """The scale or unit after `first`, where it is not that of the whole range."""
    scale: str
    unit: str
    money: str

    @property
    def last(self) -> Number:
        return self.second or self.first


def amount_classes(words: Words) -> list[TokenClass]:
    """The classes of amounts and of pairs of numbers."""

    def say(match: re.Match[str]) -> str | None:
        amount = _read(match, words)
        return _say(amount, words) if amount else None

    return [token_class(pattern, say) for pattern in _patterns(words)]


def _patterns(words: Words) -> tuple[str, str, str]:
    """Patterns of an amount with money before it, with money after it, and without money.

    Short scales such as K and B stand only beside money: 4K and 5B are other things.
    """
    money = rf"(?:{alternatives(all_money(words))}|{_ANY_DOLLAR})"
    units = alternatives(all_units(words).keys() - {"in"})
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


def _read(match: re.Match[str], words: Words) -> _Amount | None:
    """The parts of an amount, or None where the token is none."""
    first = parse_number(match["first"].replace(" ", ""), words.point)
    upper = match["second"]
    second = parse_number(upper.replace(" ", ""), words.point) if upper else None
    scale, after, middle = (match[name] or "" for name in ("scale", "after", "mid"))
    if middle in (scale, after):
        middle = ""
    if middle and not after and middle not in words.scales:
        after, middle = middle, ""
    money = match["before"] or ("" if after in all_units(words) else after)
    if after in _SPACED_UNITS and match["gap"] != " ":
        return None
    if len(scale) == 1 and not money and match["space"]:
        return None  # "5 M" may be anything
    if second and not middle and not _is_range(first, second, match, bool(after or money or scale)):
        return None
    return _Amount(match, first, second, middle, scale, "" if money else after, money)


def _say(amount: _Amount, words: Words) -> str | None:
    match, sign = amount.match, (amount.match["sign"] or "").strip()
    case = _case(amount, words)
    if amount.money or amount.unit or amount.scale:
        said = _in_case(amount, case, words) if case else ""
        case = case if said else ""
        said = said or _with_noun(amount, words)
    elif amount.second or sign or match["more"]:
        said = in_words(amount.last, words, case) if case else write_number(amount.last, words)
    else:
        return None if match["per"] else _plain(amount.first, match, case, words)
    if amount.second:
        ascends = amount.first.value < amount.second.value
        joint = words.to if ascends else words.ratio or words.to
        said = f"{_lower_end(amount, case, words)} {joint} {said}"
    lead = words.symbols.get({"-": "minus", "+": "plus"}.get(sign, sign), "")
    more = words.symbols["plus"] if match["more"] else ""
    per = all_units(words).get(match["per"] or "", match["per"] or "").partition("/")[0]
    said = " ".join(f"{lead} {said} {more} {words.per if per else ''} {per}".split())
    return said + stop_after(match, capital_nouns=words.capital_nouns)


def _with_noun(amount: _Amount, words: Words) -> str:
    """The last number of an amount with its scale and its currency or unit."""
    last = amount.last
    forms, _, hundredths = _forms(amount, words).partition("|")
    one = forms.split("/")[0]
    if _is_described(amount, words):
        noun = one
    elif amount.scale or (amount.second and not words.plural):
        noun = _after_scale(forms, words)
    else:
        noun = noun_after(last, forms, words)
    if amount.unit in forms.split("/"):
        noun = amount.unit
    if amount.money and _is_named_after(amount.match, forms.split("/")):
        noun = ""
    if amount.scale:
        scale = _scale_name(last, amount.scale, words)
        if noun and scale in words.counted_scales:
            noun = words.of(noun)
        if words.count:
            return f"{with_noun(last, words.scales[amount.scale], words)} {noun}"
        return f"{counted(last, scale, words)} {scale} {noun}"
    if hundredths and len(last.fraction) == 2 and not amount.second:
        return _with_cents(last, forms, hundredths, words)
    if words.count and noun == noun_after(last, forms, words) and "/" in forms:
        return with_noun(last, forms, words)
    alone = amount.unit == "%" and "/" not in forms
    number = write_number(last, words) if alone else counted(last, one, words)
    return f"{number} {noun}"


def _after_scale(forms: str, words: Words) -> str:
    names = forms.split("/")
    return names[min(words.after_scale, len(names) - 1)]


def _case(amount: _Amount, words: Words) -> str:
    noun = amount.scale or amount.unit or amount.money
    forms = words.scales[amount.scale] if amount.scale else _forms(amount, words)
    numbers = (amount.first, amount.last)
    return case_around(amount.match, numbers, noun, forms.partition("|")[0], words)


def _in_case(amount: _Amount, case: str, words: Words) -> str:
    """The last number of an amount with its noun in a case; empty where that is not known."""
    forms = _forms(amount, words).partition("|")[0]
    if not amount.scale:
        noun = amount.unit or amount.money
        return with_noun_in_case(amount.last, noun, forms, case, words) or ""
    scales = words.scales[amount.scale]
    said = with_noun_in_case(amount.last, amount.scale, scales, case, words)
    return f"{said} {_after_scale(forms, words)}".rstrip() if said else ""


def _lower_end(amount: _Amount, case: str, words: Words) -> str:
    sign = amount.first_sign
    if case and not sign:
        return in_words(amount.first, words, case)
    if sign in words.scales:
        return f"{write_number(amount.first, words)} {_scale_name(amount.first, sign, words)}"
    if sign in all_units(words):
        return with_unit(amount.first, sign, words)
    return write_number(amount.first, words)


def _forms(amount: _Amount, words: Words) -> str:
    """The forms of the noun; money may also have those for hundredths."""
    if amount.money:
        return all_money(words).get(amount.money, words.money["$"])
    return all_units(words)[amount.unit] if amount.unit else ""


def with_unit(number: Number, unit: str, words: Words) -> str:
    """A number and the noun of its unit, if it has one."""
    if not unit:
        return write_number(number, words)
    return with_noun(number, all_units(words)[unit], words)


def _plain(number: Number, match: re.Match[str], case: str, words: Words) -> str | None:
    """A number alone; after a word such as `code` its digits are said one by one."""
    if number.is_padded and not number.fraction:
        return match[0]
    if match[0].isdigit() and labels_before(match, 2) & words.code_words:
        return say_digits(match[0], words) if len(match[0]) > 3 else match[0]
    if case:
        return in_words(number, words, case)
    if words.numerals and words.gender_before and not number.fraction:
        gender = words.gender_before(int(number.whole), word_before(match), word_after(match))
        return in_words(number, words, gender) if gender else write_number(number, words)
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


def _is_described(amount: _Amount, words: Words) -> bool:
    """Whether the amount describes a noun, so that its own noun is in the singular."""
    match = amount.match
    described = word_before(match).lower() in words.articles and bool(word_after(match))
    return described or "-" in (match["gap"], match["space"])


def _is_named_after(match: re.Match[str], forms: list[str]) -> bool:
    """Whether the currency is named in words too: `$5 million dollars`."""
    names = "|".join(form.rpartition(" ")[2] for form in forms[:2])
    after = match.string[match.end() : match.end() + _NAME_DISTANCE]
    return re.match(rf" (?:(?:de|di|US) |d')?(?:{names})\b", after) is not None


def _scale_name(number: Number, scale: str, words: Words) -> str:
    if scale in words.scales[scale].split("/"):
        return scale
    return noun_after(number, words.scales[scale], words)


def _with_cents(number: Number, forms: str, hundredths: str, words: Words) -> str:
    """An amount of money with hundredths: `5 dollars 20 cents`."""
    whole = Number(number.whole, grouped=number.grouped)
    cents = Number(str(int(number.fraction)))
    amount, small = (
        with_noun(part, names, words) for part, names in ((whole, forms), (cents, hundredths))
    )
    if cents.value == 0:
        return amount
    return small if whole.value == 0 else f"{amount} {words.cents} {small}"

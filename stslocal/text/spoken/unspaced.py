"""Writes text of Chinese, Japanese and Korean as it is spoken.

These languages write numbers between letters without a space, so no token can be found by its ends:
each rule is a pattern around digits, the more particular ones first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from stslocal.text.spoken.numbers import NUMBER, Number, parse_number
from stslocal.text.spoken.tokens import alternatives

_BEFORE = r"(?<![\d.,A-Za-z])"
"""A number with a unit is no part of a name such as A4."""
_HOST = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_PATH = r"(?:/[A-Za-z0-9\-./_~%]*)?"
_NOT_IN_WORD = r"(?![A-Za-z0-9])"
_MOST_DIGITS = 9
"""A longer number without marks is an identifier."""
_TELEPHONE = (
    r"(?:\+\d{1,4}(?:[- ]\d{1,8}){1,4}|0\d{1,3}(?:[- ]\d{3,8}){1,3}|\d{3,4}-\d{3,4}-\d{4}"
    r"|0\d{8,10}|1[3-9]\d[ -]\d{4}[ -]\d{4})(?!\d)"
)
_FEWEST_DIGITS = 8

Say = Callable[[re.Match[str]], str]
Rule = tuple[str, Say]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # so that it can be a key
class UnspacedWords:
    """The words of a language that is written without spaces around its numbers."""

    digits: tuple[str, ...]
    """The words for 0 to 9, one by one."""
    between: str
    """Between a number and its noun: a space or nothing."""
    cardinal: Callable[[int, str], str]
    point: str
    minus: str
    plus: str
    ratio: str
    """Between the numbers of a score or a ratio."""
    to: str
    """Between the ends of a range."""
    year: Callable[[str], str]
    """The four digits of a year, in words and with its noun."""
    year_noun: str
    """The word for a year, after its digits."""
    month: Callable[[int], str]
    day: Callable[[int], str]
    clock: Callable[[int, int], str]
    percent: Callable[[str], str]
    fraction: Callable[[str, str], str]
    """A numerator and a denominator, in words."""
    units: Mapping[str, str]
    """By sign: the noun, or what stands around the number (`时速{}公里`)."""
    money: Mapping[str, str]
    scales: str
    """Letters for ten thousand and the like, which stand before a currency."""
    own: tuple[Rule, ...]
    """Rules for words of the language beside digits: counters, months, hours."""
    at: str
    dot: str
    dash: str
    underscore: str
    slash: str
    symbols: Mapping[str, str]


def unspaced_text(text: str, words: UnspacedWords) -> str:
    """`text` with digits and signs in words; no digit is left."""
    for pattern, say in _rules(words):
        text = pattern.sub(say, text)
    return text


def say_number(number: Number, words: UnspacedWords) -> str:
    """A number in words; a long one, or one with a zero before it, digit by digit."""
    whole = number.whole or "0"
    long = len(whole) > (15 if number.grouped else _MOST_DIGITS) and not whole.endswith("0000")
    if number.is_padded or long or len(whole) > 15:
        said = say_each(whole, words)
    else:
        said = words.cardinal(int(whole), "")
    return f"{said}{words.point}{say_each(number.fraction, words)}" if number.fraction else said


def say_each(digits: str, words: UnspacedWords) -> str:
    """Digits one by one."""
    return "".join(words.digits[int(digit)] for digit in digits)


@cache
def _rules(words: UnspacedWords) -> tuple[tuple[re.Pattern[str], Say], ...]:
    def say(text: str) -> str:
        return say_number(parse_number(text, "."), words)

    def spelled(address: str) -> str:
        signs = {".": words.dot, "-": words.dash, "_": words.underscore, "/": words.slash}
        parts = re.split(r"([.\-_/])", address)
        said = (
            signs.get(part) or (" ".join(part.upper()) if len(part) == 2 else part)
            for part in parts
        )
        return " ".join(part for part in said if part)

    def mail(match: re.Match[str]) -> str:
        return f" {spelled(match[1])} {words.at} {spelled(match[2])} "

    def link(match: re.Match[str]) -> str:
        return f" {spelled(match[1].rstrip('/'))} "

    def date(match: re.Match[str]) -> str:
        year, month, day = match[1], int(match[3]), int(match[4])
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return match[0]
        return words.between.join((words.year(year), words.month(month), words.day(day)))

    def years(match: re.Match[str]) -> str:
        first, last = words.year(match[1]), words.year(match[2])
        return f"{first.removesuffix(words.year_noun).rstrip()}{words.to}{last}"

    def clock(match: re.Match[str]) -> str:
        said = words.clock(int(match[1]), int(match[2]))
        if match[3] and int(match[3]):
            said += words.between + _with(words.units["s"], say(str(int(match[3]))), words)
        return said

    def clocks(match: re.Match[str]) -> str:
        first, last = (words.clock(int(match[at]), int(match[at + 1])) for at in (1, 3))
        return f"{first}{words.to}{last}"

    def ratio(match: re.Match[str]) -> str:
        return words.between.join((say(match[1]), words.ratio, say(match[2])))

    def telephone(match: re.Match[str]) -> str:
        groups = re.findall(r"\d+", match[0])
        if sum(map(len, groups)) < _FEWEST_DIGITS:
            return match[0]
        plus = words.plus if match[0].startswith("+") else ""
        return plus + ", ".join(say_each(group, words) for group in groups)

    def money_before(match: re.Match[str]) -> str:
        scale = match["scale"] or ""
        return _with(words.money[match["sign"]], say(match["number"]) + scale, words)

    def amount_range(match: re.Match[str]) -> str:
        return f"{say(match[1])}{words.to}{match[2]}{match[3]}"

    def percent(match: re.Match[str]) -> str:
        return _signed(match["sign"], words.percent(say(match["number"])), words)

    def percents(match: re.Match[str]) -> str:
        return words.percent(f"{say(match[1])}{words.to}{say(match[2])}")

    def unit(match: re.Match[str]) -> str:
        noun = units[match["unit"]]
        number = say(match["number"]) + (match["scale"] or "")
        return _signed(match["sign"], _with(noun, number, words), words)

    def fraction(match: re.Match[str]) -> str:
        whole = f"{say(match[1])}{words.between}" if match[1] else ""
        return whole + words.fraction(say(match[2]), say(match[3]))

    def version(match: re.Match[str]) -> str:
        return words.dot.join(say_each(part, words) for part in match[0].split("."))

    def raised(match: re.Match[str]) -> str:
        return say_each("".join(str(unicodedata.digit(sign)) for sign in match[0]), words)

    def left(match: re.Match[str]) -> str:
        return _signed(match["sign"], say(match["number"]), words)

    units = {**words.money, **words.units}
    sign = r"(?P<sign>(?<![\d\w])[-+−])?"
    # Before a unit it is no hyphen of a name such as 新冠-19.
    sure_sign = r"(?P<sign>(?<![\dA-Za-z])[-+−])?"
    number = rf"(?P<number>{NUMBER})"
    scale = rf"(?P<scale>[{words.scales}]*)"
    time = r"([01]?\d|2[0-4]):([0-5]\d)"
    rules: list[Rule] = [
        (rf"([A-Za-z0-9._+-]+)@({_HOST})", mail),
        (rf"(?:https?://(?:www\.)?|www\.)({_HOST}{_PATH})(?:[?#][\w=&%-]*)?", link),
        (r"(?<!\d)(\d{4})([-/.])(\d\d?)\2(\d\d?)(?!\d)", date),
        (rf"(?<![\d:]){time} ?[-~–—〜～] ?{time}(?![\d:])", clocks),
        (r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])", clock),
        (r"(?<![\d:.])(\d{1,3}):(\d{1,3})(?![\d:]|\.\d)", ratio),
        (rf"(?<![\d.]){_TELEPHONE}", telephone),
        (r"(?<![\d.])\d+(?:\.\d+){2,}", version),
        (rf"(?P<sign>{alternatives(words.money)}) ?{number}{scale}", money_before),
        (rf"{_BEFORE}({NUMBER})%? ?[-~–—〜～] ?({NUMBER}) ?%", percents),
        (rf"(?<!\d)([12]\d{{3}}){words.year_noun}? ?[-~–—〜～] ?([12]\d{{3}}) ?{words.year_noun}",
         years),
        (rf"{_BEFORE}({NUMBER})(?:{alternatives(units)}|%)? ?[-~–—〜～] ?({NUMBER})(?P<tail>.?)",
         amount_range),
        (rf"{sure_sign}{_BEFORE}{number} ?%", percent),
        (rf"{sure_sign}{_BEFORE}{number} ?{scale} ?(?P<unit>{alternatives(units)}){_NOT_IN_WORD}",
         unit),
        (r"(?<![\d/.])(?:(\d{1,3}) )?(\d{1,2})/(\d{1,3})(?![\d/])", fraction),
        (r"[⁰¹²³⁴-⁹]+", raised),
        *words.own,
        (rf"{sign}{number}", left),
        *((re.escape(each), lambda _, said=said: f"{words.between}{said}{words.between}")
          for each, said in words.symbols.items()),
    ]  # fmt: skip
    return tuple((re.compile(pattern), say) for pattern, say in rules)


def _with(noun: str, number: str, words: UnspacedWords) -> str:
    return noun.format(number) if "{" in noun else f"{number}{words.between}{noun}"


def _signed(sign: str | None, said: str, words: UnspacedWords) -> str:
    lead = {"-": words.minus, "−": words.minus, "+": words.plus}.get(sign or "", "")
    return f"{lead}{words.between if lead else ''}{said}"

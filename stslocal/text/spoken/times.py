"""Dates, and times of the day."""

from __future__ import annotations

import re

from stslocal.text.spoken.amounts import with_unit
from stslocal.text.spoken.numbers import Number
from stslocal.text.spoken.tokens import (
    TokenClass,
    alternatives,
    stop_after,
    token_class,
    word_after,
    word_before,
)
from stslocal.text.spoken.words import Words

_HALF_DAY = r"[aApP]\.? ?[mM](?:\.|\b)"
_OF = frozenset({"of", "de", "di", "da", "do", "du", "des"})
"""After a fraction."""
_AFTER_HALF_DAY = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Eastern Central Pacific Mountain "
    "GMT UTC EST EDT CST CDT PST PDT ET PT CT BST CET".split()
)
"""Capitals after `a.m.` that begin no sentence."""
_AT = frozenset("à às as a las la alle dalle um om o w v ve в at saat".split())
"""Words before a time of the day."""
_CENTURY_SPLIT = 50
"""Years of two digits below it are of this century."""


def date_classes(words: Words) -> list[TokenClass]:
    """The classes of dates in digits and of a day beside the name of a month."""

    def year_first(match: re.Match[str]) -> str | None:
        return _say_date(match[4], match[3], match[1], match, words)

    def year_last(match: re.Match[str]) -> str | None:
        first, second = match["first"], match["second"]
        dotted = match["mark"] == "."
        day_first = dotted or int(first) > 12 or (words.day_first and int(second) <= 12)
        day, month = (first, second) if day_first else (second, first)
        return _say_date(day, month, match["year"], match, words)

    def day_and_month(match: re.Match[str]) -> str | None:
        return _say_date(match[1], match[2], "", match, words) if words.day_first else None

    def in_context(match: re.Match[str]) -> str | None:
        if word_before(match).lower() not in words.date_contexts or word_after(match) in _OF:
            return None
        day, month = (match[1], match[2]) if words.day_first else (match[2], match[1])
        return _say_date(day, month, "", match, words)

    all_digits = r"(?P<first>\d\d?)(?P<mark>[./-])(?P<second>\d\d?)(?P=mark)"
    classes = [
        token_class(r"(\d{4})([-/.])(\d\d?)\2(\d\d?)", year_first),
        token_class(rf"{all_digits}(?P<year>\d{{4}}){words.date_tail}", year_last),
        token_class(r"(?P<first>\d\d?)(?P<mark>/)(?P<second>\d\d?)/(?P<year>\d\d)", year_last),
        token_class(r"(\d\d?)/(\d\d?)", in_context),
        token_class(r"(0[1-9]|[12]\d|3[01])/(0[1-9]|1[0-2])", day_and_month),
    ]
    if words.dotted_dates:
        dotted = r"(?P<first>\d\d?)(?P<mark>\.) ?(?P<second>\d\d?)\. ?(?P<year>\d{4}|\d\d)"
        classes.append(token_class(rf"{dotted}{words.date_tail}", year_last))
        classes.append(token_class(r"(\d\d?)\. ?(1[0-2]|0?[1-9])\.", day_and_month))
    return classes + _named_months(words)


def time_classes(words: Words) -> list[TokenClass]:
    """The classes of times: 17:30, 17h30, 9 a.m., 10:30:15."""

    def say(match: re.Match[str]) -> str | None:
        hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
        seconds, half, before = match["seconds"], match["half"], word_before(match).lower()
        if half and not 1 <= hours <= 12:
            half = None
        if half:
            names = words.half_days[half[0] in "pP"]
            if words.half_days[0] == "AM":
                clock = f"{hours} {minutes:02d}" if minutes else f"{hours}"
            else:
                clock = re.sub(words.half_day_drops, "", words.clock(hours, minutes, before))
            stop = "" if word_after(match) in _AFTER_HALF_DAY else stop_after(match)
            return f"{clock} {names}{stop}"
        clock = words.clock(hours, minutes, before)
        if seconds and int(seconds):
            return f"{clock} {words.and_} {with_unit(Number(str(int(seconds))), 'sec', words)}"
        return clock

    def with_dot(match: re.Match[str]) -> str | None:
        before = word_before(match).lower()
        if before not in words.clock_contexts:
            return None
        return words.clock(int(match[1]), int(match[2]), before)

    def with_noun(match: re.Match[str]) -> str:
        before = word_before(match).lower()
        return words.clock(int(match[1]), int(match[2] or 0), before) + stop_after(
            match, capital_nouns=words.capital_nouns
        )

    def half_day_span(match: re.Match[str]) -> str:
        ends = []
        for hour, minute, half in (match.group(1, 2, 3), match.group(4, 5, 6)):
            name = words.half_days["p" in half.lower()] if half else ""
            ends.append(" ".join(part for part in (hour, minute, name) if part))
        return f" {words.to} ".join(ends)

    def span(match: re.Match[str]) -> str:
        ends = [re.findall(r"\d+", part) for part in re.split("[-—]", match[0])]
        before = word_before(match).lower()
        clocks = [words.clock(int(end[0]), int(end[1]) if end[1:] else 0, before) for end in ends]
        return f" {words.to} ".join(clocks)

    def lasted(match: re.Match[str]) -> str:
        """2h05min30s, 5 min 30 s: with seconds it is no time of the day."""
        parts = zip(match.group("h", "m", "s"), ("h", "min", "s"), strict=True)
        return " ".join(
            with_unit(Number(str(int(digits))), unit, words) for digits, unit in parts if digits
        )

    def took(match: re.Match[str]) -> str | None:
        """1 h 30 min: with spaces it is no time of the day, unless a word says so."""
        return None if word_before(match).lower() in _AT else lasted(match)

    hours = r"(?P<hours>[01]?\d|2[0-4])"
    clock = r"(?:[01]?\d|2[0-4])(?:(?::|h)[0-5]\dh?|h)"
    half_day = rf"(\d\d?)(?::([0-5]\d))? ?({_HALF_DAY})"
    classes = [
        token_class(
            r"(?:(?P<h>\d{1,3}) ?h ?)?(?P<m>[0-5]?\d) ?(?:m|min|′) ?(?P<s>[0-5]?\d) ?(?:s|sec|seg)",
            lasted,
        ),
        token_class(r"(?P<h>\d{1,3}) h (?P<m>[0-5]?\d) min(?P<s>)", took),
        token_class(rf"{half_day}? ?[-—] ?{half_day}", half_day_span),
        token_class(rf"{clock} ?[-—] ?{clock}{words.clock_tail}", span),
        token_class(
            rf"{hours}(?::|\s?h\s?(?=\d))(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?"
            rf"(?:h|hs| ?min|m| h)?{words.clock_tail}(?:\s?(?P<half>{_HALF_DAY}))?",
            say,
        ),
        token_class(
            rf"{hours}\.(?P<minutes>[0-5]\d)(?P<seconds>)\s?(?P<half>{_HALF_DAY})",
            say,
        ),
        token_class(
            rf"{hours}(?P<minutes>)(?P<seconds>)\s?(?P<half>{_HALF_DAY})",
            say,
        ),
        token_class(r"([01]?\d|2[0-4])\.([0-5]\d)", with_dot),
    ]
    if words.clock_noun:
        noun = rf"([01]?\d|2[0-4])(?:[.:]([0-5]\d))? {words.clock_noun}"
        dotted = r"(?:[01]?\d|2[0-4])\.[0-5]\d"
        dotted_span = rf"{dotted} ?[-—] ?{dotted} {words.clock_noun}"
        classes[:0] = [token_class(noun, with_noun), token_class(dotted_span, span)]
    if words.bare_hours:
        classes.append(token_class(rf"{hours}(?P<minutes>)(?P<seconds>)h(?P<half>)", say))
    return classes


def _named_months(words: Words) -> list[TokenClass]:
    months = {name: number for number, name in enumerate(words.months, 1)}
    months |= words.month_abbreviations
    names = alternatives(months)

    def say(match: re.Match[str]) -> str | None:
        day, year, before = int(match["day"]), match["year"] or "", word_before(match).lower()
        if not 1 <= day <= 31 or (before == "in" and not year):
            return None  # "in May 5 people came"
        date = words.date(day, words.months[months[match["name"]] - 1], year, before)
        return date.removeprefix("the ") if before == "the" else date

    def days(match: re.Match[str]) -> str:
        before = word_before(match).lower()
        first = words.date(int(match["from"]), "", "", before).strip()
        last = words.date(
            int(match["day"]), words.months[months[match["name"]] - 1], match["year"] or "", before
        )
        return f"{first} {words.to} {last}"

    def first_of(match: re.Match[str]) -> str:
        return f"{words.ordinal(1, False)} {match[1]}"

    if not words.month_abbreviations:
        return [token_class(rf"0?1[º°]? ((?:de )?(?:{names}))", first_of)]
    year = rf"(?:,? (?P<year>[12]\d{{3}}){words.date_tail})?"
    if words.dotted_dates:
        day = r"(?P<day>\d\d?)\.?"
        return [
            token_class(rf"{day} (?P<name>{names}){year}", say),
            token_class(rf"(?P<from>\d\d?)\.? ?[-—] ?{day} (?P<name>{names}){year}", days),
        ]
    return [
        token_class(rf"(?P<day>\d\d?) (?P<name>{names}){year}", say),
        token_class(rf"(?P<name>{names}) (?P<day>\d\d?){year}", say),
    ]


def _say_date(day: str, month: str, year: str, match: re.Match[str], words: Words) -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    if len(year) == 2:
        year = f"{20 if int(year) < _CENTURY_SPLIT else 19}{year}"
    return words.date(int(day), words.months[int(month) - 1], year, word_before(match).lower())

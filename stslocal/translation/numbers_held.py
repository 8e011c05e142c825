"""Holds the numbers of a translation to those of its source: by value, with their units.

A wrong number is written anew where it is sure which one it is: where it has the source's digits
with other marks or other zeros ("2.200,112" for 2,200,112; "10" for 10,000).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from stslocal.text.number_marks import number_marks
from stslocal.text.number_words import SCALES, reads_words
from stslocal.text.numbers import Number, is_written_by, read_numbers, written
from stslocal.text.units import unit_after, unit_word

_LEAST_STRONG = 13
_WITH_24_HOURS = {"pt": "h", "fr": "h", "es": ":00", "it": ":00", "de": ":00"}
"""Languages that write times from 0 to 24, and what they write after a full hour."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A source and its translation."""

    source: str
    translation: str
    source_language: str
    target_language: str


@dataclass(frozen=True, slots=True)
class Held:
    """The numbers of a source beside those of its translation."""

    pairs: tuple[tuple[Number, Number], ...]
    missing: tuple[Number, ...]
    """Numbers of the source that the translation has not."""
    extra: tuple[Number, ...]
    """Numbers of the translation that the source has not."""


def hold(texts: Texts) -> Held:
    """Compare the numbers of a translation with its source's by value."""
    ours = read_numbers(texts.source, texts.source_language)
    theirs = read_numbers(texts.translation, texts.target_language)
    by_scale = texts.source_language in SCALES and texts.target_language in SCALES
    pairs: list[tuple[Number, Number]] = []
    for one_sure, other_sure in ((True, True), (True, False), (False, True), (False, False)):
        for number in [n for n in ours if n.strong is one_sure]:
            same = [n for n in theirs if n.strong is other_sure and _equal(number, n, by_scale)]
            if same:
                pairs.append((number, same[0]))
                ours.remove(number)
                theirs.remove(same[0])
    theirs = [number for number in theirs if number.strong and not _is_said_time(number, ours)]
    ours = [number for number in ours if number.strong]
    if not reads_words(texts.target_language) and not theirs:
        ours = [number for number in ours if not _may_be_words(number)]
    if not reads_words(texts.source_language) and not ours:
        theirs = [number for number in theirs if not _may_be_words(number)]
    return Held(tuple(pairs), tuple(ours), tuple(theirs))


def repair(texts: Texts) -> str:
    """The translation with the numbers and units that are surely wrong written anew."""
    held = hold(texts)
    changes: list[tuple[int, int, str]] = []
    pairs = list(held.pairs)
    left = list(held.extra)
    for number in held.missing:
        wrong = [other for other in left if _same_digits(number, other)]
        if len(wrong) == 1:
            left.remove(wrong[0])
            pairs.append((number, wrong[0]))
            changes.append(_anew(number, wrong[0], texts.target_language))
    for number, other in [pair for pair in pairs if pair[0].strong]:
        changes += _unit_kept(number, other, texts)
    for number, other in held.pairs:
        changes += _written_by_rule(number, other, texts.target_language)
    repaired = _changed(texts.translation, changes)
    # The stop of "p.m." at the end is also the sentence's.
    stops = texts.translation.endswith(".") and not repaired.endswith(".")
    return f"{repaired}." if stops else repaired


def is_by_rule(texts: Texts) -> bool:
    """Whether the right numbers have the marks and the units that the target language wants."""
    return repair(texts) == texts.translation


def replace_only(texts: Texts) -> str:
    """The translation with its only wrong number written anew, though it has other digits."""
    held = hold(texts)
    if len(held.missing) != 1 or len(held.extra) != 1 or held.missing[0].minutes is not None:
        return texts.translation
    change = _anew(held.missing[0], held.extra[0], texts.target_language)
    return _changed(texts.translation, [change])


def in_digits(text: str, language: str, marks_of: str) -> str:
    """The text with its numbers in digits, written by the marks of another language."""
    return _changed(
        text,
        [
            (number.start, _digits_end(number), written(number, marks_of))
            for number in read_numbers(text, language)
            if number.strong and number.minutes is None
        ],
    )  # fmt: skip


def code_spans(texts: Texts) -> list[tuple[int, int, str]]:
    """Where the source has the numbers that its translation lost, and how the target writes them.

    All numbers, where the translation has lost none and has too many.
    """
    lost = hold(texts).missing or [
        number
        for number in read_numbers(texts.source, texts.source_language)
        if number.text and number.strong
    ]
    return [
        (number.start, _digits_end(number), _in_target(number, texts.target_language))
        for number in lost
    ]


def _digits_end(number: Number) -> int:
    """Where the digits end, or the words; a scale ("million") is translated."""
    return number.start + len(number.text) if number.text else number.end


def _in_target(number: Number, target: str) -> str:
    if number.minutes is None:
        return written(number, target)
    changes = _hours_by_rule(number, target)
    return changes[0][2] if changes else number.text


def _changed(text: str, changes: Sequence[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _equal(one: Number, other: Number, by_scale: bool) -> bool:
    if one.minutes is not None or other.minutes is not None:
        return _same_time(one, other)
    if one.text and one.text == other.text and one.scale == other.scale and (
        one.is_name or other.is_name
    ):
        return True
    if one.is_name and other.text:
        return False
    if one.text and other.text and "mark" in (one.minus, other.minus) and (
        not one.minus or not other.minus
    ):
        return False
    if one.value == other.value or _same_decade(one.value, other.value):
        return True
    return not by_scale and one.value / one.scale == other.value / other.scale


def _same_decade(one: Decimal, other: Decimal) -> bool:
    """Whether both mean the same ten years, as 1990 and 90 do."""
    low, high = sorted((one, other))
    return 10 <= low < 100 and low % 10 == 0 and 1100 <= high < 2100 and high % 100 == low


def _same_time(one: Number, other: Number) -> bool:
    if (one.minutes or 0) != (other.minutes or 0):
        return False
    if one.half and other.half:
        return one.half == other.half and one.value == other.value
    if one.value == other.value:
        return True
    of_half = one if one.half else other
    of_day = other if one.half else one
    if not of_half.half:
        return False
    hours = of_half.value % 12 + (12 if of_half.half == "p" else 0)
    return hours == of_day.value % 24


def _is_said_time(time: Number, unmatched: list[Number]) -> bool:
    """Whether the source says a time in words: three thirty, half past three.

    Takes the words that say it from `unmatched`.
    """
    if time.minutes is None:
        return False
    words = [number for number in unmatched if number.in_words]
    if any(number.value in (Decimal("0.5"), Decimal("0.25")) for number in words):
        return True
    hours = [n for n in words if n.value % 12 == time.value % 12]
    minutes = [n for n in words if n.value == time.minutes]
    if not hours or not (minutes or not time.minutes):
        return False
    for number in (hours[0], *minutes[:1]):
        unmatched.remove(number)
    return True


def _may_be_words(number: Number) -> bool:
    """Whether a language whose words are not read here may write this number in words."""
    digits = f"{number.value.normalize():f}".rstrip("0")
    return number.value < _LEAST_STRONG or len(digits) <= 1


def _same_digits(one: Number, other: Number) -> bool:
    """Whether only marks and zeros differ."""
    if one.minutes is not None or other.minutes is not None or not other.text:
        return False
    mine, theirs = (_digits(number) for number in (one, other))
    return mine != "" and mine == theirs


def _digits(number: Number) -> str:
    return f"{number.value / number.scale:f}".replace(".", "").strip("0")


def _anew(number: Number, wrong: Number, target: str) -> tuple[int, int, str]:
    """The change that writes a source's number in place of a wrong one."""
    if wrong.scale == number.scale and wrong.text:
        return wrong.start, wrong.start + len(wrong.text), written(number, target)
    name = next((w for w, size in SCALES.get(target, {}).items() if size == number.scale), "")
    if number.scale > 1 and name:
        return wrong.start, wrong.end, f"{written(number, target)} {name}"
    if number.scale > 1:
        digits = number_marks(target).grouped(str(int(number.value)))
        return wrong.start, wrong.end, digits
    return wrong.start, wrong.end, written(number, target)


def _unit_kept(number: Number, other: Number, texts: Texts) -> list[tuple[int, int, str]]:
    """The change that writes the source's unit where the translation has another."""
    ours = unit_after(texts.source, number.end, texts.source_language)
    theirs = unit_after(texts.translation, other.end, texts.target_language)
    if ours is None or theirs is None or ours.meanings & theirs.meanings:
        return []
    quantities = {quantity for quantity, _ in theirs.meanings}
    for meaning in sorted(ours.meanings):
        word = unit_word(meaning, texts.target_language, one=number.value == 1)
        if meaning[0] in quantities and word:
            return [(theirs.start, theirs.end, word)]
    return []


def _written_by_rule(number: Number, other: Number, target: str) -> list[tuple[int, int, str]]:
    """The change that writes a right number by the marks of its language."""
    if other.minutes is not None:
        return _hours_by_rule(other, target)
    if not other.text or number.is_name or other.is_name:
        return []
    end = other.start + len(other.text)
    if not is_written_by(other, target):
        return [(other.start, end, written(other, target))]
    year = number.text.isdigit() and len(number.whole) == 4 and other.grouped
    if year and number.scale == other.scale and not other.fraction:
        return [(other.start, end, number.whole)]
    return []


def _hours_by_rule(time: Number, target: str) -> list[tuple[int, int, str]]:
    """The change from "11:05 p.m." to 23:05 where days have 24 hours."""
    if target == "en" and not time.half and time.text[-1:] in "mM.":
        return [(time.start, time.end, f"{time.value}:{time.minutes:02}")]
    if target not in _WITH_24_HOURS or not time.half:
        return []
    hours = int(time.value) % 12 + (12 if time.half == "p" else 0)
    minutes = f":{time.minutes:02}" if time.minutes else _WITH_24_HOURS[target]
    return [(time.start, time.end, f"{hours}{minutes}")]



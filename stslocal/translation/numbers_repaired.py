"""Writes the numbers of a translation anew where they are surely wrong.

That is where a number has the source's digits with other marks or other zeros ("2.200,112" for
2,200,112; "10" for 10,000), a time the wrong half of the day, and a unit is not the source's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stslocal.text.number_marks import number_marks
from stslocal.text.number_words import SCALES
from stslocal.text.numbers import Number, is_written_by, read_numbers, written
from stslocal.text.units import is_sign, sign_of, unit_of, unit_word
from stslocal.translation.numbers_held import Texts, hold, same_digits

_WITH_24_HOURS = {"pt": "h", "fr": "h", "es": ":00", "it": ":00", "de": ":00"}
"""Languages that write times from 0 to 24, and what they write after a full hour."""


def repair(texts: Texts) -> str:
    """The translation with the numbers and units that are surely wrong written anew."""
    held = hold(texts)
    changes: list[tuple[int, int, str]] = []
    pairs = list(held.pairs)
    left = list(held.extra)
    for number in held.missing:
        wrong = [other for other in left if same_digits(number, other)]
        if len(wrong) == 1:
            left.remove(wrong[0])
            pairs.append((number, wrong[0]))
            changes.append(_anew(number, wrong[0], texts.target_language))
    for number, other in [pair for pair in pairs if pair[0].strong]:
        changes += _unit_kept(number, other, texts)
    for number, other in held.pairs:
        changes += _written_by_rule(number, other, texts.target_language)
    repaired = _changed(texts.translation, changes)
    repaired = re.sub(r"\bUS \$ ?(?=\d)", "US$ ", repaired)
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
            (number.start, _digits_end(number), _in_target(number, marks_of))
            for number in read_numbers(text, language)
            if number.strong and (number.minutes is None or number.in_words)
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
    if changes:
        return changes[0][2]
    half = f" {number.half}.m." if number.half and target == "en" else ""
    full_hour = _WITH_24_HOURS.get(target, ":00") if not half else ""
    minutes = f":{number.minutes:02}" if number.minutes else full_hour
    return f"{number.value}{minutes}{half}"


def _changed(text: str, changes: Sequence[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _anew(number: Number, wrong: Number, target: str) -> tuple[int, int, str]:
    """The change that writes a source's number in place of a wrong one."""
    if number.minutes is not None:
        return wrong.start, wrong.end, _in_target(number, target)
    if wrong.scale == number.scale and wrong.text:
        return wrong.start, wrong.start + len(wrong.text), written(number, target)
    name = next((w for w, size in SCALES.get(target, {}).items() if size == number.scale), "")
    if number.scale > 1 and name:
        return wrong.start, wrong.end, f"{written(number, target)} {name}"
    if number.scale > 1:
        digits = number_marks(target).grouped(f"{number.value:.0f}")
        return wrong.start, wrong.end, digits
    return wrong.start, wrong.end, written(number, target)


def _unit_kept(number: Number, other: Number, texts: Texts) -> list[tuple[int, int, str]]:
    """The change that writes the source's unit where the translation has another."""
    ours = unit_of(texts.source, number.start, number.end, texts.source_language)
    theirs = unit_of(texts.translation, other.start, other.end, texts.target_language)
    if ours is None or theirs is None or ours.meanings & theirs.meanings:
        return []
    quantities = {quantity for quantity, _ in theirs.meanings}
    for meaning in sorted(ours.meanings):
        word = unit_word(meaning, texts.target_language, one=number.value == 1)
        if is_sign(texts.translation[theirs.start : theirs.end]):
            word = sign_of(meaning)
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
    """The change from "11:05 p.m." to 23:05 where days have 24 hours, and from "6.05 a.m.".

    Leaves words such as "in the morning" as they are.
    """
    letters = re.fullmatch(r"([\d:.]+?)(\s?[ap]\.?\s?m\.?)", time.text, re.IGNORECASE)
    if letters is None:
        return []
    if target == "en":
        changed = letters[1].replace(".", ":") + (letters[2] if time.half else "")
        return [(time.start, time.end, changed)] if changed != time.text else []
    if target not in _WITH_24_HOURS or not time.half:
        return []
    hours = int(time.value) % 12 + (12 if time.half == "p" else 0)
    minutes = f":{time.minutes:02}" if time.minutes else _WITH_24_HOURS[target]
    return [(time.start, time.end, f"{hours}{minutes}")]

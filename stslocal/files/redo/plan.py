"""What of a session is to be done again, by what a person corrected in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stslocal.errors import SettingsError
from stslocal.files.speak import ORIGINAL
from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment

_NUMBERS = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What is to be done again in one line."""

    number: int
    """Of the line, from 1."""
    segment: SessionSegment
    text: str
    """What was said, as it is to be."""
    translation: str | None
    """None where the text is to be translated."""
    is_spoken: bool
    """Whether it is to be spoken; else its sound, if it has one, stays and may move."""

    @property
    def wants_text(self) -> bool:
        """Whether the text that was said changes in the files."""
        before, after = self.segment.redone, self.segment.correction
        return self.text != self.segment.text or before.skip != after.skip

    @property
    def keeps_own_sound(self) -> bool:
        """Whether it is the speaker's own sound, because it is in the target language."""
        return self.segment.voice == ORIGINAL and not self.is_spoken


def plan_lines(
    session: Session, numbers: Iterable[int] | None, *, translate_again: bool = False
) -> list[LinePlan]:
    """What is to be done again: in the lines of these numbers, or in all that were corrected.

    A line that is named is spoken again also where nothing was corrected, unless it is left out,
    and translated again with `translate_again`. Where the translation is text alone, no line is
    spoken. Raises SettingsError for a number that no line has.
    """
    if numbers is None:
        chosen = [(n, one) for n, one in enumerate(session.segments, 1) if one.is_changed]
    else:
        chosen = [(n, _segment(session, n)) for n in sorted(set(numbers))]
        chosen = [(n, one) for n, one in chosen if one.is_changed or not one.redone.skip]
    return [
        _plan(n, one, session, is_named=numbers is not None, anew=translate_again)
        for n, one in chosen
    ]


def read_numbers(text: str) -> list[int]:
    """Read the numbers of lines: `12`, `3,7` or `3-7`. Raises SettingsError."""
    numbers: list[int] = []
    for part in text.split(","):
        found = _NUMBERS.fullmatch(part.strip())
        last = int(found[2] or found[1]) if found else 0
        if found is None or not 1 <= int(found[1]) <= last or last - int(found[1]) > 100_000:
            raise SettingsError(f"--line is {text!r}: write numbers from 1 on, such as 12 or 3,7-9")
        numbers += range(int(found[1]), last + 1)
    return numbers


def numbers_text(numbers: Sequence[int]) -> str:
    """Write the numbers of lines for a person: `line 12`, `lines 3, 7 and 9`."""
    parts = [str(number) for number in numbers]
    if len(parts) == 1:
        return f"line {parts[0]}"
    shown = parts if len(parts) <= 8 else [*parts[:7], f"{len(parts) - 7} more"]
    return f"lines {', '.join(shown[:-1])} and {shown[-1]}"


def _segment(session: Session, number: int) -> SessionSegment:
    count = len(session.segments)
    if not 1 <= number <= count:
        has = f"it has lines 1 to {count}" if count else "it has none"
        raise SettingsError(f"the session has no line {number}: {has}")
    return session.segments[number - 1]


def _plan(
    number: int, segment: SessionSegment, session: Session, *, is_named: bool, anew: bool
) -> LinePlan:
    wanted, done, made = segment.correction, segment.redone, segment.by_program
    text = made.text if wanted.text is None else wanted.text
    translation = wanted.translation
    if translation is None and segment.language == session.target_language:
        translation = text  # its own sound is kept
    elif translation is None and not anew:
        if text == segment.text and done.translation is None:
            translation = segment.translation
        elif text == made.text:
            translation = made.translation
    keeps_own = segment.voice == ORIGINAL and wanted.translation is None and wanted.voice is None
    if wanted.skip or keeps_own or not session.is_spoken:
        is_spoken = False
    else:
        is_spoken = (
            translation != segment.translation
            or segment.target is None
            or (wanted.voice, wanted.speed, wanted.end_s) != (done.voice, done.speed, done.end_s)
            or (is_named and not segment.is_changed)
            or anew
        )
    if keeps_own and segment.target is None and done.skip and not wanted.skip:
        raise SettingsError(
            f"line {number} kept the speaker's own sound, which is not in the files any more: "
            "translate the recording again with --overwrite, or correct its translation"
        )
    return LinePlan(number, segment, text, translation, is_spoken)

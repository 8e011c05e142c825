"""Reads who speaks when from a file: RTTM, or JSON of other programs and of a session file.

RTTM is the format of diarization programs, a line for each turn:

    SPEAKER talk 1 12.5 3.2 <NA> <NA> anna <NA> <NA>      from 12.5 s on, for 3.2 s

JSON is a list of turns, or an object with it as `turns` (or `segments`, as WhisperX has it):

    {"turns": [{"start_s": 12.5, "end_s": 15.7, "speaker": "S1"}], "names": {"S1": "Anna"}}

`start` and `end` are taken too. `names` renames speakers and may be left out. The session file of
a translation with speakers is such a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stslocal.errors import SettingsError
from stslocal.foreign_files import UnreadableFileError, parse_json, read_text
from stslocal.types import Turn

_MOST_BYTES = 16 << 20
_MOST_TURNS = 100_000
MOST_SPEAKERS = 50
"""A file with more persons is likely one with another content: each person gets a voice."""
_LONGEST_NAME = 60
_LATEST_S = 30 * 86_400.0
_RTTM_FIELDS = 8
"""Fields of a line up to the name."""
_OTHER_LINES = frozenset(
    "SPKR-INFO NOSCORE NO_RT_METADATA SEGMENT LEXEME NON-LEX NON-SPEECH FILLER EDIT SU".split()
)
"""The kinds of lines of RTTM that say nothing of turns."""


def read_turns(path: Path) -> tuple[Turn, ...]:
    """The turns of a file in the order of their starts.

    Raises SettingsError for a file that cannot be read, has no turns or wrong ones.
    """
    try:
        text = read_text(path, most=_MOST_BYTES)
        is_json = text.lstrip()[:1] in ("{", "[")
        turns = list(_of_json(parse_json(text)) if is_json else _of_rttm(text))
    except UnreadableFileError as error:
        raise SettingsError(f"--speakers: {path} {error}") from error
    except _WrongTurnError as error:
        raise SettingsError(f"--speakers: {path} {error}") from error
    if not turns:
        raise SettingsError(
            f"--speakers: {path} has no turns: give a file in RTTM or JSON, or `--speakers auto`"
        )
    persons = {turn.speaker for turn in turns}
    if len(persons) > MOST_SPEAKERS:
        raise SettingsError(
            f"--speakers: {path} has {len(persons)} speakers, and {MOST_SPEAKERS} at most get a "
            "voice: is it the right file?"
        )
    return tuple(sorted(turns, key=lambda turn: (turn.start_s, turn.end_s)))


class _WrongTurnError(Exception):
    """A turn cannot be used. The message completes "PATH ..."."""


def _of_rttm(text: str) -> Iterator[Turn]:
    recordings = set()
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if not fields or fields[0].startswith((";", "#")) or fields[0] in _OTHER_LINES:
            continue
        if fields[0] != "SPEAKER" or len(fields) < _RTTM_FIELDS:
            raise _WrongTurnError(
                f"is neither RTTM nor JSON (line {number}): a line of RTTM is `SPEAKER talk 1 12.5 "
                "3.2 <NA> <NA> anna <NA> <NA>`"
            )
        recordings.add(fields[1])
        if len(recordings) > 1:
            raise _WrongTurnError(
                f"has the turns of several recordings ({', '.join(sorted(recordings))}): keep the "
                "lines of one"
            )
        start_s = _seconds(fields[3], f"line {number}")
        yield _turn(start_s, start_s + _seconds(fields[4], f"line {number}"), fields[7],
                    f"line {number}", number)  # fmt: skip


def _of_json(document: Any) -> Iterator[Turn]:
    names: Mapping[str, Any] = {}
    if isinstance(document, dict):
        names = document.get("names", {})
        document = document.get("turns", document.get("segments"))
    if not isinstance(document, list) or not isinstance(names, dict):
        raise _WrongTurnError('has no list of turns: write {"turns": [...]}')
    for number, row in enumerate(document, 1):
        where = f"turn {number}"
        if not isinstance(row, dict) or "speaker" not in row:
            raise _WrongTurnError(f'has a wrong {where}: write {{"start_s": 1.5, "end_s": 4, '
                                  '"speaker": "S1"}')  # fmt: skip
        start_s = _seconds(row.get("start_s", row.get("start")), where)
        end_s = _seconds(row.get("end_s", row.get("end")), where)
        speaker = row["speaker"]
        yield _turn(start_s, end_s, names.get(str(speaker), speaker), where, number)


def _turn(start_s: float, end_s: float, speaker: Any, where: str, number: int) -> Turn:
    if number > _MOST_TURNS:
        raise _WrongTurnError(f"has more than {_MOST_TURNS} turns: is it the right file?")
    if not start_s < end_s <= _LATEST_S:
        raise _WrongTurnError(f"has a turn that ends before it starts or too late ({where})")
    name = " ".join(str(speaker).split()) if isinstance(speaker, str | int) else ""
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise _WrongTurnError(
            f"has a name that cannot be shown ({where}): write one of 1 to {_LONGEST_NAME} "
            "characters"
        )
    return Turn(start_s, end_s, name)


def _seconds(value: Any, where: str) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if isinstance(value, bool) or not 0.0 <= seconds < math.inf:
        raise _WrongTurnError(f"has a time that is no number of seconds ({where}): {value!r:.40}")
    return seconds

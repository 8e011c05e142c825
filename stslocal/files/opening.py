"""Takes the first utterances of a recording, which give its language and its voice."""

from __future__ import annotations

from collections.abc import Iterator

from stslocal.types import RECOGNITION_RATE, Utterance

OPENING_S = 12.0
"""Seconds of speech that are read before the first sentence is translated: enough to detect the
language and to make the voice."""
LONGEST_OPENING_S = 300.0
"""Seconds of speech that are read at first where all of it is in the target language: a shorter
recording is refused before any work."""


def take_opening(utterances: Iterator[Utterance], *, but: str = "") -> list[Utterance]:
    """Take the first utterances, until they have OPENING_S seconds of sound in other languages
    than `but`, or LONGEST_OPENING_S in any.
    """
    opening: list[Utterance] = []
    for utterance in utterances:
        opening.append(utterance)
        others = [one for one in opening if one.language != but or not but]
        if duration_s(others) >= OPENING_S or duration_s(opening) >= LONGEST_OPENING_S:
            break
    return opening


def duration_s(utterances: list[Utterance]) -> float:
    """Seconds of sound in all of them."""
    return sum(len(one.samples) for one in utterances) / RECOGNITION_RATE

"""The beginning of a recording, by which its language and its voice are decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

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
        if seconds_of(others) >= OPENING_S or seconds_of(opening) >= LONGEST_OPENING_S:
            break
    return opening


def no_speech() -> Utterance:
    """A second of silence, in place of the speech where only subtitles say that there is any."""
    return Utterance(0, 0.0, np.zeros(RECOGNITION_RATE, np.float32))


def seconds_of(utterances: Sequence[Utterance]) -> float:
    """Seconds of sound in utterances."""
    return sum(len(one.samples) for one in utterances) / RECOGNITION_RATE

"""Places translated speech in time, so that it stays beside the speaker.

A sentence starts where its source starts, at the voice's own speed. When it does not fit before
the next one, these follow, each when those before it do not suffice:

    1. it uses the silence after it
    2. it is spoken faster, up to COMFORTABLE_SPEED
    3. it starts up to EARLY_S before its source, in the silence there
    4. the sentences after it start later, up to `max_lag_s`
    5. it is spoken faster still, up to `max_speed`. The speed is the lowest one that keeps this and
       the next sentences within `max_lag_s`, so a stretch of fast speech has one speed
    6. it is later than `max_lag_s`, which is reported

Starts never go backwards and sentences never overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PAUSE_S = 0.12
"""Seconds between two sentences that touch. With less they sound like one sentence."""

COMFORTABLE_SPEED = 1.2
"""Above this speed a listener notices the haste more than a short delay."""

MAX_FILE_SPEED = 1.5
"""Above this speed words become hard to understand."""

MAX_FILE_LAG_S = 4.0

EARLY_S = 0.5
"""A sentence that does not fit may start this long before its source."""

_AIM = 0.9
"""The speed is chosen for this share of `max_lag_s`: durations are known about, not exactly."""


@dataclass(frozen=True, slots=True)
class PlacementLimits:
    """How fast and how late translated sentences may be."""

    max_speed: float = MAX_FILE_SPEED
    """Highest speaking rate, where 1.0 is the voice's own."""
    max_lag_s: float = MAX_FILE_LAG_S
    """A sentence starts at most this long after its source, if `max_speed` suffices for it."""


USUAL_PLACEMENT = PlacementLimits()


@dataclass(frozen=True, slots=True)
class Expected:
    """A sentence that is going to be spoken."""

    start_s: float
    """Where its source starts."""
    end_s: float
    """Where its source ends."""
    duration_s: float
    """Seconds of its speech at the voice's own speed, as estimated."""


@dataclass(frozen=True, slots=True)
class Place:
    """When a sentence is to start, and how fast it is to be spoken."""

    start_s: float
    """It starts then, or when the sentence before it is over."""
    speed: float


@dataclass(slots=True)
class TargetTimeline:
    """Places sentences one after the other, and keeps where the last one ends."""

    end_s: float = 0.0
    """End of the last placed sentence, in seconds; 0 before the first."""
    empty: bool = True

    def earliest_s(self, start_s: float) -> float:
        """The first time from `start_s` on at which the next sentence can start."""
        return max(start_s, 0.0) if self.empty else max(start_s, self.end_s + PAUSE_S)

    def place(self, start_s: float, duration_s: float) -> float:
        """Place a sentence and return where it starts."""
        start_s = self.earliest_s(start_s)
        self.end_s = start_s + duration_s
        self.empty = False
        return start_s


def place(
    sentences: Sequence[Expected], timeline: TargetTimeline, limits: PlacementLimits
) -> Place:
    """Choose start and speed of the first of `sentences`, knowing those that come after it."""
    first = sentences[0]
    comfortable = min(COMFORTABLE_SPEED, limits.max_speed)
    next_s = sentences[1].start_s if len(sentences) > 1 else float("inf")
    missing_s = first.duration_s / comfortable - (
        next_s - PAUSE_S - timeline.earliest_s(first.start_s)
    )
    wanted_s = first.start_s - min(EARLY_S, max(0.0, missing_s))
    start_s = timeline.earliest_s(wanted_s)
    speed = max(
        min(comfortable, speed_to_fit(first.duration_s, next_s - PAUSE_S - start_s)),
        min(limits.max_speed, _speed_for_lag(sentences, start_s, _AIM * limits.max_lag_s)),
    )
    return Place(wanted_s, speed)


def speed_to_fit(duration_s: float, room_s: float) -> float:
    """Speaking rate, 1.0 or more, at which `duration_s` of speech fits into `room_s`."""
    if duration_s <= room_s:
        return 1.0
    return duration_s / room_s if room_s > 0 else float("inf")


def _speed_for_lag(sentences: Sequence[Expected], start_s: float, lag_s: float) -> float:
    """The lowest constant speed from `start_s` on with which no sentence is later than `lag_s`.

    That is the highest of the speeds which the first one, the first two, and so on need together.
    What comes after a silence needs no speed before it, and takes no part in the highest one.
    """
    speed, speech_s = 1.0, 0.0
    for at, sentence in enumerate(sentences):
        # The last one that is known is to end in time too: another one may follow at once.
        next_s = sentences[at + 1].start_s if at + 1 < len(sentences) else sentence.end_s
        speech_s += sentence.duration_s
        room_s = next_s + lag_s - PAUSE_S * (at + 1) - start_s
        speed = max(speed, speed_to_fit(speech_s, room_s))
    return speed

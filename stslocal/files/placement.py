"""Places translated speech in time, so that it stays beside the speaker.

A segment starts where its source starts. When it does not fit before the next one, it first uses
the silence after it, then it is spoken up to `max_speed` times faster, and then the segments
after it move. Starts never go backwards and segments never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

PAUSE_S = 0.12
"""Seconds between two segments that touch. With less they sound like one sentence."""

MAX_FILE_SPEED = 1.2
"""Above this speed a listener notices the haste more than the delay."""


def fitting_speed(duration_s: float, room_s: float, *, max_speed: float = MAX_FILE_SPEED) -> float:
    """Speaking rate, 1.0 to `max_speed`, at which `duration_s` of speech fits into `room_s`."""
    if duration_s <= room_s:
        return 1.0
    if room_s <= 0:
        return max_speed
    return min(max_speed, duration_s / room_s)


@dataclass(slots=True)
class TargetTimeline:
    """Places segments one after the other, and keeps where the last one ends."""

    end_s: float = 0.0
    """End of the last placed segment, in seconds; 0 before the first."""
    empty: bool = True

    def earliest_s(self, start_s: float) -> float:
        """The first time from `start_s` on at which the next segment can start."""
        return start_s if self.empty else max(start_s, self.end_s + PAUSE_S)

    def room_s(self, start_s: float, next_start_s: float) -> float:
        """Seconds that a segment at `start_s` may last without moving the one after it."""
        return next_start_s - PAUSE_S - self.earliest_s(start_s)

    def place(self, start_s: float, duration_s: float) -> float:
        """Place a segment and return where it starts."""
        start_s = self.earliest_s(start_s)
        self.end_s = start_s + duration_s
        self.empty = False
        return start_s

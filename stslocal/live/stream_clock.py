"""The time axis of a live session: seconds since its first sample was captured."""

from __future__ import annotations

import math
from collections import deque

from stslocal.clock import Clock

_WINDOW_S = 30.0
"""At least one delivery within this time is assumed to be on time."""
_SLEW = 5e-4
"""Seconds that the zero may move in a second: two sound cards differ by less (200 ppm)."""
_STARTING_S = 3.0
_JUMP_S = 0.05
"""A card that was asleep starts late, and its driver knows its latency only then. So until
`_STARTING_S` were delivered, the zero moves at once if it is off by more than `_JUMP_S`."""


class StreamClock:
    """A Clock whose zero is the stream's first sample, also when the sound card's rate is off.

    The difference of `now()` and a position in the source is then a latency, even after hours.
    One thread calls `delivered`; any thread may call the other methods.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._zero = clock.now()
        self._moved_at = self._zero
        self._zeros: deque[tuple[float, float]] = deque()
        """(time, zero) of the recent deliveries whose zero is below that of all later ones."""

    def begin(self) -> None:
        """Set the zero to now: the first sample is captured now."""
        self._zero = self._moved_at = self._clock.now()
        self._zeros.clear()

    def now(self) -> float:
        return self._clock.now() - self._zero

    def sleep_until(self, time_s: float) -> None:
        self._clock.sleep_until(time_s + self._zero)

    def delivered(self, position_s: float, latency_s: float = 0.0) -> None:
        """Correct the zero: `position_s` seconds of the stream are delivered by now.

        `latency_s` ago they were in the air; drivers correct this figure as they run. A delivery
        is reported late, never early, so the earliest of the recent ones is right.
        """
        now = self._clock.now()
        zero = now - position_s
        while self._zeros and self._zeros[-1][1] >= zero:
            self._zeros.pop()
        self._zeros.append((now, zero))
        while self._zeros[0][0] < now - _WINDOW_S:
            self._zeros.popleft()
        off_s = self._zeros[0][1] - latency_s - self._zero
        may_jump = position_s <= _STARTING_S and abs(off_s) > _JUMP_S
        most = math.inf if may_jump else _SLEW * (now - self._moved_at)
        self._moved_at = now
        self._zero += min(most, max(-most, off_s))

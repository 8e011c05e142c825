"""The time axis of a live session: seconds since its first sample was heard."""

from __future__ import annotations

import math
from collections import deque

from stslocal.clock import Clock

_WINDOW_S = 30.0
"""A delivery on time is to be expected within this."""
_SLEW = 5e-4
"""Seconds that the zero may move in a second: two sound cards differ by less (200 ppm)."""
_SETTLED_S = 3.0
_FAR_S = 0.05
"""A card that sleeps begins late, and its driver learns only then how long its sound takes: until
`_SETTLED_S` were delivered, a zero that is off by more than `_FAR_S` moves at once."""


class StreamClock:
    """A Clock whose zero is the stream's first sample, also when the sound card's rate is off.

    A difference of `now()` and a position in the source is then a latency, after hours too. One
    thread calls `delivered`; any may call the rest.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._zero = clock.now()
        self._moved_at = self._zero
        self._zeros: deque[tuple[float, float]] = deque()
        """(when, zero) of recent deliveries whose zero is below that of all later ones."""

    def begin(self) -> None:
        """Say that the first sample is being heard now."""
        self._zero = self._moved_at = self._clock.now()
        self._zeros.clear()

    def now(self) -> float:
        return self._clock.now() - self._zero

    def sleep_until(self, time_s: float) -> None:
        self._clock.sleep_until(time_s + self._zero)

    def delivered(self, position_s: float, latency_s: float = 0.0) -> None:
        """Say that `position_s` seconds of the stream have come by now.

        `latency_s` ago they were in the air. That something came is said late, never early, so
        the earliest of the recent ones is right; how long it took is known better and better.
        """
        now = self._clock.now()
        zero = now - position_s
        while self._zeros and self._zeros[-1][1] >= zero:
            self._zeros.pop()
        self._zeros.append((now, zero))
        while self._zeros[0][0] < now - _WINDOW_S:
            self._zeros.popleft()
        off_s = self._zeros[0][1] - latency_s - self._zero
        settling = position_s <= _SETTLED_S and abs(off_s) > _FAR_S
        most = math.inf if settling else _SLEW * (now - self._moved_at)
        self._moved_at = now
        self._zero += min(most, max(-most, off_s))

"""Time as stages see it: the machine's, or a test's.

A stage that needs the time is given a clock and reads no other. On a VirtualClock, with fakes
that say how long their work takes and `run_inline`, half an hour of conversation passes in
milliseconds and the same way every time.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds from an arbitrary zero. They never go back."""

    def now(self) -> float: ...

    def sleep_until(self, time_s: float) -> None:
        """Return when `now()` is at least `time_s`; at once if it already is."""
        ...


class RealClock:
    """`time.perf_counter()`."""

    def now(self) -> float:
        return time.perf_counter()

    def sleep_until(self, time_s: float) -> None:
        while (remaining_s := time_s - self.now()) > 0:
            time.sleep(remaining_s)


class VirtualClock:
    """A time that passes only when somebody sleeps or works.

    One thread moves it; others may read it. In a chain of stages, what one stage takes is time
    for all of them: latencies come out as on a machine that does one thing at a time, an upper
    bound for one that does more.
    """

    def __init__(self, start_s: float = 0.0) -> None:
        self._now = start_s

    def now(self) -> float:
        return self._now

    def sleep_until(self, time_s: float) -> None:
        self._now = max(self._now, time_s)

    def work(self, duration_s: float) -> None:
        """Pass the time that a piece of work takes."""
        if duration_s < 0:
            raise ValueError(f"work takes time, not {duration_s} s")
        self._now += duration_s

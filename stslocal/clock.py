"""The clock of the stages: real time, or virtual time in tests.

A stage that needs the time gets a clock and reads no other one. With a VirtualClock, `run_inline`
and fakes that declare how long their work takes, a test runs half an hour of conversation in
milliseconds, and always with the same result.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Gives seconds since an arbitrary zero. They never decrease."""

    def now(self) -> float: ...

    def sleep_until(self, time_s: float) -> None:
        """Wait until `now()` is at least `time_s`."""
        ...


class RealClock:
    """The time of `time.perf_counter()`."""

    def now(self) -> float:
        return time.perf_counter()

    def sleep_until(self, time_s: float) -> None:
        while (remaining_s := time_s - self.now()) > 0:
            time.sleep(remaining_s)


class VirtualClock:
    """A time that passes only by `sleep_until` and `work`.

    One thread changes it; others may read it. In a chain of stages, the work of one stage takes
    time from all of them. So latencies are those of a machine that does one thing at a time,
    which is an upper bound for other machines.
    """

    def __init__(self, start_s: float = 0.0) -> None:
        self._now = start_s

    def now(self) -> float:
        return self._now

    def sleep_until(self, time_s: float) -> None:
        self._now = max(self._now, time_s)

    def work(self, duration_s: float) -> None:
        """Let `duration_s` seconds pass, the time of a piece of work."""
        if duration_s < 0:
            raise ValueError(f"work takes time, not {duration_s} s")
        self._now += duration_s

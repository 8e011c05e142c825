"""How often something may happen: a bucket that fills with time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import perf_counter

_MOST_KEYS = 4096
"""Clients that are remembered; the one that was longest away is forgotten."""


class Bucket:
    """Lets `per_s` events a second pass on average, and `burst` at once."""

    def __init__(
        self, per_s: float, burst: float, *, now: Callable[[], float] = perf_counter
    ) -> None:
        self._per_s = per_s
        self._burst = burst
        self._now = now
        self._level = burst
        self._at = now()

    @property
    def is_empty(self) -> bool:
        """Whether the next event would be refused."""
        self._fill()
        return self._level < 1.0

    def take(self) -> bool:
        """Count an event; False if it is one too many."""
        self._fill()
        if self._level < 1.0:
            return False
        self._level -= 1.0
        return True

    def _fill(self) -> None:
        now = self._now()
        self._level = min(self._burst, self._level + (now - self._at) * self._per_s)
        self._at = now


class Buckets:
    """A bucket for each client, of bounded number. For one thread."""

    def __init__(
        self, per_s: float, burst: float, *, now: Callable[[], float] = perf_counter
    ) -> None:
        self._per_s = per_s
        self._burst = burst
        self._now = now
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def of(self, client: str) -> Bucket:
        """The bucket of a client."""
        bucket = self._buckets.pop(client, None)
        if bucket is None:
            bucket = Bucket(self._per_s, self._burst, now=self._now)
        self._buckets[client] = bucket
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        return bucket

"""The queue between two stages."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Generic, TypeVar

T = TypeVar("T")

_CTRL_C_S = 0.2
"""Longest wait of the main thread at a time. Ctrl-C takes effect between two waits: on Windows
always, elsewhere if it comes in the moment before the system call."""


class RingClosed(Exception):  # noqa: N818 - an end like StopIteration, not an error
    """From `put`: the ring is closed. From `get`: it is closed and empty."""


class RingAborted(RingClosed):
    """The ring was aborted. `__cause__` is the error that was given to `abort`, if any."""


class MessageRing(Generic[T]):
    """A bounded queue of messages. Its end is marked by `close`, not by a special item.

    Any number of threads may put and get items. Items leave in the order in which their `put`
    returned, which is the producer's order if there is one producer. Each item leaves once.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a ring needs room for at least one item, not {capacity}")
        self.capacity = capacity
        """Items that fit before `put` waits."""
        self.put_count = 0
        """Items put so far."""
        self.got_count = 0
        """Items got so far."""
        self.queued_s = 0.0
        """Time that the items got so far spent in the ring, summed over the items."""
        self._putting = _Waiting()
        self._getting = _Waiting()
        self._items: deque[tuple[float, T]] = deque()
        self._closed = False
        self._aborted = False
        self._error: BaseException | None = None
        # `with` uses the bare lock and never a condition. Ctrl-C cannot come between acquiring a
        # lock and the body of its `with`, but it can come inside Condition.__enter__.
        self._lock = threading.Lock()
        self._has_room = threading.Condition(self._lock)
        self._has_item = threading.Condition(self._lock)

    def put(self, item: T, timeout: float | None = None) -> None:
        """Append `item`, waiting for room.

        Raises RingClosed if the ring is closed before or during the wait (the item is not in the
        ring then), RingAborted if it is aborted, TimeoutError after `timeout` seconds without room.
        """
        with self._lock:
            if not self._putting.wait(self._has_room, self._may_put, timeout):
                raise TimeoutError(f"the ring was full for {timeout} s")
            self._raise_if_aborted()
            if self._closed:
                raise RingClosed("the ring is closed")
            self._items.append((perf_counter(), item))
            self.put_count += 1
            self._has_item.notify()

    def get(self, timeout: float | None = None) -> T:
        """Remove and return the oldest item, waiting for one.

        Raises RingClosed if the ring is closed and empty, RingAborted as soon as it is aborted,
        TimeoutError after `timeout` seconds without an item.
        """
        with self._lock:
            if not self._getting.wait(self._has_item, self._may_get, timeout):
                raise TimeoutError(f"the ring was empty for {timeout} s")
            self._raise_if_aborted()
            if not self._items:
                raise RingClosed("the ring is closed and empty")
            since, item = self._items.popleft()
            self.got_count += 1
            self.queued_s += perf_counter() - since
            self._has_room.notify()
            return item

    def __iter__(self) -> Iterator[T]:
        """Yield every item until the ring is closed and empty.

        Raises RingAborted as soon as the ring is aborted.
        """
        while True:
            try:
                item = self.get()
            except RingAborted:
                raise
            except RingClosed:
                return
            yield item

    def close(self) -> None:
        """Accept no more items. Those in the ring can still be got. May be called again."""
        with self._lock:
            self._closed = True
            self._wake_all()

    def abort(self, error: BaseException | None = None) -> None:
        """Drop all items and wake all waiting threads. Only the first abort's `error` is kept."""
        with self._lock:
            if self._aborted:
                return
            self._aborted = True
            self._error = error
            self._items.clear()
            self._wake_all()

    @property
    def put_waited_s(self) -> float:
        """Time that producers have spent waiting for room, current waits included."""
        return self._putting.seconds

    @property
    def get_waited_s(self) -> float:
        """Time that consumers have spent waiting for an item, current waits included."""
        return self._getting.seconds

    def __len__(self) -> int:
        """Items in the ring now."""
        return len(self._items)

    def __bool__(self) -> bool:
        """True, also for an empty ring, so that `if ring` only tests for None."""
        return True

    def _may_put(self) -> bool:
        return self._closed or self._aborted or len(self._items) < self.capacity

    def _may_get(self) -> bool:
        return self._closed or self._aborted or bool(self._items)

    def _raise_if_aborted(self) -> None:
        if self._aborted:
            raise RingAborted("the ring was aborted") from self._error

    def _wake_all(self) -> None:
        self._has_item.notify_all()
        self._has_room.notify_all()


class _Waiting:
    """Waits on a condition, and sums up the time of all waits of all threads."""

    def __init__(self) -> None:
        self._state = (0, 0.0)
        """How many threads wait now; the sum of all ends of waits minus that of all starts."""

    @property
    def seconds(self) -> float:
        waiting, balance = self._state  # one read, because the caller holds no lock
        return balance + waiting * perf_counter()

    def wait(
        self, condition: threading.Condition, ready: Callable[[], bool], timeout: float | None
    ) -> bool:
        """Wait until `ready()`; the condition's lock is held on entry and on return."""
        if ready():
            return True
        self._count(1)
        try:
            deadline = None if timeout is None else perf_counter() + timeout
            in_main = threading.current_thread() is threading.main_thread()
            while not ready():
                longest = _CTRL_C_S if in_main else threading.TIMEOUT_MAX
                if deadline is not None:
                    longest = min(longest, deadline - perf_counter())
                if longest <= 0:
                    return False
                condition.wait(longest)
            return True
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        waiting, balance = self._state
        self._state = (waiting + change, balance - change * perf_counter())

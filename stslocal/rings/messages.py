"""The queue between two stages."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Generic, TypeVar

T = TypeVar("T")

_CTRL_C_S = 0.2
"""How long the main thread waits at a stretch. Ctrl-C is heard between waits: on Windows only
there, elsewhere too when it strikes in the moment before the system call."""


class RingClosed(Exception):  # noqa: N818 - an end like StopIteration, not an error
    """`put`: the ring takes no more items. `get`: it is closed and empty."""


class RingAborted(RingClosed):
    """The ring was aborted. `__cause__` is the error that `abort` was given, if any."""


class MessageRing(Generic[T]):
    """A bounded queue of messages that closes instead of passing a sentinel.

    Any number of threads may put and get. Items leave in the order in which their `put` returned;
    each is got once. With one producer and one consumer, that is the producer's order.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a ring needs room for at least one item, not {capacity}")
        self.capacity = capacity
        """Items that fit before `put` waits."""
        self.high_water = 0
        """The most items that were ever in the ring at once."""
        self.put_count = 0
        """Items put so far."""
        self.got_count = 0
        """Items got so far."""
        self.queued_s = 0.0
        """Time that the items got so far had lain in the ring, in all."""
        self._putting = _Waiting()
        self._getting = _Waiting()
        self._items: deque[tuple[float, T]] = deque()
        self._closed = False
        self._aborted = False
        self._error: BaseException | None = None
        # Entered as a bare lock, never as a condition: a Ctrl-C cannot strike between a lock's
        # acquisition and the body of its `with`, but it can inside Condition.__enter__.
        self._lock = threading.Lock()
        self._has_room = threading.Condition(self._lock)
        self._has_item = threading.Condition(self._lock)

    def put(self, item: T, timeout: float | None = None) -> None:
        """Append `item`, waiting for room.

        Raises RingClosed when the ring is or becomes closed (the item was not taken), RingAborted
        when it is or becomes aborted, TimeoutError after `timeout` seconds without room.
        """
        with self._lock:
            if not self._putting.wait(self._has_room, self._may_put, timeout):
                raise TimeoutError(f"the ring was full for {timeout} s")
            self._raise_if_aborted()
            if self._closed:
                raise RingClosed("the ring is closed")
            self._items.append((perf_counter(), item))
            self.put_count += 1
            self.high_water = max(self.high_water, len(self._items))
            self._has_item.notify()

    def get(self, timeout: float | None = None) -> T:
        """Take the oldest item, waiting for one.

        Raises RingClosed when the ring is closed and empty, RingAborted at once when it is or
        becomes aborted, TimeoutError after `timeout` seconds without an item.
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
        """The consumer's loop: every item until the ring is closed and empty.

        Raises RingAborted at once when the ring is aborted.
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
        """Take no more items; those in the ring can still be got. Closing again does nothing."""
        with self._lock:
            self._closed = True
            self._wake_all()

    def abort(self, error: BaseException | None = None) -> None:
        """Drop what is in the ring and wake everybody now. The first abort's `error` is kept."""
        with self._lock:
            if self._aborted:
                return
            self._aborted = True
            self._error = error
            self._items.clear()
            self._wake_all()

    @property
    def put_waited_s(self) -> float:
        """Time that producers have spent waiting for room, those that wait now included."""
        return self._putting.seconds

    @property
    def get_waited_s(self) -> float:
        """Time that consumers have spent waiting for an item, those that wait now included."""
        return self._getting.seconds

    def __len__(self) -> int:
        """Items in the ring now."""
        return len(self._items)

    def __bool__(self) -> bool:
        """A ring is a ring, empty or not."""
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
    """Waits on a condition, and the time spent so: over all threads, past and present."""

    def __init__(self) -> None:
        self._state = (0, 0.0)
        """How many wait now; the sum of the waits' ends minus the sum of their starts."""

    @property
    def seconds(self) -> float:
        waiting, balance = self._state  # read at once: the reader holds no lock
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

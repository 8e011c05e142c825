"""The buffer between a sound card's callback and a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

import numpy as np

from stslocal.types import Samples

_RECHECK_S = 0.1
"""Longest sleep of a waiting thread before it checks again. Ctrl-C takes effect in between."""


class SampleRing:
    """A ring of float32 samples from one writing thread to one reading thread.

    Either side may be the callback of a sound card. `write` and `read_into` never wait: they copy
    at most two slices into or out of a preallocated buffer, count, and ring a doorbell. They
    allocate four views and a few ints, for any number of samples. The thread on the other side
    may wait, with `wait_available` or `wait_space`.

    Positions count samples since the ring was made and only grow. Only the writer changes
    `written`, after the samples are in the buffer. Only the reader changes `read`, after it has
    copied them out. So each side may read an older position of the other side; it then transfers
    fewer samples, never wrong ones. This needs that another thread sees the samples in the buffer
    before it sees the position that covers them. The global interpreter lock guarantees that;
    Python without that lock has not been examined.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a ring needs room for at least one sample, not {capacity}")
        self.capacity = capacity
        """Samples that fit into the ring."""
        self._buffer = np.zeros(capacity, np.float32)
        self._written = 0
        self._read = 0
        self._overrun = 0
        self._closed = False
        self._data_bell = _Doorbell()
        self._space_bell = _Doorbell()

    @property
    def written(self) -> int:
        """Samples written into the ring so far."""
        return self._written

    @property
    def read(self) -> int:
        """Samples read out of the ring so far."""
        return self._read

    @property
    def overrun(self) -> int:
        """Samples dropped so far because the ring was full: `write` got `written + overrun`."""
        return self._overrun

    @property
    def available(self) -> int:
        """Samples that can be read now."""
        return self._written - self._read

    @property
    def space(self) -> int:
        """Samples that can be written now."""
        return self.capacity - self.available

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def write(self, samples: Samples) -> int:
        """Write as many of `samples`, shape (n,), as fit, and return their number.

        The samples at the end that do not fit are dropped and counted as overrun. A closed ring
        takes nothing and counts nothing.
        """
        if self._closed:
            return 0
        count = min(len(samples), self.space)
        start = self._written % self.capacity
        before_wrap = min(count, self.capacity - start)
        self._buffer[start : start + before_wrap] = samples[:before_wrap]
        if before_wrap < count:
            self._buffer[: count - before_wrap] = samples[before_wrap:count]
        self._written += count
        self._overrun += len(samples) - count
        self._data_bell.ring()
        return count

    def read_into(self, out: Samples) -> int:
        """Fill the start of `out`, shape (n,), with available samples and return their number.

        The rest of `out` stays as it is. A loudspeaker's callback fills it with zeros, and counts
        it as underrun if speech was due; only the caller knows whether silence was intended.
        """
        count = min(len(out), self.available)
        start = self._read % self.capacity
        before_wrap = min(count, self.capacity - start)
        out[:before_wrap] = self._buffer[start : start + before_wrap]
        if before_wrap < count:
            out[before_wrap:count] = self._buffer[: count - before_wrap]
        self._read += count
        self._space_bell.ring()
        return count

    def wait_available(self, count: int, timeout: float | None = None) -> bool:
        """Wait until `count` samples can be read. For a reader that is not a callback.

        Returns False if the ring is closed with fewer samples left, or after `timeout` seconds.
        """
        if count > self.capacity:
            raise ValueError(f"a ring of {self.capacity} samples never holds {count}")
        return self._wait(self._data_bell, lambda: self.available >= count, timeout)

    def wait_space(self, count: int, timeout: float | None = None) -> bool:
        """Wait until `count` samples can be written. For a writer that is not a callback.

        Returns False if the ring is closed, or after `timeout` seconds.
        """
        if count > self.capacity:
            raise ValueError(f"a ring of {self.capacity} samples never has room for {count}")
        return self._wait(
            self._space_bell, lambda: not self._closed and self.space >= count, timeout
        )

    def close(self) -> None:
        """Accept no more samples, and wake both sides. Those in the ring can still be read.

        Any thread may call it, also several times.
        """
        self._closed = True
        self._data_bell.ring()
        self._space_bell.ring()

    def _wait(self, bell: _Doorbell, ready: Callable[[], bool], timeout: float | None) -> bool:
        deadline = None if timeout is None else perf_counter() + timeout
        while not ready():
            longest = _RECHECK_S
            if deadline is not None:
                longest = min(longest, deadline - perf_counter())
            if self._closed or longest <= 0:
                return ready()
            bell.wait(longest)
        return True


class _Doorbell:
    """Wakes a waiting thread without waiting itself: a lock used as a binary semaphore.

    threading.Event and Semaphore do not fit. To set them, a thread takes a lock that the waiting
    thread holds while it goes to sleep or wakes up. If that thread is not running just then, the
    callback would wait for it, and sound would break up. Releasing a lock never waits, also not
    in another thread than the one that acquired it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        """Let the current or the next `wait` return. Ringing again before that has no effect."""
        if self._lock.locked():
            with suppress(RuntimeError):  # another thread rang in between
                self._lock.release()

    def wait(self, timeout: float) -> None:
        self._lock.acquire(timeout=timeout)

"""The buffer between a sound card's callback and a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

import numpy as np

from stslocal.types import Samples

_RECHECK_S = 0.1
"""How long a waiting thread sleeps at most before it looks again; Ctrl-C is heard in between."""


class SampleRing:
    """Mono float32 samples from one writing thread to one reading thread.

    Made for the callback of a sound card on either side. `write` and `read_into` never wait: they
    copy at most two slices into or out of a preallocated buffer, count, and ring a doorbell. What
    they allocate is four views and a few ints, whatever the number of samples. The thread on the
    other side may wait, with `wait_available` or `wait_space`.

    Positions count samples since the ring was made and only grow. The writer alone moves
    `written`, after the samples are in place; the reader alone moves `read`, after it has copied
    them out. Each side so sees at worst an older position of the other, which makes it take or
    give less. What this relies on is that another thread sees the samples in place before it sees
    the position that covers them. The global interpreter lock guarantees that; a build of Python
    without it has not been examined.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a ring needs room for at least one sample, not {capacity}")
        self.capacity = capacity
        """Samples that fit."""
        self._buffer = np.zeros(capacity, np.float32)
        self._written = 0
        self._read = 0
        self._overrun = 0
        self._closed = False
        self._data_bell = _Doorbell()
        self._space_bell = _Doorbell()

    @property
    def written(self) -> int:
        """Samples taken in so far."""
        return self._written

    @property
    def read(self) -> int:
        """Samples handed out so far."""
        return self._read

    @property
    def overrun(self) -> int:
        """Samples dropped so far because the ring was full: `written + overrun` were offered."""
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
        """Take in as much of `samples`, shape (n,), as fits, and return how much that was.

        The newest samples, those at the end, are dropped where they do not fit, and counted as
        overrun. A closed ring takes nothing and counts nothing.
        """
        if self._closed:
            return 0
        offered = len(samples)
        count = min(offered, self.space)
        start = self._written % self.capacity
        before_wrap = min(count, self.capacity - start)
        self._buffer[start : start + before_wrap] = samples[:before_wrap]
        if before_wrap < count:
            self._buffer[: count - before_wrap] = samples[before_wrap:count]
        self._written += count
        self._overrun += offered - count
        self._data_bell.ring()
        return count

    def read_into(self, out: Samples) -> int:
        """Fill the front of `out`, shape (n,), with what there is, and return how much that was.

        The rest of `out` is left as it is. A speaker's callback fills it with zeros and counts it
        as underrun, if speech was due: only the caller knows silence from a starved loudspeaker.
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
        """Wait until `count` samples can be read. For the reader, if it is not a callback.

        Returns False when the ring is closed with fewer left, or after `timeout` seconds.
        """
        if count > self.capacity:
            raise ValueError(f"a ring of {self.capacity} samples never holds {count}")
        return self._wait(self._data_bell, lambda: self.available >= count, timeout)

    def wait_space(self, count: int, timeout: float | None = None) -> bool:
        """Wait until `count` samples can be written. For the writer, if it is not a callback.

        Returns False when the ring is closed, or after `timeout` seconds.
        """
        if count > self.capacity:
            raise ValueError(f"a ring of {self.capacity} samples never has room for {count}")
        return self._wait(
            self._space_bell, lambda: not self._closed and self.space >= count, timeout
        )

    def close(self) -> None:
        """Take no more samples, and wake both sides; what is in the ring can still be read.

        May be called from any thread, and again.
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

    threading.Event and Semaphore would not do. Whoever sets one takes a lock that the
    waiting thread holds while it goes to sleep and wakes up, and that thread may be off the
    processor just then: the callback would wait for it, and sound would break up. Releasing a
    lock that one does not hold waits for nobody.
    """

    def __init__(self) -> None:
        self._silence = threading.Lock()
        self._silence.acquire()

    def ring(self) -> None:
        """Let the present or the next `wait` return. Ringing again before that adds nothing."""
        if self._silence.locked():
            with suppress(RuntimeError):  # another thread rang in between
                self._silence.release()

    def wait(self, timeout: float) -> None:
        self._silence.acquire(timeout=timeout)

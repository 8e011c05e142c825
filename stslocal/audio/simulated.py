"""A microphone and a loudspeaker without a sound card, for a recording heard in real time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stslocal.audio.decode import Source, read_blocks
from stslocal.clock import Clock
from stslocal.types import RECOGNITION_RATE, Samples

BLOCK_S = 0.032
"""What a sound card gives at once, or a little more."""
_SLICE_S = 0.1
"""Longest sleep without a look at whether to stop."""


class RecordingInput:
    """A recording, heard at the pace at which it was spoken. One thread reads."""

    sample_rate = RECOGNITION_RATE

    def __init__(self, source: Source, clock: Clock, *, block_s: float = BLOCK_S) -> None:
        """Nothing is opened before the first `read`, which is when the recording begins."""
        self.overrun = 0
        """Samples lost: none, ever."""
        self.latency_s = 0.0
        self._clock = clock
        self._block_s = block_s
        self._blocks: Iterator[Samples] = read_blocks(source, block_s=block_s)
        self._next: Samples | None = None
        self._began_s: float | None = None
        self._given = 0
        self._stopped = False

    @property
    def captured_s(self) -> float:
        """Seconds that have been heard by now."""
        return 0.0 if self._began_s is None else self._clock.now() - self._began_s

    def read(self) -> Samples:
        """All that has been heard since the last call, shape (n,); waits for some.

        Empty at the end of the recording, or after `stop`.
        """
        if self._began_s is None:
            self._next = next(self._blocks, None)
            self._began_s = self._clock.now()
        heard: list[Samples] = []
        while self._next is not None and not self._stopped:
            due_s = self._began_s + (self._given + len(self._next)) / RECOGNITION_RATE
            if due_s > self._clock.now():
                if heard:
                    break
                self._clock.sleep_until(due_s)
                continue
            heard.append(self._next)
            self._given += len(self._next)
            self._next = next(self._blocks, None)
        return np.concatenate(heard) if heard else np.zeros(0, np.float32)

    def stop(self) -> None:
        """End the recording here. May be called from any thread."""
        self._stopped = True

    def close(self) -> None:
        self._stopped = True
        close = getattr(self._blocks, "close", None)
        if close is not None:
            close()


class SilentOutput:
    """A loudspeaker that nobody hears, which takes as long as one that is heard."""

    def __init__(
        self, sample_rate: int, clock: Clock, *, latency_s: float = 0.0, capacity_s: float = 30.0
    ) -> None:
        self.sample_rate = sample_rate
        self.latency_s = latency_s
        self.written = 0
        self._clock = clock
        self._capacity_s = capacity_s
        self._ends_s = 0.0
        """When all that was written will have been played."""
        self._stopped = False

    @property
    def played(self) -> int:
        """Samples that a loudspeaker would have played by now."""
        waiting_s = max(0.0, self._ends_s - self._clock.now())
        return max(0, self.written - round(waiting_s * self.sample_rate))

    def sounds_in_s(self, position: int) -> float:
        """Seconds from now until the sample at `position` would be heard."""
        ahead_s = (position - self.written) / self.sample_rate
        waiting_s = self._ends_s - self._clock.now()
        if ahead_s >= 0:
            waiting_s = max(0.0, waiting_s)
        return waiting_s + ahead_s + self.latency_s

    def write(self, samples: Samples) -> None:
        """Take samples, waiting while more than the capacity would be waiting to be played."""
        duration_s = len(samples) / self.sample_rate
        # A piece longer than the capacity fits when nothing else is there.
        room_at_s = self._ends_s + min(duration_s, self._capacity_s) - self._capacity_s
        while not self._stopped and (now_s := self._clock.now()) < room_at_s:
            self._clock.sleep_until(min(room_at_s, now_s + _SLICE_S))
        self._ends_s = max(self._ends_s, self._clock.now()) + duration_s
        self.written += len(samples)

    def stop(self) -> None:
        """Wait no more. May be called from any thread."""
        self._stopped = True

    def close(self) -> None:
        pass

"""A microphone and a loudspeaker without a sound card, to translate a recording in real time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stslocal.audio.decode import SoundChoice, Source, read_blocks
from stslocal.clock import Clock
from stslocal.types import RECOGNITION_RATE, Samples

BLOCK_S = 0.032
"""Length of a block, about that of a sound card or a little more."""
_SLICE_S = 0.1
"""Longest sleep before it is checked again whether to stop."""


class RecordingInput:
    """An input that gives a recording at the pace at which it was spoken. One thread reads."""

    sample_rate = RECOGNITION_RATE

    def __init__(
        self,
        source: Source,
        clock: Clock,
        *,
        block_s: float = BLOCK_S,
        channel: int | None = None,
    ) -> None:
        """The first `read` opens the recording and starts its time.

        `channel` is read alone, from 1; None mixes all of them.
        """
        self.overrun = 0
        """Samples lost: always 0."""
        self.latency_s = 0.0
        self._clock = clock
        self._block_s = block_s
        self._blocks: Iterator[Samples] = read_blocks(
            source, block_s=block_s, choice=SoundChoice(channel=channel)
        )
        self._next: Samples | None = None
        self._began_s: float | None = None
        self._returned = 0
        self._stopped = False

    @property
    def captured_s(self) -> float:
        """Seconds captured by now, read or not."""
        return 0.0 if self._began_s is None else self._clock.now() - self._began_s

    def read(self) -> Samples:
        """All samples captured since the last call, shape (n,); waits for some.

        Empty at the end of the recording, or after `stop`.
        """
        if self._began_s is None:
            self._next = next(self._blocks, None)
            self._began_s = self._clock.now()
        due: list[Samples] = []
        while self._next is not None and not self._stopped:
            due_s = self._began_s + (self._returned + len(self._next)) / RECOGNITION_RATE
            if due_s > self._clock.now():
                if due:
                    break
                self._clock.sleep_until(due_s)
                continue
            due.append(self._next)
            self._returned += len(self._next)
            self._next = next(self._blocks, None)
        return np.concatenate(due) if due else np.zeros(0, np.float32)

    def stop(self) -> None:
        """End the recording here. May be called from any thread."""
        self._stopped = True

    def close(self) -> None:
        self._stopped = True
        close = getattr(self._blocks, "close", None)
        if close is not None:
            close()


class SilentOutput:
    """An output without sound, which takes as long to play as a loudspeaker."""

    def __init__(
        self, sample_rate: int, clock: Clock, *, latency_s: float = 0.0, capacity_s: float = 30.0
    ) -> None:
        self.sample_rate = sample_rate
        self.latency_s = latency_s
        self.written = 0
        self._clock = clock
        self._capacity_s = capacity_s
        self._ends_s = 0.0
        """Time of `clock` when the last written sample will have been played."""
        self._stopped = False

    @property
    def played(self) -> int:
        """Samples that a loudspeaker would have played by now."""
        waiting_s = max(0.0, self._ends_s - self._clock.now())
        return max(0, self.written - round(waiting_s * self.sample_rate))

    def sounds_in_s(self, position: int) -> float:
        """Seconds from now until the sample at `position` would sound."""
        ahead_s = (position - self.written) / self.sample_rate
        waiting_s = self._ends_s - self._clock.now()
        if ahead_s >= 0:
            waiting_s = max(0.0, waiting_s)
        return waiting_s + ahead_s + self.latency_s

    def clock_position(self, position: int) -> float:
        """Samples that would be played before the one at `position`, silence included."""
        return self._ends_s * self.sample_rate + position - self.written

    def write(self, samples: Samples) -> None:
        """Append samples, waiting while more than the capacity would be left to play."""
        duration_s = len(samples) / self.sample_rate
        # A piece longer than the capacity fits when nothing is left to play.
        room_at_s = self._ends_s + min(duration_s, self._capacity_s) - self._capacity_s
        while not self._stopped and (now_s := self._clock.now()) < room_at_s:
            self._clock.sleep_until(min(room_at_s, now_s + _SLICE_S))
        self._ends_s = max(self._ends_s, self._clock.now()) + duration_s
        self.written += len(samples)

    def stop(self) -> None:
        """Let `write` return without waiting. May be called from any thread."""
        self._stopped = True

    def close(self) -> None:
        pass

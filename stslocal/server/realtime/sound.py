"""The microphone and the loudspeaker of a session whose sound goes over a connection."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from stslocal.audio.resample import Resampler
from stslocal.audio.simulated import SilentOutput
from stslocal.clock import Clock
from stslocal.server.realtime.client_echo import CAPTURED, PLAYED, ClientEcho
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.types import RECOGNITION_RATE, WINDOW, Samples

MOST_WAITING_S = 30.0
"""Sound that may wait for the recognizer. When there is more, the connection is not read."""
_GAP_S = 1.0
"""After so long without sound from the client, silence takes its place: time goes on."""
EARLY_S = 5.0
"""Sound that came faster than it is spoken is taken so early at most: a client that sends a whole
recording at once would keep the engines from the other sessions."""
_AHEAD_S = 1.0
"""Speech is sent so long before it would sound, which covers the delays of a network."""
_FRAME_S = 0.2
"""Length of the frames that are sent."""


class ReceivedInput:
    """An AudioInput of the sound that a client sends. Bounded by whoever calls `feed`."""

    overrun = 0
    latency_s = 0.0

    def __init__(self, clock: Clock, *, sent_s: float = 0.0, late_s: float = 0.0) -> None:
        """`sent_s` is the sound that the client had sent before; so much as `late_s` may be taken
        at once.
        """
        self._clock = clock
        self._sent_s = sent_s
        self._gaps: list[tuple[float, float]] = []
        """Where silence took the place of sound, and how much of it, in seconds."""
        self._resampler = Resampler(WIRE_RATE, RECOGNITION_RATE, channels=2)
        self._echo = ClientEcho()
        self._pieces: list[Samples] = []
        """What waits, shape (n, 2): captured and played."""
        self._waiting = 0
        self._given = 0
        self._last_s = clock.now()
        self._began_s = self._last_s - late_s
        self._ended = False
        self._condition = threading.Condition()

    @property
    def captured_s(self) -> float:
        """Seconds of sound received so far, silence in its gaps included."""
        return (self._given + self._waiting) / RECOGNITION_RATE

    @property
    def waiting_s(self) -> float:
        """Seconds of sound that the recognizer has not taken yet."""
        return self._waiting / RECOGNITION_RATE

    def at_s(self, position_s: float) -> float:
        """The second of all sound of the client in which a second of this input was sent."""
        silent_s = sum(
            min(length_s, position_s - start_s)
            for start_s, length_s in list(self._gaps)
            if start_s < position_s
        )
        return self._sent_s + position_s - silent_s

    def feed(self, samples: Samples, played: Samples | None = None) -> None:
        """Take the client's next samples, shape (n,), at WIRE_RATE, and what it played meanwhile.

        What was played is taken out of them.
        """
        both = np.zeros((len(samples), 2), np.float32)
        both[:, CAPTURED] = samples
        if played is not None:
            both[:, PLAYED] = played
        with self._condition:
            if not self._ended:
                self._take(self._resampler.process(both))

    def read(self) -> Samples:
        """As an AudioInput. Waits where sound came too early."""
        return self._echo.process(self._next())

    def take_corrected(self) -> Samples:
        """Return samples once that replace those that `read` returned before its last call."""
        return self._echo.take_corrected()

    def _next(self) -> Samples:
        with self._condition:
            while True:
                early_s = self._given / RECOGNITION_RATE - (self._clock.now() - self._began_s)
                if self._pieces and early_s > EARLY_S:
                    self._condition.wait(early_s - EARLY_S)
                elif self._pieces or self._ended:
                    return self._taken(round((EARLY_S - early_s) * RECOGNITION_RATE) + WINDOW)
                elif not self._condition.wait(_GAP_S) and not self._pieces and not self._ended:
                    gap_s = self._clock.now() - self._last_s
                    self._gaps.append((self.captured_s, gap_s))
                    self._take(_silence(round(gap_s * RECOGNITION_RATE)))

    def stop(self) -> None:
        """End after what was received. For any thread."""
        with self._condition:
            if not self._ended:
                self._take(self._resampler.flush())
                self._ended = True
                self._condition.notify_all()

    def drop(self) -> None:
        """End now, without what was not taken yet. For any thread."""
        with self._condition:
            self._ended = True
            self._pieces.clear()
            self._waiting = 0
            self._condition.notify_all()

    def close(self) -> None:
        """Take nothing more."""
        self.drop()

    def _taken(self, most: int) -> Samples:
        """Take the oldest samples that wait, at most so many."""
        whole = np.concatenate(self._pieces) if self._pieces else _silence(0)
        taken, rest = whole[:most], whole[most:]
        self._pieces = [rest] if len(rest) else []
        self._given += len(taken)
        self._waiting = len(rest)
        return taken

    def _take(self, samples: Samples) -> None:
        self._last_s = self._clock.now()
        if len(samples):
            self._pieces.append(samples)
            self._waiting += len(samples)
            self._condition.notify_all()


def _silence(count: int) -> Samples:
    return np.zeros((count, 2), np.float32)


class Abandoned(Exception):  # noqa: N818 - an end, not an error
    """Nobody waits for the rest of a session. It ends the session's stages at once."""


class SentOutput(SilentOutput):
    """An AudioOutput whose speech is sent in frames, at the pace at which it is played."""

    def __init__(self, sample_rate: int, clock: Clock, send: Callable[[Samples], None]) -> None:
        """`send` gets frames of shape (n,), float32, at WIRE_RATE."""
        super().__init__(sample_rate, clock, capacity_s=_AHEAD_S)
        self._send = send
        self._resampler = None if sample_rate == WIRE_RATE else Resampler(sample_rate, WIRE_RATE)

    def write(self, samples: Samples) -> None:
        """As an AudioOutput. Raises Abandoned after `stop`."""
        step = round(_FRAME_S * self.sample_rate)
        for start in range(0, len(samples), step):
            frame = samples[start : start + step]
            super().write(frame)
            if self._stopped:
                raise Abandoned
            if self._resampler is not None:
                frame = self._resampler.process(frame)
            if len(frame):
                self._send(frame)

    def close(self) -> None:
        """Send what the resampler still holds."""
        if self._resampler is not None and not self._stopped:
            rest = self._resampler.flush()
            if len(rest):
                self._send(rest)

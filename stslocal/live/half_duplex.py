"""Half duplex: the microphone is muted while the loudspeaker plays, which waits for a pause.

What is said while the loudspeaker plays is lost: the microphone captures a mixture that cannot be
recognized, which is why it is muted. So the translation does as an interpreter does: it waits until
the speaker pauses, and then says everything that waits. Somebody who never pauses is interrupted
after a minute, since nobody wants to wait for ever; then words are lost, and the time is counted.
"""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

from stslocal.audio.output_kind import OutputKind
from stslocal.live.echo_likeness import EchoLikeness
from stslocal.metrics import Event, SpeechEnded, SpeechStarted
from stslocal.types import RECOGNITION_RATE, Samples

TAIL_S = 0.2
"""The sound of our voice stays in the room for this long after the loudspeaker is done."""
PAUSE_S = 0.8
"""Silence after which the speaker is taken to be waiting for the translation."""
LONGEST_WAIT_S = 60.0
"""Speech waits this long for a pause."""
_SHORT_PAUSE_S = 0.25
"""After the longest wait, a pause between two phrases will do."""
_PATIENCE_S = 5.0
"""For so long, a pause between two phrases is waited for."""
_UP_TO_DATE_S = 0.5
"""A pause is one only if the sound of about now is known: a busy recognizer is behind."""
_STALLED_S = 10.0
"""With no sound for so long nothing is captured, and there is no pause to wait for."""


class HalfDuplex:
    """Mutes the input while the loudspeaker plays and for `tail_s` after, and says when it may.

    The thread that captures calls `process` and `observe`, the one that plays the other methods.
    """

    name = "half"
    takes_echo_out = False

    def __init__(
        self,
        tail_s: float = TAIL_S,
        *,
        pause_s: float = PAUSE_S,
        longest_wait_s: float = LONGEST_WAIT_S,
    ) -> None:
        """Speech waits for a pause of `pause_s`, and for `longest_wait_s` at most.

        With `longest_wait_s=0` it waits for a pause between two phrases only.
        """
        self.muted_s = 0.0
        self._tail_s = tail_s
        self._pause_s = pause_s
        self._longest_wait_s = longest_wait_s
        self._lock = threading.Lock()
        self._likeness = EchoLikeness()
        self._audible: deque[tuple[float, float]] = deque()
        """(start, end) of each stretch of our speech with its tail, in stream time, in order."""
        self._played_until_s = 0.0
        """The end of the last of them."""
        self._captured_s = 0.0
        self._speaking = False
        self._silent_since_s = 0.0
        self._waiting_since_s: float | None = None
        self._input_is_over = False

    def played(
        self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
    ) -> None:
        end_s = at_s + len(samples) / sample_rate + self._tail_s
        self._likeness.played(samples, sample_rate, at_s)
        with self._lock:
            if self._audible and at_s <= self._audible[-1][1]:
                at_s, end_s = self._audible[-1][0], max(end_s, self._audible.pop()[1])
            self._audible.append((at_s, end_s))
            self._played_until_s = end_s

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        kept, is_muted = self._muted(samples, start_s)
        self._likeness.got(kept, start_s)
        return kept, is_muted

    def _muted(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        end_s = start_s + len(samples) / RECOGNITION_RATE
        muted = self._audible_between(start_s, end_s)
        if not muted:
            return samples, False
        kept = samples.copy()
        for from_s, until_s in muted:
            first = max(0, round((from_s - start_s) * RECOGNITION_RATE))
            behind = min(len(kept), round((until_s - start_s) * RECOGNITION_RATE))
            kept[first:behind] = 0.0
            self.muted_s += max(0, behind - first) / RECOGNITION_RATE
        return kept, True

    def take_corrected(self) -> Samples:
        return np.zeros(0, np.float32)

    def observe(self, event: Event) -> None:
        """Take the events of the listener, which say when the speaker speaks."""
        with self._lock:
            if isinstance(event, SpeechStarted):
                self._speaking = True
            elif isinstance(event, SpeechEnded):
                self._speaking = False
                self._silent_since_s = event.end_s

    def may_start(self, now_s: float) -> bool:
        with self._lock:
            if self._is_time(now_s):
                self._waiting_since_s = None
                return True
            return False

    def is_echo(self, start_s: float, end_s: float) -> bool:
        return self._likeness.is_echo(start_s, end_s)

    def end_input(self) -> None:
        self._input_is_over = True

    def output_is(self, kind: OutputKind) -> None:
        pass

    def pass_by(self, samples: Samples, start_s: float, captured: Samples) -> None:
        """Count input for the recognizer that another duplex made of what was captured."""
        self._audible_between(start_s, start_s + len(samples) / RECOGNITION_RATE)
        self._likeness.got(samples, start_s, captured)

    def _is_time(self, now_s: float) -> bool:
        goes_on = now_s < self._played_until_s
        if goes_on or self._input_is_over or now_s - self._captured_s > _STALLED_S:
            return True
        if self._waiting_since_s is None:
            self._waiting_since_s = now_s
        waited_s = now_s - self._waiting_since_s
        if waited_s >= self._longest_wait_s + _PATIENCE_S:
            return True
        # What is muted is not known to be silent.
        since_s = max(self._silent_since_s, self._played_until_s)
        silence_s = 0.0 if self._speaking else self._captured_s - since_s
        is_late = waited_s >= self._longest_wait_s
        if now_s - self._captured_s > _UP_TO_DATE_S:
            return False
        return silence_s >= (_SHORT_PAUSE_S if is_late else self._pause_s)

    def _audible_between(self, start_s: float, end_s: float) -> list[tuple[float, float]]:
        with self._lock:
            self._captured_s = end_s
            while self._audible and self._audible[0][1] <= start_s:
                self._audible.popleft()
            return [stretch for stretch in self._audible if stretch[0] < end_s]

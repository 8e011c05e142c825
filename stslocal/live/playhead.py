"""How much translated speech is still to be heard, and when the next segment is wanted.

Speech counts from its segment's commit to its last sample. The next segment is wanted so long
before the loudspeaker falls silent as it takes to translate it and to make its first sound.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from stslocal.types import Segment

_CHARACTER_S = 0.066
"""Seconds of translated speech for a character of source text, until some was made."""
_FORGOTTEN_S = 20.0
"""A segment of which nothing was made by then was dropped on its way."""
_LEARNING = 0.2
"""Weight of the newest segment in what is expected of the next."""
_LEAD_S, _LEAD_DEVIATION_S = 0.6, 0.2
"""From a segment's commit to its first sound, until some was made."""
_DEVIATIONS = 2.0
"""So many mean deviations above the mean is late enough for nearly all."""


@dataclass(slots=True)
class _Promise:
    """A segment that was committed and of which not all speech is made yet."""

    at_s: float
    rest_s: float
    """Seconds of speech not made yet."""
    begun: bool = False
    """Whether some of it was made."""


class Playhead:
    """When the loudspeaker will have said all that there is to say. Shared by all stages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends_s = 0.0
        self._pause_s = 0.0
        self._waiting_s = 0.0
        self._promised: dict[int, _Promise] = {}
        self._character_s = _CHARACTER_S
        self._lead_s = _LEAD_S
        self._lead_deviation_s = _LEAD_DEVIATION_S
        self._saw_one = False
        self._completed_at_s = 0.0
        """When the last speech of a segment was made."""

    def promised(self, segment: Segment, now_s: float) -> None:
        """A segment was committed: its translation will be heard."""
        with self._lock:
            expected_s = len(segment.text) * self._character_s
            self._promised[segment.index] = _Promise(now_s, expected_s)

    def produced(self, index: int, duration_s: float, now_s: float) -> None:
        """Speech of a segment was made that is not yet on its way to the loudspeaker."""
        with self._lock:
            self._waiting_s += duration_s
            if (promise := self._promised.get(index)) is None:
                return
            promise.rest_s = max(0.0, promise.rest_s - duration_s)
            if not promise.begun:
                promise.begun = True
                self._saw_lead(now_s - max(promise.at_s, self._completed_at_s))

    def completed(self, segment: Segment, duration_s: float, now_s: float) -> None:
        """All speech of a segment was made, or it has none; those before it are over, too."""
        with self._lock:
            self._completed_at_s = now_s
            for index in [index for index in self._promised if index <= segment.index]:
                del self._promised[index]
            if duration_s > 0 and segment.text:
                self._character_s += _LEARNING * (
                    duration_s / len(segment.text) - self._character_s
                )

    def sent(self, duration_s: float, ends_s: float) -> None:
        """Speech went to the loudspeaker; what it has will end at `ends_s`, in stream time."""
        with self._lock:
            self._waiting_s = max(0.0, self._waiting_s - duration_s)
            self._ends_s = ends_s

    def pauses(self, pause_s: float) -> None:
        """What went to the loudspeaker is followed by a pause before anything else is heard."""
        with self._lock:
            self._pause_s = pause_s

    def free_s(self, now_s: float) -> float:
        """When a segment made now could be heard, if it were there at once."""
        with self._lock:
            return max(now_s, self._ends_s) + self._waiting_s

    def ahead_s(self, now_s: float) -> float:
        """For how long the listener is busy with all that was committed by now."""
        free_s = self.free_s(now_s)
        with self._lock:
            promised = [
                promise.rest_s
                for promise in self._promised.values()
                if now_s < promise.at_s + _FORGOTTEN_S
            ]
        return free_s - now_s + sum(promised)

    def spare_s(self, now_s: float) -> float:
        """How long it is until the next segment is wanted; negative when the listener will wait.

        What it takes to make its first sound is learnt, as TCP learns when an answer is late
        (Jacobson 1988): by its mean and its mean deviation. Time that it waits for the speech of
        the segment before it does not count, which would be longer the sooner it came.
        """
        ahead_s = self.ahead_s(now_s)
        with self._lock:
            silence_s = max(0.0, now_s - self._ends_s)
            pause_s = max(0.0, self._pause_s - silence_s)
            return ahead_s + pause_s - self._lead_s - _DEVIATIONS * self._lead_deviation_s

    def _saw_lead(self, lead_s: float) -> None:
        if not self._saw_one:
            self._saw_one = True
            self._lead_s, self._lead_deviation_s = lead_s, lead_s / 2
        off_s = lead_s - self._lead_s
        self._lead_s += _LEARNING * off_s
        self._lead_deviation_s += _LEARNING * (abs(off_s) - self._lead_deviation_s)

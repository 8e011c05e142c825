"""How much translated speech is still to be heard, from a segment's commit to its last sample."""

from __future__ import annotations

import threading

from stslocal.types import Segment

_CHARACTER_S = 0.066
"""Seconds of translated speech for a character of source text, until some was made."""
_FORGOTTEN_S = 20.0
"""A segment of which nothing was made by then was dropped on its way."""
_LEARNING = 0.2
"""Weight of the newest segment in what is expected of the next."""


class Playhead:
    """When the loudspeaker will have said all that there is to say. Shared by all stages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends_s = 0.0
        self._waiting_s = 0.0
        self._promised: dict[int, tuple[float, float]] = {}
        """By index of a segment: until when it counts, and seconds of speech not made yet."""
        self._character_s = _CHARACTER_S

    def promised(self, segment: Segment, now_s: float) -> None:
        """A segment was committed: its translation will be heard."""
        with self._lock:
            expected_s = len(segment.text) * self._character_s
            self._promised[segment.index] = (now_s + _FORGOTTEN_S, expected_s)

    def produced(self, index: int, duration_s: float) -> None:
        """Speech of a segment was made that is not yet on its way to the loudspeaker."""
        with self._lock:
            self._waiting_s += duration_s
            if index in self._promised:
                until_s, rest_s = self._promised[index]
                self._promised[index] = (until_s, max(0.0, rest_s - duration_s))

    def completed(self, segment: Segment, duration_s: float) -> None:
        """All speech of a segment was made, or it has none; those before it are over, too."""
        with self._lock:
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

    def free_s(self, now_s: float) -> float:
        """When a segment made now could be heard, if it were there at once."""
        with self._lock:
            return max(now_s, self._ends_s) + self._waiting_s

    def ahead_s(self, now_s: float) -> float:
        """For how long the listener is busy with all that was committed by now."""
        free_s = self.free_s(now_s)
        with self._lock:
            promised = [rest_s for until_s, rest_s in self._promised.values() if now_s < until_s]
        return free_s - now_s + sum(promised)

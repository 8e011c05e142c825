"""How much translated speech is still to be played, and when the next segment is wanted.

Speech counts from its segment's commit until its last sample is played. The next segment is wanted
before the loudspeaker falls silent, by the time that it takes to translate a segment and to
synthesize its first sound.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from stslocal.types import Segment

_CHARACTER_S = 0.066
"""Expected seconds of translated speech for a character of source text, before the first one."""
_FORGOTTEN_S = 20.0
"""A segment without any speech this long after its commit was dropped on its way."""
_LEARNING = 0.2
"""Weight of the newest segment in the expectation for the next one."""
_LEAD_S, _LEAD_DEVIATION_S = 0.6, 0.2
"""Expected time from a segment's commit to its first sound, before the first one."""
_DEVIATIONS = 2.0
"""Nearly all segments come within the mean and this many mean deviations."""


@dataclass(slots=True)
class _ExpectedSpeech:
    """A committed segment whose speech is not all synthesized yet."""

    at_s: float
    """When it was committed."""
    rest_s: float
    """Seconds of speech not synthesized yet."""
    begun: bool = False
    """Whether some of it is synthesized."""


class Playhead:
    """When the loudspeaker will have played all committed speech. Shared by all stages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends_s = 0.0
        self._pause_s = 0.0
        self._waiting_s = 0.0
        self._expected: dict[int, _ExpectedSpeech] = {}
        """By the index of the segment."""
        self._character_s = _CHARACTER_S
        self._lead_s = _LEAD_S
        self._lead_deviation_s = _LEAD_DEVIATION_S
        self._learnt_lead = False
        self._completed_at_s = 0.0
        """When the speech of a segment was last complete."""

    def expect(self, segment: Segment, now_s: float) -> None:
        """Count the speech of a segment that is committed now."""
        with self._lock:
            expected_s = len(segment.text) * self._character_s
            self._expected[segment.index] = _ExpectedSpeech(now_s, expected_s)

    def synthesized(self, index: int, duration_s: float, now_s: float) -> None:
        """Count speech of a segment that is ready but not yet sent to the loudspeaker."""
        with self._lock:
            self._waiting_s += duration_s
            if (expected := self._expected.get(index)) is None:
                return
            expected.rest_s = max(0.0, expected.rest_s - duration_s)
            if not expected.begun:
                expected.begun = True
                self._learn_lead(now_s - max(expected.at_s, self._completed_at_s))

    def completed(self, segment: Segment, duration_s: float, now_s: float) -> None:
        """Expect no more speech of this segment, nor of those before it.

        `duration_s` is the length of all its speech, 0 for a segment without sound.
        """
        with self._lock:
            self._completed_at_s = now_s
            for index in [index for index in self._expected if index <= segment.index]:
                del self._expected[index]
            if duration_s > 0 and segment.text:
                self._character_s += _LEARNING * (
                    duration_s / len(segment.text) - self._character_s
                )

    def sent(self, duration_s: float, ends_s: float) -> None:
        """Count speech sent to the loudspeaker, whose last sample sounds at `ends_s`."""
        with self._lock:
            self._waiting_s = max(0.0, self._waiting_s - duration_s)
            self._ends_s = ends_s

    def pause_after(self, pause_s: float) -> None:
        """Expect a pause after the speech that was sent, before any other speech sounds."""
        with self._lock:
            self._pause_s = pause_s

    def free_s(self, now_s: float) -> float:
        """When the speech of a segment could start to sound if it were ready now."""
        with self._lock:
            return max(now_s, self._ends_s) + self._waiting_s

    def ahead_s(self, now_s: float) -> float:
        """Seconds of speech still to be played, of all segments committed by now."""
        free_s = self.free_s(now_s)
        with self._lock:
            rests_s = [
                expected.rest_s
                for expected in self._expected.values()
                if now_s < expected.at_s + _FORGOTTEN_S
            ]
        return free_s - now_s + sum(rests_s)

    def spare_s(self, now_s: float) -> float:
        """Seconds until the next segment is wanted; negative when the loudspeaker will be silent.

        The time to a segment's first sound is learnt as TCP learns its timeout (Jacobson 1988), by
        its mean and its mean deviation. The time during which a segment waits for the synthesis of
        the one before it is left out: it is longer the sooner the segment comes.
        """
        ahead_s = self.ahead_s(now_s)
        with self._lock:
            silence_s = max(0.0, now_s - self._ends_s)
            pause_s = max(0.0, self._pause_s - silence_s)
            return ahead_s + pause_s - self._lead_s - _DEVIATIONS * self._lead_deviation_s

    def _learn_lead(self, lead_s: float) -> None:
        if not self._learnt_lead:
            self._learnt_lead = True
            self._lead_s, self._lead_deviation_s = lead_s, lead_s / 2
        off_s = lead_s - self._lead_s
        self._lead_s += _LEARNING * off_s
        self._lead_deviation_s += _LEARNING * (abs(off_s) - self._lead_deviation_s)

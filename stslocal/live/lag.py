"""Keeps translated speech close behind the speaker: what is done about lag, in which order.

Translated speech is often longer than its source, so under continuous speech a queue grows by
itself unless speech is hurried before it has grown. Two figures decide. The *load* is how much
speech there is to say for each second of source: near 1 it shortens the pauses, above 1 it sets
the speed, both at once. *Behind* is by how much a segment's translation would start after the end
of its source. As that approaches `max_lag_s`, *relief* follows, each kind when those before it
are under way:

    pauses      shorter pauses between segments
    speed       speech faster than the load asks for, up to MAX_LIVE_SPEED, at the same pitch
    hop         partial recognitions less often
    text        the segment is shown and recorded, and not spoken

The last one is for a machine that is too slow by far. Every relief is counted and reported.
Longer segments are not among them, though they cost less work: whatever follows a long segment
waits until it has been heard, so lag grew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stslocal.types import Segment

Relief: TypeAlias = Literal["pauses", "speed", "hop", "text"]

RELIEFS: tuple[Relief, ...] = ("pauses", "speed", "hop", "text")
"""In the order in which they are taken."""

MAX_LIVE_SPEED = 1.25
FITTING_SPEED = 1.25
"""Speed up to which the load alone may hurry the voice."""

_FITTING_PAUSES = 0.9, 1.05
"""The load from which pauses shrink and at which they are shortest: then each of them is missing
when the next segment is to be heard."""

# Where each relief begins and where it is given up again, as shares of the allowed lag.
_PAUSES_FROM, _PAUSES_FULL = 0.3, 0.55
_SPEED_FROM, _SPEED_FULL = 0.4, 0.75
_SWITCHED: dict[Relief, tuple[float, float]] = {
    "hop": (1.3, 0.8),
}
_TEXT_FROM = 3.0

_SHORTEST_PAUSE = 0.25
"""Share of a pause that is always left."""
_STEP = 0.08
"""Most that the speed changes from one segment to the next: more is heard as a jolt."""
_SLACK = 1.1
"""Speech is to take so much less time than there is: a listener who is never waited for never
catches up."""
_MEMORY_S = 20.0
"""Seconds of source over which the load is averaged."""
_OVERHEAD_S = 0.3
"""Pause that each segment brings with it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a segment is to be spoken."""

    speed: float
    pause_scale: float
    """What becomes of the pause before it: 1 leaves it as it is."""
    spoken: bool
    """False: the segment is shown only."""
    behind_s: float
    """Predicted: by how much its first sample follows the end of its source."""


class LagController:
    """Decides the pace of each segment, in order. For one thread; `active` may be read by all."""

    def __init__(
        self,
        max_lag_s: float,
        *,
        available: Iterable[Relief] = RELIEFS,
        on_change: Callable[[Relief, bool, float], None] = lambda *_: None,
    ) -> None:
        """`available` are the reliefs that this session can take.

        `on_change(relief, taken, behind_s)` is told of each relief that begins or ends.
        """
        self.max_lag_s = max_lag_s
        self.counts: Counter[Relief] = Counter()
        """Segments for which each relief was in force."""
        self.active: frozenset[Relief] = frozenset()
        self._available = frozenset(available)
        self._on_change = on_change
        self._speed = 1.0
        self._load = _Load()

    def pace(self, segment: Segment, *, expected_s: float, ready_s: float, free_s: float) -> Pace:
        """Decide on a segment that is about to be synthesized.

        `expected_s` is how long its speech lasts at speed 1. In stream time, `ready_s` is when
        that could start if nothing else were playing, `free_s` when everything before it has
        been heard.
        """
        load = self._load.add(segment, expected_s)
        behind_s = max(ready_s, free_s) - segment.end_s
        share = behind_s / self.max_lag_s
        fitting = shorter = 0.0
        if "pauses" in self._available:
            fitting = _ramp(load, *_FITTING_PAUSES)
            shorter = _ramp(share, _PAUSES_FROM, _PAUSES_FULL)
        pause_scale = 1.0 - (1 - _SHORTEST_PAUSE) * max(fitting, shorter)
        hurried = 1.0
        if "speed" in self._available:
            hurried += (MAX_LIVE_SPEED - 1) * _ramp(share, _SPEED_FROM, _SPEED_FULL)
        wanted = max(1.0, min(_SLACK * load, FITTING_SPEED), hurried)
        self._speed = min(max(wanted, self._speed - _STEP), self._speed + _STEP)
        spoken = "text" not in self._available or share <= _TEXT_FROM
        taken = {relief for relief in _SWITCHED if self._switched(relief, share)}
        taken |= {"pauses"} if shorter > 0 else set()
        taken |= {"speed"} if hurried > 1 else set()
        taken |= set() if spoken else {"text"}
        self._take(taken, behind_s)
        return Pace(self._speed, pause_scale, spoken, behind_s)

    def _switched(self, relief: Relief, share: float) -> bool:
        on, off = _SWITCHED[relief]
        threshold = off if relief in self.active else on
        return relief in self._available and share > threshold

    def _take(self, taken: set[Relief], behind_s: float) -> None:
        before, self.active = self.active, frozenset(taken)
        self.counts.update(taken)
        for relief in RELIEFS:
            if (relief in taken) != (relief in before):
                self._on_change(relief, relief in taken, behind_s)


class _Load:
    """Seconds of speech to say for each second of source, over the last twenty seconds or so."""

    def __init__(self) -> None:
        # As after a stretch of even speech: one segment alone does not tell what the load is.
        self._speech_s = 4.5
        self._source_s = 6.0
        self._end_s: float | None = None

    def add(self, segment: Segment, expected_s: float) -> float:
        # A segment covers the source since the one before it, pauses included.
        start_s = segment.start_s if self._end_s is None else min(self._end_s, segment.start_s)
        covered_s = max(0.1, segment.end_s - start_s)
        self._end_s = segment.end_s
        kept = max(0.0, 1 - covered_s / _MEMORY_S)
        self._speech_s = kept * self._speech_s + expected_s + _OVERHEAD_S
        self._source_s = kept * self._source_s + covered_s
        return self._speech_s / self._source_s


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, and straight in between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))

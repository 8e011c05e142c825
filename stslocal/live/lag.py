"""Keeps translated speech close behind the speaker: the reliefs against lag, and their order.

Translated speech is often longer than its source. Under continuous speech a queue then grows by
itself, unless the speech is made faster before it has grown. Two figures decide. The *load* is the
translated speech for each second of source: near 1 it shortens the pauses, above 1 it sets the
speed, both at once. *Behind* is the time from the end of a segment's source to the start of its
translation. As it approaches the allowed lag, *reliefs* are taken, each one when those before it
are under way:

    pauses      shorter pauses between segments
    speed       speech faster than the load asks for, at the same pitch: at first up to
                MAX_SPEED_FOR_LOAD, and near the allowed lag up to MAX_LIVE_SPEED
    hop         an open utterance is recognized less often
    text        the segment is shown and recorded, and not spoken

The last one is for a machine that is far too slow. Every relief is counted and reported. Longer
segments would cost less work, but are no relief: the speech after a long segment waits until it
is played, and lag grew.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stslocal.types import Segment

_log = logging.getLogger(__name__)

Relief: TypeAlias = Literal["pauses", "speed", "hop", "text"]

RELIEFS: tuple[Relief, ...] = ("pauses", "speed", "hop", "text")
"""In the order in which they are taken."""

VOICE_SPEED = 1.2
"""Voices are asked for no more: they would leave out sounds, and words would be lost
(docs/benchmarks.md). Beyond it, the sound is shortened."""
MAX_LIVE_SPEED = 1.5
MAX_SPEED_FOR_LOAD = 1.25
"""Highest speed that the load alone may set."""

_LOAD_PAUSES_FROM, _LOAD_PAUSES_FULL = 0.9, 1.05
"""The load from which pauses become shorter, and at which they are shortest: from there on, time
spent in a pause is missing for the next segment."""

# Where each relief begins and where it is given up again, as shares of the allowed lag.
_PAUSES_FROM, _PAUSES_FULL = 0.3, 0.55
_SPEED_FROM, _SPEED_FULL = 0.4, 0.75
"""For MAX_SPEED_FOR_LOAD."""
_HASTE_FROM, _HASTE_FULL = 0.7, 1.0
"""For MAX_LIVE_SPEED."""
_SWITCHED: dict[Relief, tuple[float, float]] = {
    "hop": (1.3, 0.8),
}
_TEXT_FROM = 3.0

_SHORTEST_PAUSE = 0.25
"""Share of a pause that is always left."""
_STEP = 0.08
"""Largest change of speed from one segment to the next: a larger one is noticed."""
_HASTY_STEP = 0.16
"""The same near the allowed lag, where more lag is worse."""
_SLACK = 1.1
"""The speed is set this many times as high as the load: with no time to spare, speech that is
behind would stay behind."""
_MEMORY_S = 20.0
"""Seconds of source over which the load is averaged."""
_BEFORE_S = 6.0
"""The load begins as after this much source: one segment alone does not show it."""
_OVERHEAD_S = 0.3
"""Seconds of pause that each segment adds to the speech."""


@dataclass(frozen=True, slots=True)
class LagLimits:
    """How far translated speech may be behind the speaker, and how soon something is done."""

    max_lag_s: float = 4.0
    """The allowed lag."""
    hurry: float = 1.0
    """Pauses become shorter and speech faster as if so much of the allowed lag were allowed."""
    first_load: float = 0.75
    """The load that is expected before any speech: 1 is for speech without pauses."""


LAG_LIMITS = LagLimits()


def lag_limits_for(patience: str, max_lag_s: float) -> LagLimits:
    """The limits of a patience for the lag that is allowed.

    Who chose `quick` has the speech a little faster rather than later: docs/benchmarks.md.
    """
    if patience == "quick":
        return LagLimits(max_lag_s, hurry=0.7, first_load=1.0)
    return LagLimits(max_lag_s)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a segment is to be spoken."""

    speed: float
    pause_scale: float
    """Factor for the pause before the segment: 1 leaves it as it is."""
    spoken: bool
    """False for a segment that is only shown."""
    behind_s: float
    """Predicted time from the end of the source to the first sample of the translation."""


class LagController:
    """Decides the pace of each segment, in order. For one thread; any thread may read `active`."""

    def __init__(
        self,
        limits: LagLimits = LAG_LIMITS,
        *,
        available: Iterable[Relief] = RELIEFS,
        on_change: Callable[[Relief, bool, float], None] = lambda *_: None,
        may_leave_out: Callable[[], bool] = lambda: True,
    ) -> None:
        """`available` are the reliefs that this session can take.

        `on_change(relief, taken, behind_s)` is called for each relief that begins or ends.
        `may_leave_out` says whether the relief `text` may be taken now.
        """
        self._may_leave_out = may_leave_out
        self.limits = limits
        self.counts: Counter[Relief] = Counter()
        """Segments for which each relief was in force."""
        self.active: frozenset[Relief] = frozenset()
        self._available = frozenset(available)
        self._on_change = on_change
        self._speed = 1.0
        self._load = _Load(limits.first_load)

    def pace(self, segment: Segment, *, expected_s: float, ready_s: float, free_s: float) -> Pace:
        """Decide the pace of a segment that is about to be synthesized.

        `expected_s` is the length of its speech at speed 1. In stream time, `ready_s` is when its
        speech could start if nothing else were playing, and `free_s` is when all speech before it
        has been played.
        """
        load = self._load.add(segment, expected_s)
        behind_s = max(ready_s, free_s) - segment.end_s
        share = behind_s / self.limits.max_lag_s
        haste = share / self.limits.hurry
        shorter_for_load = shorter_for_lag = 0.0
        if "pauses" in self._available:
            shorter_for_load = _ramp(load, _LOAD_PAUSES_FROM, _LOAD_PAUSES_FULL)
            shorter_for_lag = _ramp(haste, _PAUSES_FROM, _PAUSES_FULL)
        pause_scale = 1.0 - (1 - _SHORTEST_PAUSE) * max(shorter_for_load, shorter_for_lag)
        speed_for_lag = 1.0
        if "speed" in self._available:
            speed_for_lag += (MAX_SPEED_FOR_LOAD - 1) * _ramp(haste, _SPEED_FROM, _SPEED_FULL)
            faster = _ramp(haste, _HASTE_FROM, _HASTE_FULL)
            speed_for_lag += (MAX_LIVE_SPEED - MAX_SPEED_FOR_LOAD) * faster
        wanted = max(1.0, min(_SLACK * load, MAX_SPEED_FOR_LOAD), speed_for_lag)
        step = _HASTY_STEP if haste >= _HASTE_FROM else _STEP
        self._speed = min(max(wanted, self._speed - _STEP), self._speed + step)
        may_leave_out = "text" in self._available and self._may_leave_out()
        spoken = not may_leave_out or share <= _TEXT_FROM
        taken = {relief for relief in _SWITCHED if self._is_switched_on(relief, share)}
        taken |= {"pauses"} if shorter_for_lag > 0 else set()
        taken |= {"speed"} if speed_for_lag > 1 else set()
        taken |= set() if spoken else {"text"}
        self._update_active(taken, behind_s)
        return Pace(self._speed, pause_scale, spoken, behind_s)

    def _is_switched_on(self, relief: Relief, share: float) -> bool:
        on, off = _SWITCHED[relief]
        threshold = off if relief in self.active else on
        return relief in self._available and share > threshold

    def _update_active(self, taken: set[Relief], behind_s: float) -> None:
        before, self.active = self.active, frozenset(taken)
        self.counts.update(taken)
        for relief in RELIEFS:
            if (relief in taken) != (relief in before):
                state = "on" if relief in taken else "off"
                _log.debug("relief %s %s, %.1f s behind", relief, state, behind_s)
                self._on_change(relief, relief in taken, behind_s)


class _Load:
    """Seconds of translated speech for each second of source, over about the last 20 s."""

    def __init__(self, first: float) -> None:
        self._speech_s = first * _BEFORE_S
        self._source_s = _BEFORE_S
        self._end_s: float | None = None

    def add(self, segment: Segment, expected_s: float) -> float:
        """Add a segment, whose speech lasts `expected_s` at speed 1, and return the load."""
        # A segment covers the source since the one before it, pauses included.
        start_s = segment.start_s if self._end_s is None else min(self._end_s, segment.start_s)
        covered_s = max(0.1, segment.end_s - start_s)
        self._end_s = segment.end_s
        kept = max(0.0, 1 - covered_s / _MEMORY_S)
        self._speech_s = kept * self._speech_s + expected_s + _OVERHEAD_S
        self._source_s = kept * self._source_s + covered_s
        return self._speech_s / self._source_s


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, and linear in between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))

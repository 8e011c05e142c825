"""Finds the sentences that are spoken too late after their source, and says so."""

from __future__ import annotations

from stslocal.files.placement import PlacementLimits
from stslocal.files.speak import PlacedSegment
from stslocal.settings import HIGHEST_SPEED_CAP
from stslocal.text.figures import clock


class Lateness:
    """Counts the sentences of one translation that are later than the limit."""

    def __init__(self, limits: PlacementLimits) -> None:
        self._limits = limits
        self._count = 0
        self._worst_s = 0.0
        self._worst_at_s = 0.0
        """Where the source of the latest sentence starts."""

    def add(self, placed: PlacedSegment) -> None:
        """Take the next sentence."""
        source_s = placed.spoken.translated.segment.start_s
        late_s = placed.start_s - source_s
        if not len(placed.spoken.samples) or late_s <= self._limits.max_lag_s:
            return
        self._count += 1
        if late_s > self._worst_s:
            self._worst_s, self._worst_at_s = late_s, source_s

    def sentence(self) -> str:
        """What is late, in one sentence for a person; empty when nothing is."""
        if not self._count:
            return ""
        found = "1 sentence is" if self._count == 1 else f"{self._count} sentences are"
        faster = self._limits.max_speed < HIGHEST_SPEED_CAP
        return (
            f"{found} spoken more than {self._limits.max_lag_s:g} s late, the worst "
            f"{self._worst_s:.1f} s at {clock(int(self._worst_at_s))}"
            + (f": `--speed-cap {HIGHEST_SPEED_CAP:g}` allows faster speech" if faster else "")
        )

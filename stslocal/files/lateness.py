"""Finds the sentences that are spoken too late after their source, and lists them."""

from __future__ import annotations

from stslocal.files.placement import PlacementLimits
from stslocal.files.speak import PlacedSegment
from stslocal.settings import HIGHEST_SPEED_CAP
from stslocal.text.figures import clock
from stslocal.translation.dropped import listed


class Lateness:
    """Collects the sentences of one translation that are later than the limit."""

    def __init__(self, limits: PlacementLimits) -> None:
        self._limits = limits
        self._late: list[tuple[float, float]] = []
        """How late each sentence is, and where its source starts."""

    def add(self, placed: PlacedSegment) -> None:
        """Take the next sentence."""
        source_s = placed.spoken.translated.segment.start_s
        late_s = placed.start_s - source_s
        if not len(placed.spoken.samples) or late_s <= self._limits.max_lag_s:
            return
        self._late.append((late_s, source_s))

    def sentence(self) -> str:
        """What is late, in one sentence for a person; empty when nothing is."""
        if not self._late:
            return ""
        count = len(self._late)
        found = "1 sentence is" if count == 1 else f"{count} sentences are"
        places = listed([clock(int(at_s)) for _, at_s in self._late])
        worst_s, worst_at_s = max(self._late)
        faster = self._limits.max_speed < HIGHEST_SPEED_CAP
        return (
            f"{found} spoken more than {self._limits.max_lag_s:g} s late"
            + (f" (at {places})" if count > 1 else "")
            + f", the worst {worst_s:.1f} s at {clock(int(worst_at_s))}"
            + (f": `--speed-cap {HIGHEST_SPEED_CAP:g}` allows faster speech" if faster else "")
        )

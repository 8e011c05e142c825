"""Where decoded pieces of a recording belong in time."""

from __future__ import annotations

from math import inf

GAP_TOLERANCE_S = 0.1
"""Containers round their times; only what exceeds this is a gap. (FFmpeg's own threshold for a
hard correction, `min_hard_comp`, is the same.)"""

LONGEST_GAP_S = 3600.0
"""A jump beyond this is a clock that was set anew, not silence."""


class Timeline:
    """Keeps a decoded stream at its times: says how much silence goes before each piece.

    A stream that starts after its container does, and one with holes, is filled up with silence,
    so that speech stays where the picture has it. Where the clock jumps back, or ahead by more
    than the recording can last, the pieces are joined and time goes on from there.
    """

    def __init__(self, declared_s: float | None = None) -> None:
        """`declared_s` is how long the container says it is, None where it does not say."""
        self._end_s = inf if declared_s is None else declared_s + 1.0
        self._shift_s = 0.0
        self._begun = False
        self.position_s = 0.0
        """Seconds placed so far, silence included."""
        self.jumps = 0
        """How often the clock was set anew."""

    def place(self, start_s: float | None, duration_s: float) -> float:
        """Place a piece that claims to start at `start_s` (None: where the last one ended).

        Returns the seconds of silence to insert before it, 0 in the ordinary case.
        """
        silence_s = 0.0 if start_s is None else self._silence_before(start_s + self._shift_s)
        self._begun = True
        self.position_s += silence_s + duration_s
        return silence_s

    def _silence_before(self, start_s: float) -> float:
        gap_s = start_s - self.position_s
        if self._begun and abs(gap_s) <= GAP_TOLERANCE_S:
            return 0.0
        if 0.0 <= gap_s <= LONGEST_GAP_S and start_s <= self._end_s:
            return gap_s
        self._shift_s -= gap_s
        self.jumps += self._begun
        return 0.0

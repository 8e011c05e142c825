"""Puts the decoded pieces of a recording at their times."""

from __future__ import annotations

from math import inf

GAP_TOLERANCE_S = 0.1
"""Containers round their times, so only a larger difference is a gap. FFmpeg's threshold for a
hard correction, `min_hard_comp`, has the same value."""

LONGEST_GAP_S = 3600.0
"""A larger jump means that the recording's clock was reset; it is not silence."""


SILENCE_PER_SOUND = 10.0
BYTES_PER_SILENT_S = 1000
"""One gap may have LONGEST_GAP_S. All others may in sum have ten times the sound so far, and a
second a kilobyte (a film with little sound has a picture). So a small damaged file, whose clock may
run a thousand times too fast, cannot become hours of silence."""


class Timeline:
    """Keeps a decoded stream at its times: gives the silence to insert before each piece.

    If a stream starts later than its container, or has gaps, silence fills that time, so that
    speech stays in sync with the picture. If the clock jumps back, or ahead by more than the
    recording can last, the pieces are joined and time goes on from there.
    """

    def __init__(self, declared_s: float | None = None, size: int | None = None) -> None:
        """`declared_s` is the length that the container declares, `size` the file's in bytes.

        None stands for what is not known.
        """
        self._end_s = inf if declared_s is None else declared_s + 1.0
        self._most_silence_s = (size or 0) / BYTES_PER_SILENT_S
        self._silence_s = self._longest_s = 0.0
        self._shift_s = 0.0
        self._begun = False
        self.position_s = 0.0
        """Seconds placed so far, silence included."""
        self.jumps = 0
        """How often the clock was reset."""

    def place(self, start_s: float | None, duration_s: float) -> float:
        """Place a piece that declares to start at `start_s` (None: where the last one ended).

        Returns the seconds of silence to insert before it, usually 0.
        """
        silence_s = 0.0 if start_s is None else self._silence_before(start_s + self._shift_s)
        self._begun = True
        self._silence_s += silence_s
        self._longest_s = max(self._longest_s, silence_s)
        self.position_s += silence_s + duration_s
        return silence_s

    def _silence_before(self, start_s: float) -> float:
        gap_s = start_s - self.position_s
        if self._begun and abs(gap_s) <= GAP_TOLERANCE_S:
            return 0.0
        sound_s = self.position_s - self._silence_s
        others_s = self._silence_s + gap_s - max(self._longest_s, gap_s)
        is_bounded = others_s <= self._most_silence_s + SILENCE_PER_SOUND * sound_s
        if 0.0 <= gap_s <= LONGEST_GAP_S and is_bounded and start_s <= self._end_s:
            return gap_s
        self._shift_s -= gap_s
        self.jumps += self._begun
        return 0.0

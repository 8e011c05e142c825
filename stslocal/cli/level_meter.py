"""Draws the level of the input in one line of text."""

from __future__ import annotations

from typing import TypeAlias

from stslocal.audio.levels import Level

LOWEST_DBFS = -60.0
"""The left end of the bar: about the level of a quiet room."""

Symbols: TypeAlias = tuple[str, str, str]
"""The characters of a bar: solid, peak and empty."""
SYMBOLS: Symbols = ("█", "│", "·")
ASCII_SYMBOLS: Symbols = ("#", "|", ".")

PEAK_HOLD_S = 1.5
CLIP_HOLD_S = 3.0


def level_bar(level: Level, width: int, symbols: Symbols = SYMBOLS) -> str:
    """Draw a bar of `width` characters: solid up to the RMS, with a stroke at the peak."""
    solid, stroke, empty = symbols
    filled = _position(level.rms_dbfs, width)
    cells = [solid] * filled + [empty] * (width - filled)
    peak = _position(level.peak_dbfs, width)
    if peak:
        cells[peak - 1] = stroke
    return "".join(cells)


def level_text(level: Level) -> str:
    """The level in figures. The text has a fixed length, plus `TOO LOUD` where it is clipped."""
    clipped = "  TOO LOUD" if level.is_clipped else ""
    return f"average {level.rms_dbfs:6.1f}  loudest {level.peak_dbfs:6.1f} dB{clipped}"


class PeakHold:
    """Keeps the highest peak for PEAK_HOLD_S, so that a person has time to see it."""

    def __init__(self) -> None:
        self._peak_dbfs = -float("inf")
        self._until_s = 0.0

    def update(self, level: Level, at_s: float) -> Level:
        """Return the level with the highest recent peak; a clipped one is kept for CLIP_HOLD_S."""
        if level.peak_dbfs >= self._peak_dbfs or at_s >= self._until_s:
            self._peak_dbfs = level.peak_dbfs
            self._until_s = at_s + (CLIP_HOLD_S if level.is_clipped else PEAK_HOLD_S)
        return Level(self._peak_dbfs, level.rms_dbfs)


def _position(dbfs: float, width: int) -> int:
    share = (dbfs - LOWEST_DBFS) / -LOWEST_DBFS
    return min(width, max(0, round(share * width)))

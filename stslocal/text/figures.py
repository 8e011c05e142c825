"""Writes times and sizes as a person reads them."""

from __future__ import annotations


def clock(seconds: int) -> str:
    """Write a time in a recording, or a duration: `0:07`, `3:07` or `1:02:03`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: float) -> str:
    """Write a number of bytes: `145 MB`."""
    for name, unit in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count:.0f} B"

"""Times as a person reads and writes them in a table of sentences: `0:07.250` or `1:02:03.5`."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:[.,]\d{1,6})?)")


def written_time(seconds: float) -> str:
    """Write a time with milliseconds."""
    whole, ms = divmod(round(1000 * seconds), 1000)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{start}:{rest:02}.{ms:03}"


def read_time(text: str) -> float | None:
    """The seconds of a written time; None for what is none, such as `-1` or `soon`."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(seconds.replace(",", "."))

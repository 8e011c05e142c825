"""Gives up a download that is too slow to end."""

from __future__ import annotations

import time

from stslocal.models.download.arrival import SourceFailedError

LOWEST_SPEED_BYTES_S = 1024.0
SPEED_WINDOW_S = 30.0
"""A download below LOWEST_SPEED_BYTES_S over SPEED_WINDOW_S seconds is given up."""


class SpeedCheck:
    """Raises SourceFailedError if a download is too slow."""

    def __init__(self) -> None:
        self._since = time.perf_counter()
        self._bytes = 0

    def count(self, size: int) -> None:
        """Count bytes that arrived."""
        self._bytes += size
        elapsed = time.perf_counter() - self._since
        if elapsed >= SPEED_WINDOW_S:
            if self._bytes < LOWEST_SPEED_BYTES_S * elapsed:
                raise SourceFailedError(f"it sends only {self._bytes / elapsed:.0f} bytes a second")
            self._since, self._bytes = time.perf_counter(), 0

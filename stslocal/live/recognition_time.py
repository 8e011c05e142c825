"""The time that recognitions take: what the next one is expected to take, and what each segment
took.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from stslocal.types import Segment

_RECOGNITION_S = 0.3
"""Expected seconds of work for a recognition, before the first one."""
_LEARNING = 0.2
"""Weight of the newest recognition in the expected time of the next one."""


class RecognitionTime:
    """Counts the seconds of work of a listener's recognitions."""

    def __init__(self) -> None:
        self.expected_s = _RECOGNITION_S
        """Expected seconds of work for the next recognition."""
        self._work_s = 0.0
        """Seconds of work since the last segment."""

    def add(self, took_s: float) -> None:
        """Count a recognition."""
        self._work_s += took_s
        self.expected_s += _LEARNING * (took_s - self.expected_s)

    def given_to(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        """Yield the segments; the first takes the seconds of work since the last one."""
        for segment in segments:
            work_s, self._work_s = self._work_s, 0.0
            yield replace(segment, recognition_s=work_s)

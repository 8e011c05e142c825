"""The time that recognitions take: how often there is time for one, and what each segment took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from stslocal.live.listener_limits import ListenerLimits
from stslocal.types import Segment

_RECOGNITION_S = 0.3
"""Expected seconds of work for a recognition, before the first one."""
_LEARNING = 0.2
"""Weight of the newest recognition in the expected time of the next one."""
_MOST_OF_TIME = 0.5
"""Share of the time that recognition may take in order to be early."""
_SELDOM = 2
"""Where recognition is to be seldom, the new sound that it needs, in multiples of
`longest_hop_s`."""


class RecognitionTime:
    """Counts the seconds of work of a listener's recognitions."""

    def __init__(self, limits: ListenerLimits) -> None:
        self._limits = limits
        self.seldom = False
        """Whether an open utterance is to be recognized less often than usual."""
        self._expected_s = _RECOGNITION_S
        """Expected seconds of work for the next recognition."""
        self._work_s = 0.0
        """Seconds of work since the last segment."""

    def add(self, took_s: float) -> None:
        """Count a recognition."""
        self._work_s += took_s
        self._expected_s += _LEARNING * (took_s - self._expected_s)

    def hop_s(self, spare_s: float) -> float:
        """Seconds of new sound that the next recognition needs; it is to be done in `spare_s`."""
        limits = self._limits
        if self.seldom:
            return _SELDOM * limits.longest_hop_s
        least_s = max(limits.hop_s, min(self._expected_s / _MOST_OF_TIME, limits.busy_hop_s))
        return max(least_s, min(spare_s - self._expected_s, limits.longest_hop_s))

    def given_to(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        """Yield the segments; the first takes the seconds of work since the last one."""
        for segment in segments:
            work_s, self._work_s = self._work_s, 0.0
            yield replace(segment, recognition_s=work_s)

"""The stage that recognizes: it turns captured sound into segments, as they are committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stslocal.live.by_ear import LiveByEar
from stslocal.live.lag import Relief
from stslocal.live.ports import Listener
from stslocal.live.recent_audio import RecentAudio
from stslocal.types import Samples, Segment, Sound


class Recognize:
    """Feeds a Listener, and translates a segment by ear where there is no translator."""

    name = "recognize"

    def __init__(
        self,
        listener: Listener,
        *,
        by_ear: LiveByEar | None = None,
        reliefs: Callable[[], frozenset[Relief]] = frozenset,
        on_segment: Callable[[Segment, Sound], None] = lambda *_: None,
    ) -> None:
        """`reliefs` returns the reliefs now in force against lag; it is called with each block.

        `on_segment` is called with each segment before it is yielded, and with a function that
        gives its samples.
        """
        self._listener = listener
        self._by_ear = by_ear
        self._reliefs = reliefs
        self._on_segment = on_segment
        self._recent = RecentAudio()

    def process(self, samples: Samples) -> Iterator[Segment]:
        """Take the next samples of the stream, at 16 kHz, shape (n,)."""
        self._recent.add(samples)
        self._listener.recognize_less_often("hop" in self._reliefs())
        for segment in self._listener.feed(samples):
            yield from self._completed(segment)

    def correct(self, samples: Samples) -> None:
        """Replace the newest samples that were taken, shape (n,)."""
        self._recent.correct(samples)
        self._listener.correct(samples)

    def finish(self) -> Iterator[Segment]:
        for segment in self._listener.finish():
            yield from self._completed(segment)

    def _completed(self, segment: Segment) -> Iterator[Segment]:
        if self._by_ear is not None:
            segment = self._by_ear.translate(segment, self._recent.between)
        if not segment.has_words and segment.translation is not None:
            return  # by ear, no words are held
        self._on_segment(segment, self._recent.between)
        yield segment

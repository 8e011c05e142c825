"""The stage that translates segments, in files and live."""

from __future__ import annotations

from collections.abc import Iterator

from stslocal.clock import Clock, RealClock
from stslocal.metrics import Emit, Notice, SegmentTranslated, ignore
from stslocal.translation.dropped import doubtful, notice
from stslocal.translation.translators import Translators
from stslocal.types import Segment, TranslatedSegment


class Translate:
    """Adds the translation to each segment."""

    name = "translate"

    def __init__(
        self,
        translators: Translators,
        *,
        target: str,
        quick: bool = False,
        clock: Clock | None = None,
        emit: Emit = ignore,
    ) -> None:
        """`quick` prefers speed to quality, in translators that have both."""
        self._translators = translators
        self._target = target
        self._quick = quick
        self._clock = clock or RealClock()
        self._emit = emit

    def process(self, segment: Segment) -> Iterator[TranslatedSegment]:
        began_s = self._clock.now()
        text = segment.translation
        if text is None:
            text = self._translated(segment)
        now_s = self._clock.now()
        self._emit(SegmentTranslated(now_s, segment.index, began_s, text, self._target))
        translated = TranslatedSegment(segment, text, self._target, now_s - began_s)
        for doubt in doubtful(translated):
            self._emit(Notice(now_s, notice(doubt)))
        yield translated

    def finish(self) -> Iterator[TranslatedSegment]:
        yield from ()

    def _translated(self, segment: Segment) -> str:
        translator = self._translators.for_pair(segment.language, self._target)
        if translator is None:
            raise ValueError("a segment that the recognizer translates comes with its translation")
        (text,) = translator.translate(
            [segment.text], source=segment.language, target=self._target, quick=self._quick
        )
        return text

"""The stage that translates, in files and live."""

from __future__ import annotations

from collections.abc import Iterator

from stslocal.clock import Clock, RealClock
from stslocal.engines.protocols import TextTranslator
from stslocal.metrics import Emit, SegmentTranslated, ignore
from stslocal.types import Segment, TranslatedSegment


class Translate:
    """Segments to segments with a translation."""

    name = "translate"

    def __init__(
        self,
        translator: TextTranslator | None,
        *,
        target: str,
        clock: Clock | None = None,
        emit: Emit = ignore,
    ) -> None:
        """`translator` may be None when every segment comes with its translation."""
        self._translator = translator
        self._target = target
        self._clock = clock or RealClock()
        self._emit = emit

    def process(self, segment: Segment) -> Iterator[TranslatedSegment]:
        began_s = self._clock.now()
        text = segment.translation
        if text is None:
            if self._translator is None:
                raise ValueError("a segment without a translation needs a translator")
            (text,) = self._translator.translate(
                [segment.text], source=segment.language, target=self._target
            )
        now_s = self._clock.now()
        self._emit(SegmentTranslated(now_s, segment.index, began_s, text, self._target))
        yield TranslatedSegment(segment, text, self._target, now_s - began_s)

    def finish(self) -> Iterator[TranslatedSegment]:
        yield from ()

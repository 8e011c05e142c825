"""The stage that translates segments, in files and live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stslocal.clock import Clock, RealClock
from stslocal.metrics import Emit, Notice, SegmentTranslated, ignore
from stslocal.translation.continuing import CutSentences, PartTranslation
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
        across_cuts: bool = False,
        clock: Clock | None = None,
        emit: Emit = ignore,
    ) -> None:
        """`quick` prefers speed to quality, in translators that have both.

        `across_cuts` translates parts of a sentence as such, quickly. It needs the segments of one
        stream in order.
        """
        self._translators = translators
        self._target = target
        self._quick = quick
        self._cut_sentences = CutSentences(translators, target=target) if across_cuts else None
        self._clock = clock or RealClock()
        self._emit = emit

    def process(self, segment: Segment) -> Iterator[TranslatedSegment]:
        began_s = self._clock.now()
        part = self._translated(segment)
        if not segment.has_words and not part.text:
            return  # its sentence is over, and nothing was held
        now_s = self._clock.now()
        self._emit(SegmentTranslated(now_s, segment.index, began_s, part.text, self._target))
        translated = TranslatedSegment(
            segment, part.text, self._target, now_s - began_s, part.is_part
        )
        wholes = [
            replace(translated, segment=replace(segment, text=source), text=text, is_part=False)
            for source, text in part.sentences
        ]
        for doubt in [doubt for each in (translated, *wholes) for doubt in doubtful(each)]:
            self._emit(Notice(now_s, notice(doubt)))
        yield translated

    def finish(self) -> Iterator[TranslatedSegment]:
        yield from ()

    def _translated(self, segment: Segment) -> PartTranslation:
        if segment.translation is not None:
            return PartTranslation(segment.translation)
        if self._cut_sentences is not None:
            return self._cut_sentences.translate(segment)
        translator = self._translators.for_pair(segment.language, self._target)
        if translator is None:
            raise ValueError("a segment that the recognizer translates comes with its translation")
        (text,) = translator.translate(
            [segment.text], source=segment.language, target=self._target, quick=self._quick
        )
        return PartTranslation(text)

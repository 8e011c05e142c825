"""Recognizes a recording in which several languages are spoken, each as its language needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from time import perf_counter

from stslocal.engines.protocols import SpeechRecognizer
from stslocal.files.stages import (
    MARGIN_S,
    OnDropped,
    ignore,
    in_stream,
    report_dropped,
    sound_of,
)
from stslocal.pipeline.stage import Stage
from stslocal.translation.by_ear import ByEar
from stslocal.types import Segment, Utterance


class RecognizeByLanguage:
    """Hands each utterance to the stage for its language, and numbers the segments of all.

    A sentence ends where the language or the speaker changes.
    """

    name = "recognize"

    def __init__(self, stage_for: Callable[[str], Stage[Utterance, Segment]]) -> None:
        """`stage_for` makes the stage for a language, when the language is first spoken."""
        self._stage_for = stage_for
        self._stages: dict[str, Stage[Utterance, Segment]] = {}
        self._language = ""
        self._speaker = ""
        self._index = 0

    def process(self, utterance: Utterance) -> Iterator[Segment]:
        if (utterance.language, utterance.speaker) != (self._language, self._speaker):
            yield from self.finish()  # a sentence does not go on in another language
            self._language, self._speaker = utterance.language, utterance.speaker
        if self._language not in self._stages:
            self._stages[self._language] = self._stage_for(self._language)
        yield from self._numbered(self._stages[self._language].process(utterance))

    def finish(self) -> Iterator[Segment]:
        if stage := self._stages.get(self._language):
            yield from self._numbered(stage.finish())

    def _numbered(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        for segment in segments:
            yield replace(segment, index=self._index, speaker=self._speaker)
            self._index += 1


class RecognizeByEar:
    """Turns each utterance into one segment, which the recognizer translates by itself."""

    name = "recognize"

    def __init__(
        self, recognizer: SpeechRecognizer, *, language: str, on_dropped: OnDropped = ignore
    ) -> None:
        """`on_dropped` is called with each stretch of speech that gave no words."""
        self._recognizer = recognizer
        self._by_ear = ByEar(recognizer, margin_s=MARGIN_S)
        self._language = language
        self._on_dropped = on_dropped

    def process(self, utterance: Utterance) -> Iterator[Segment]:
        if segment := _whole(utterance, self._recognizer, self._language, self._on_dropped):
            translated, _ = self._by_ear.translate(segment, sound_of(utterance))
            yield translated

    def finish(self) -> Iterator[Segment]:
        yield from ()


class KeepOriginal:
    """Turns each utterance in the target language into a segment that keeps its own sound."""

    name = "recognize"

    def __init__(
        self, recognizer: SpeechRecognizer, *, language: str, on_dropped: OnDropped = ignore
    ) -> None:
        """`on_dropped` is called with each stretch of speech that gave no words."""
        self._recognizer = recognizer
        self._language = language
        self._on_dropped = on_dropped

    def process(self, utterance: Utterance) -> Iterator[Segment]:
        if segment := _whole(utterance, self._recognizer, self._language, self._on_dropped):
            yield replace(
                segment,
                start_s=utterance.start_s,
                end_s=utterance.end_s,
                translation=segment.text,
                original=utterance.samples,
            )

    def finish(self) -> Iterator[Segment]:
        yield from ()


def _whole(
    utterance: Utterance, recognizer: SpeechRecognizer, language: str, on_dropped: OnDropped
) -> Segment | None:
    """Recognize an utterance as one segment, number 0; None where it has no words."""
    began = perf_counter()
    recognition = recognizer.transcribe(utterance.samples, language=language)
    words = in_stream(recognition.words, utterance)
    report_dropped(utterance, words, recognition, on_dropped)
    if not words:
        return None
    return Segment(
        index=0,
        start_s=words[0].start_s,
        end_s=words[-1].end_s,
        text=recognition.text,
        language=language,
        words=words,
        recognition_s=perf_counter() - began,
    )

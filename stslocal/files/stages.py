"""The stages of file translation from blocks of sound to segments.

The stages share the engines that they are given. `stslocal.translation.translate.Translate` and
`stslocal.files.speak.Synthesize` come after them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import TypeAlias

import numpy as np

from stslocal.engines.protocols import SpeechRecognizer, VoiceActivityDetector
from stslocal.files.onsets import with_onsets
from stslocal.files.utterances import UtteranceCutter
from stslocal.translation.dropped import without_words
from stslocal.translation.segmentation import Segmenter
from stslocal.types import (
    RECOGNITION_RATE,
    Dropped,
    Recognition,
    Samples,
    Segment,
    Sound,
    Utterance,
    Word,
)

MARGIN_S = 0.3
"""Sound that a translation by ear takes before and after an utterance's words."""

OnDropped: TypeAlias = Callable[[Dropped], None]


def ignore(_: Dropped) -> None:
    """Report nothing."""


class SegmentSpeech:
    """Cuts blocks of sound at 16 kHz into utterances."""

    name = "segment speech"

    def __init__(self, vad: VoiceActivityDetector, cutter: UtteranceCutter) -> None:
        self._vad = vad
        self._cutter = cutter
        self._state = vad.initial_state()
        self._rest: Samples = np.zeros(0, np.float32)
        """Samples that do not fill a window yet."""

    def process(self, block: Samples) -> Iterator[Utterance]:
        sound = np.concatenate([self._rest, block])
        whole = len(sound) - len(sound) % self._vad.window
        sound, self._rest = sound[:whole], sound[whole:]
        probabilities, self._state = self._vad.probabilities(sound, self._state)
        yield from self._cutter.push(sound, probabilities)

    def finish(self) -> Iterator[Utterance]:
        missing = -len(self._rest) % self._vad.window
        if missing:
            yield from self.process(np.zeros(missing, np.float32))
        yield from self._cutter.flush()


class Recognize:
    """Turns utterances into segments, which may reach over the borders of utterances."""

    name = "recognize"

    def __init__(
        self,
        recognizer: SpeechRecognizer,
        segmenter: Segmenter,
        *,
        language: str,
        on_dropped: OnDropped = ignore,
    ) -> None:
        """`on_dropped` is called with each stretch of speech that gave no words."""
        self._on_dropped = on_dropped
        self._recognizer = recognizer
        self._segmenter = segmenter
        self._language = language
        self._work_s = 0.0

    def process(self, utterance: Utterance) -> Iterator[Segment]:
        began = perf_counter()
        recognition = self._recognizer.transcribe(utterance.samples, language=self._language)
        words = self._with_passed_over(utterance, in_stream(recognition.words, utterance))
        words = with_onsets(words, sound_of(utterance))
        self._work_s += perf_counter() - began
        report_dropped(utterance, words, recognition, self._on_dropped)
        yield from self._timed(self._segmenter.push(words))

    def finish(self) -> Iterator[Segment]:
        yield from self._timed(self._segmenter.flush())

    def _with_passed_over(self, utterance: Utterance, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """Add the words of speech that the recognizer passed over: alone it may have words.

        Beside a loud speaker the recognizer may take a quiet one for noise.
        """
        if not words:
            return words
        sound = sound_of(utterance)
        found = list(words)
        for gap in without_words(utterance.speech, words):
            start_s = max(utterance.start_s, gap.start_s - MARGIN_S)
            part = Utterance(utterance.index, start_s, sound(start_s, gap.end_s + MARGIN_S))
            alone = self._recognizer.transcribe(part.samples, language=self._language)
            found += in_stream(alone.words, part)
        return tuple(sorted(found, key=lambda word: word.start_s))

    def _timed(self, segments: list[Segment]) -> Iterator[Segment]:
        """Divide the work since the last segment among `segments`, in proportion to their length.

        Without segments the work is kept for the next ones.
        """
        total_s = sum(segment.end_s - segment.start_s for segment in segments)
        work_s, self._work_s = (self._work_s, 0.0) if segments else (0.0, self._work_s)
        for segment in segments:
            share = (segment.end_s - segment.start_s) / total_s if total_s > 0 else 0.0
            yield replace(segment, recognition_s=work_s * share)


def report_dropped(
    utterance: Utterance, words: Sequence[Word], recognition: Recognition, report: OnDropped
) -> None:
    """Report the speech of an utterance that gave none of `words`, which have stream times."""
    rejected = [
        replace(one, start_s=utterance.start_s + one.start_s, end_s=utterance.start_s + one.end_s)
        for one in recognition.dropped
    ]
    for dropped in without_words(utterance.speech, words, rejected):
        report(dropped)


def sound_of(utterance: Utterance) -> Sound:
    """Give access to the utterance's samples by their times in the stream."""

    def between(start_s: float, end_s: float) -> Samples:
        first = max(0, round((start_s - utterance.start_s) * RECOGNITION_RATE))
        return utterance.samples[first : round((end_s - utterance.start_s) * RECOGNITION_RATE)]

    return between


def in_stream(words: tuple[Word, ...], utterance: Utterance) -> tuple[Word, ...]:
    """Words with times from the utterance's start, given times from the stream's start.

    Times behind the utterance's end become its end.
    """
    limit_s = len(utterance.samples) / RECOGNITION_RATE
    return tuple(
        replace(
            word,
            start_s=utterance.start_s + min(word.start_s, limit_s),
            end_s=utterance.start_s + min(word.end_s, limit_s),
        )
        for word in words
    )

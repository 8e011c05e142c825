"""Translates one recording from sound to speech.

The recording is read in blocks and cut into utterances. The language is detected in the first
utterances, and the voice is made from them. From there on the stages run side by side. Memory
does not grow with the length of the recording.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from stslocal.audio.decode import read_audio, read_blocks
from stslocal.audio.pipes import PipeReader, waiting_pipe
from stslocal.files.lateness import Lateness
from stslocal.files.options import FileOptions
from stslocal.files.speak import PlacedSegment, Synthesize
from stslocal.files.stages import Recognize, RecognizeByEar, SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.languages import UNDETERMINED
from stslocal.loading.engines import Engines
from stslocal.pipeline.runner import PipelineRunner
from stslocal.pipeline.stage import Chain
from stslocal.pipeline.stage import chain as begin
from stslocal.translation.dropped import sentence, without_result
from stslocal.translation.glossary import Term
from stslocal.translation.segmentation import Segmenter
from stslocal.translation.translate import Translate
from stslocal.types import (
    RECOGNITION_RATE,
    Dropped,
    Samples,
    Utterance,
    VoiceProfile,
)
from stslocal.voices.choose import REFERENCE_RATE

_log = logging.getLogger(__name__)

OPENING_S = 12.0
"""Seconds of speech that are read before the first sentence is translated: enough to detect the
language and to make the voice."""


@dataclass(slots=True)
class FileTranslation:
    """The translation of one recording. Iterate `segments()` once, then read the other fields."""

    engines: Engines
    source: Path | BinaryIO
    options: FileOptions
    source_language: str = UNDETERMINED
    source_probability: float = 0.0
    voice: VoiceProfile | None = None
    duration_s: float = 0.0
    """Seconds of the recording that are read so far."""
    warnings: list[str] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    """Speech of which the translation has nothing, in the order of the recording."""
    lost_terms: Counter[str] = field(default_factory=Counter)
    """Terms of the glossary that were translated freely, and how often each was."""
    _pipe: PipeReader | None = None

    def segments(self) -> Generator[PlacedSegment, None, None]:
        """Yield the translated segments in order, each as soon as it is spoken.

        Raises SettingsError for a pair of languages that cannot be translated, AudioDecodeError
        for a recording that cannot be read, StageError when an engine fails.
        """
        request = self.options.request
        with closing(self._utterances()) as utterances:
            opening = _take_opening(utterances)
            if not opening:
                self.source_language = request.source_language or UNDETERMINED
                self.warnings.append("nobody speaks in this recording: its translation is silent")
                return
            speech = np.concatenate([utterance.samples for utterance in opening])
            self._determine_language(speech)
            rate = RECOGNITION_RATE
            if request.reference is not None:
                speech = read_audio(request.reference, sample_rate=REFERENCE_RATE)
                rate = REFERENCE_RATE
            self.voice = self.engines.choose_voice(
                request.voice, speech, rate, language=request.target_language
            )
            yield from self._run(chain(opening, utterances), self.voice)

    def _run(self, utterances: Iterator[Utterance], voice: VoiceProfile) -> Iterator[PlacedSegment]:
        lateness = Lateness(self.options.limits)
        has_speech = False
        stages = self._stages(voice)
        with PipelineRunner(utterances, stages, name="file", on_abort=self._stop_reading) as run:
            for placed in run:
                has_speech = True
                if dropped := without_result(placed.spoken):
                    self.dropped.append(dropped)
                lateness.add(placed)
                yield placed
        self.dropped.sort(key=lambda one: one.start_s)
        if self.dropped:
            self.warnings.append(sentence(self.dropped))
        if not has_speech:
            self.warnings.append("no words were recognized: the translation is silent")
        elif reason := voice.provenance.get("default"):
            self.warnings.append(f"the default voice speaks: {reason}")
        if late := lateness.sentence():
            self.warnings.append(late)
        if self.lost_terms:
            terms = ", ".join(f"'{term}' {times} x" for term, times in self.lost_terms.items())
            self.warnings.append(f"terms of the glossary that were translated freely: {terms}")

    def _stages(self, voice: VoiceProfile) -> Chain[Utterance, PlacedSegment]:
        engines, source = self.engines, self.source_language
        target = self.options.request.target_language
        translators = engines.translators_with(
            self.options.request.glossary, on_lost=self._count_lost
        )
        recognize: Recognize | RecognizeByEar
        if translators.for_pair(source, target) is None:
            recognize = RecognizeByEar(
                engines.recognizer, language=source, on_dropped=self.dropped.append
            )
        else:
            recognize = Recognize(
                engines.recognizer,
                Segmenter(source),
                language=source,
                on_dropped=self.dropped.append,
            )
        synthesize = Synthesize(
            engines.synthesizer,
            voice,
            limits=self.options.limits,
            workers=engines.threads.synthesis_workers,
        )
        return begin(recognize).then(Translate(translators, target=target)).then(synthesize)

    def _stop_reading(self) -> None:
        if self._pipe is not None:
            self._pipe.stop()

    def _count_lost(self, term: Term) -> None:
        self.lost_terms[term.source] += 1

    def _utterances(self) -> Generator[Utterance, None, None]:
        stage = SegmentSpeech(self.engines.vad, UtteranceCutter())
        source = self.source
        if not isinstance(source, Path):
            self._pipe = waiting_pipe(source)
            source = cast("BinaryIO", self._pipe or source)
        blocks = read_blocks(source, choice=self.options.sound, on_warning=self.warnings.append)
        for block in blocks:
            self.duration_s += len(block) / RECOGNITION_RATE
            yield from stage.process(block)
        yield from stage.finish()

    def _determine_language(self, speech: Samples) -> None:
        """Take the given source language, or detect it. Raises SettingsError for a wrong pair."""
        given = self.options.request.source_language
        if given is not None:
            self.source_language, self.source_probability = given, 1.0
        else:
            self.source_language, self.source_probability = self.engines.recognizer.detect_language(
                speech
            )
        _log.info("the recording is in %s (%.2f)", self.source_language, self.source_probability)
        target = self.options.request.target_language
        if given is None:
            self.engines.check_detected(self.source_language, target)
        else:
            self.engines.coverage.check_pair(given, target)


def _take_opening(utterances: Iterator[Utterance]) -> list[Utterance]:
    """Take the first utterances, until they have OPENING_S seconds of sound."""
    opening: list[Utterance] = []
    samples = 0
    for utterance in utterances:
        opening.append(utterance)
        samples += len(utterance.samples)
        if samples >= OPENING_S * RECOGNITION_RATE:
            break
    return opening

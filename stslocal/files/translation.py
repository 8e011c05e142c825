"""Translates one recording from sound to speech.

The recording is read in blocks and cut into utterances. The language is detected in the first
utterances, and again in each one; the voice is made from the first ones. From there on the stages
run side by side. Memory does not grow with the length of the recording.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from stslocal.audio.decode import read_audio
from stslocal.files import translation_warnings as warnings_of
from stslocal.files.by_language import KeepOriginal, RecognizeByEar, RecognizeByLanguage
from stslocal.files.given_subtitles import TakeSubtitles
from stslocal.files.languages import IdentifyLanguages, beginning, first_language
from stslocal.files.lateness import Lateness
from stslocal.files.levels import RecordingLevels
from stslocal.files.opening import LONGEST_OPENING_S, no_speech, seconds_of, take_opening
from stslocal.files.options import FileOptions
from stslocal.files.speak import LeaveUnspoken, PlacedSegment, Synthesize, shorter_ways
from stslocal.files.speakers.reading import Reading
from stslocal.files.speakers.voices import speaker_voices
from stslocal.files.speech_check import CheckSpeech, DoubtfulSpeech
from stslocal.files.stages import Recognize
from stslocal.languages import UNDETERMINED, name_of
from stslocal.loading.engines import Engines
from stslocal.pipeline.runner import PipelineRunner
from stslocal.pipeline.stage import Chain, Stage
from stslocal.pipeline.stage import chain as begin
from stslocal.settings import LIKE_THE_SPEAKER
from stslocal.translation.dropped import sentence, without_result, without_translation
from stslocal.translation.glossary import Term
from stslocal.translation.segmentation import Segmenter
from stslocal.translation.translate import Translate
from stslocal.types import (
    RECOGNITION_RATE,
    Dropped,
    Segment,
    SpokenSegment,
    Turn,
    Utterance,
    VoiceProfile,
)
from stslocal.voices.choose import REFERENCE_RATE

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class FileTranslation:
    """The translation of one recording. Iterate `segments()` once, then read the other fields."""

    engines: Engines
    source: Path | BinaryIO
    options: FileOptions
    is_spoken: bool = True
    """False leaves out the voice: the segments have no samples, and the times of their source."""
    source_language: str = UNDETERMINED
    source_probability: float = 0.0
    voice: VoiceProfile | None = None
    """The voice that speaks; that of the first speaker where several have one."""
    voices: Mapping[str, VoiceProfile] = field(default_factory=dict)
    """The voices of the speakers, by name; empty where one voice speaks for all."""
    warnings: list[str] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    """Speech of which the translation has nothing, in the order of the recording."""
    levels: RecordingLevels = field(default_factory=RecordingLevels)
    """How loud the recording is; measured only for a translation that is spoken, and a report."""
    lost_terms: Counter[str] = field(default_factory=Counter)
    """Terms of the glossary that were translated freely, and how often each was."""
    _shortened: list[Segment] = field(default_factory=list)
    """Segments that are said in a shorter way than the best translation."""
    _has_only_texts: bool = False
    """Whether subtitles are given of a recording in which no speech was detected."""
    _reading: Reading = field(init=False)

    def __post_init__(self) -> None:
        self.is_spoken = self.is_spoken and self.engines.selection.is_spoken
        measures = self.is_spoken or self.options.report
        self._reading = Reading(
            self.source,
            self.engines.vad,
            self.options.sound,
            self.warnings.append,
            self.options.longest_s,
            self.options.speakers,
            self.engines.load_diarizer,
            self.levels if measures else None,
        )

    @property
    def duration_s(self) -> float:
        """Seconds of the recording that are read so far."""
        return self._reading.duration_s

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Who speaks when, where that was given or found."""
        return self._reading.turns

    def segments(self) -> Generator[PlacedSegment, None, None]:
        """Yield the translated segments in order, each as soon as it is spoken.

        Raises SettingsError for a pair of languages that cannot be translated, AudioDecodeError
        for a recording that cannot be read, StageError when an engine fails.
        """
        request = self.options.request
        self._reading.find_speakers()
        with closing(self._reading.utterances()) as utterances:
            opening = take_opening(utterances)
            if not opening:
                self.source_language = request.source_language or UNDETERMINED
                self._has_only_texts = bool(self.options.given and self.options.given.segments)
                if not self._has_only_texts:
                    self.warnings.append(warnings_of.of_nobody(is_spoken=self.is_spoken))
                    return
                opening = [no_speech()]
            identify = self._determine_language(opening)
            spoken = (part for one in chain(opening, utterances) for part in identify.process(one))
            opening = take_opening(spoken, but=request.target_language)
            to_translate = self._to_translate(opening, identify)
            if self.is_spoken:
                self.voice = self._choose_voice(to_translate)
            yield from self._run(chain(opening, spoken))
            self.warnings += identify.warnings()

    def _choose_voice(self, utterances: list[Utterance]) -> VoiceProfile:
        request = self.options.request
        if request.voice in LIKE_THE_SPEAKER and request.reference is None:
            self.voices = speaker_voices(
                self.engines.voices,
                self._reading.references,
                name=self.engines.selection.voice(request.voice),
                language=request.target_language,
            )
        if self.voices:
            return next(iter(self.voices.values()))
        speech, rate = beginning(utterances), RECOGNITION_RATE
        if request.reference is not None:
            speech = read_audio(request.reference, sample_rate=REFERENCE_RATE)
            rate = REFERENCE_RATE
        return self.engines.choose_voice(
            request.voice, speech, rate, language=request.target_language
        )

    def _run(self, utterances: Iterator[Utterance]) -> Iterator[PlacedSegment]:
        lateness = Lateness(self.options.limits)
        target = self.options.request.target_language
        has_speech = False
        kept: list[tuple[float, float]] = []
        doubtful = DoubtfulSpeech()
        stages = self._stages()
        missing = without_result if self.is_spoken else _not_translated
        with PipelineRunner(utterances, stages, name="file", on_abort=self._reading.stop) as run:
            for placed in run:
                has_speech = True
                if dropped := missing(placed.spoken):
                    self.dropped.append(dropped)
                segment = placed.spoken.translated.segment
                if segment.language == target:
                    kept.append((segment.start_s, segment.end_s))
                elif self.source_language == target:
                    self.source_language = segment.language
                doubtful.add(placed)
                lateness.add(placed)
                yield placed
        if kept and self.source_language == target:
            self.engines.coverage.check_pair(target, target, detected=True)
        self.dropped.sort(key=lambda one: one.start_s)
        if self.dropped:
            self.warnings.append(sentence(self.dropped))
        if not has_speech:
            self.warnings.append(warnings_of.of_no_words(is_spoken=self.is_spoken))
        elif self.voice is not None and self._has_only_texts:
            self.warnings.append(warnings_of.of_only_texts(self.voice))
        elif self.voice is not None:
            self.warnings += warnings_of.of_default_voices(self.voices or {"": self.voice})
        self.warnings += filter(None, (lateness.sentence(), doubtful.sentence()))
        self.warnings += warnings_of.of_shortened(self._shortened)
        self.warnings += warnings_of.of_kept(kept, target, is_spoken=self.is_spoken)
        self.warnings += warnings_of.of_lost_terms(self.lost_terms)

    def _stages(self) -> Chain[Utterance, PlacedSegment]:
        engines, target = self.engines, self.options.request.target_language
        translators = engines.translators_with(
            self.options.request.glossary, on_lost=self._count_lost
        )
        if self.source_language != target and self.options.translates:
            translators.for_pair(self.source_language, target)  # a glossary needs a translator
        recognize = RecognizeByLanguage(self._recognize_in)
        translated = begin(recognize).then(Translate(translators, target=target))
        if self.voice is None:
            return translated.then(LeaveUnspoken())
        synthesizer = engines.synthesizer_with(self.options.request.glossary)
        spoken = translated.then(
            Synthesize(
                synthesizer,
                self.voice,
                voices=self.voices,
                limits=self.options.limits,
                shorter=partial(shorter_ways, translators),
                on_shortened=lambda item: self._shortened.append(item.segment),
                workers=engines.threads.synthesis_workers,
            )
        )
        if not self.options.checks_speech:
            return spoken
        return spoken.then(
            CheckSpeech(engines.recognizer, synthesizer, self.voice, voices=self.voices,
                        thorough=self.options.check == "all")
        )  # fmt: skip

    def _recognize_in(self, language: str) -> Stage[Utterance, Segment]:
        """The stage that recognizes speech in a language, as its translation needs it."""
        engines, request = self.engines, self.options.request
        if self.options.given is not None:
            return TakeSubtitles(self.options.given.segments, lambda: self.duration_s)
        on_dropped = self.dropped.append
        if language == request.target_language:
            return KeepOriginal(engines.recognizer, language=language, on_dropped=on_dropped)
        if not engines.coverage.is_by_ear(language, request.target_language):
            return Recognize(
                engines.recognizer, Segmenter(language), language=language, on_dropped=on_dropped
            )
        if request.glossary is not None:
            self.warnings.append(
                f"{name_of(language)} is translated by Whisper itself: the glossary is not used "
                "for it"
            )
        return RecognizeByEar(engines.recognizer, language=language, on_dropped=on_dropped)

    def _count_lost(self, term: Term) -> None:
        self.lost_terms[term.source] += 1

    def _determine_language(self, opening: list[Utterance]) -> IdentifyLanguages:
        """Take the given source language, or detect it. Raises SettingsError for a wrong pair."""
        recognizer, request = self.engines.recognizer, self.options.request
        given, target = request.source_language, request.target_language
        languages = self.options.languages

        def is_usable(code: str) -> bool:
            is_spoken = not languages or code in languages
            return is_spoken and (code == target or self.engines.coverage.has_pair(code, target))

        if given is not None:
            self.source_language, self.source_probability = given, 1.0
        else:
            self.source_language, self.source_probability = first_language(
                recognizer, opening, is_usable
            )
            if languages and self.source_language not in languages:
                others = (code for code in languages if code != target)
                self.source_language, self.source_probability = next(others, target), 0.0
        _log.info("the recording is in %s (%.2f)", self.source_language, self.source_probability)
        if given is not None:
            self.options.check_pair(self.engines.coverage, given)
        elif self.source_language != target:
            self.engines.check_detected(self.source_language, target)
        return IdentifyLanguages(
            recognizer,
            self.source_language,
            given=given is not None,
            is_usable=is_usable,
            languages=languages,
        )

    def _to_translate(
        self, opening: list[Utterance], identify: IdentifyLanguages
    ) -> list[Utterance]:
        """The utterances that are not in the target language; their language is the source's.

        All of them if a long opening has none. Raises SettingsError if a short recording has none.
        """
        target = self.options.request.target_language
        others = [one for one in opening if one.language != target]
        if not others:
            if seconds_of(opening) < LONGEST_OPENING_S:
                self.engines.coverage.check_pair(target, target, detected=True)
            return opening
        lengths: Counter[str] = Counter()
        for one in others:
            lengths[one.language] += len(one.samples)
        (language, _), *_ = lengths.most_common(1)
        if language != self.source_language:
            self.source_language = language
            self.source_probability = identify.probability(language)
        return others


def _not_translated(spoken: SpokenSegment) -> Dropped | None:
    return without_translation(spoken.translated)

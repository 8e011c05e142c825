"""Recognizes one recording in the languages that are spoken in it, and translates nothing."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from stslocal.audio.decode import SoundChoice, read_blocks
from stslocal.engines.protocols import SpeechRecognizer, VoiceActivityDetector
from stslocal.files.by_language import RecognizeByLanguage
from stslocal.files.checks import check_length
from stslocal.files.languages import IdentifyLanguages, first_language
from stslocal.files.opening import take_opening
from stslocal.files.stages import Recognize, SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.languages import UNDETERMINED
from stslocal.pipeline.runner import PipelineRunner
from stslocal.pipeline.stage import Stage
from stslocal.pipeline.stage import chain as begin
from stslocal.translation.segmentation import Segmenter
from stslocal.types import RECOGNITION_RATE, Dropped, Segment, Utterance

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was said in a recording."""

    segments: Sequence[Segment]
    """In order. Each has its text, its language, its times and those of its words."""
    language: str
    """As given, or detected at the beginning; `und` where nobody speaks. A segment may have
    another one."""
    language_probability: float
    """0 to 1; 1 for a language that was given."""
    duration_s: float
    """Seconds of the recording."""
    warnings: Sequence[str] = ()
    dropped: Sequence[Dropped] = ()
    """Speech of which no words are kept."""

    @property
    def text(self) -> str:
        """The text, one segment a line."""
        return "\n".join(segment.text for segment in self.segments)


def transcribe(
    vad: VoiceActivityDetector,
    recognizer: SpeechRecognizer,
    source: Path | BinaryIO,
    language: str | None = None,
) -> Transcription:
    """Recognize a whole recording.

    Without `language` it is detected in each utterance. Raises AudioDecodeError for what is no
    sound, StageError when the engine fails.
    """
    running = FileTranscription(vad, recognizer, source, language)
    segments = list(running.segments())
    found, probability = running.source_language, running.language_probability
    _log.info("the recording is in %s (%.2f)", found, probability)
    warnings = list(running.warnings)
    if not running.has_speech:
        warnings.append("nobody speaks in this recording")
    elif not segments:
        warnings.append("no words were recognized")
    return Transcription(
        segments, found, probability, running.duration_s, warnings, running.dropped
    )


@dataclass(slots=True)
class FileTranscription:
    """The recognition of one recording. Iterate `segments()` once, then read the other fields."""

    vad: VoiceActivityDetector
    recognizer: SpeechRecognizer
    source: Path | BinaryIO
    language: str | None = None
    """The language of the speech; None when it is to be detected in each utterance."""
    longest_s: float | None = None
    """A longer recording is refused while it is read; None takes any length."""
    source_language: str = UNDETERMINED
    """As given, or as detected in the first utterances."""
    language_probability: float = 0.0
    """0 to 1; 1 for a language that was given."""
    has_speech: bool = False
    duration_s: float = 0.0
    """Seconds of the recording that are read so far."""
    warnings: list[str] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    """Speech of which no words are kept."""

    def segments(self) -> Generator[Segment, None, None]:
        """Yield the segments in order, each as soon as it is recognized.

        Raises AudioDecodeError for a recording that cannot be read or is too long, StageError
        when an engine fails.
        """
        with closing(self._utterances()) as utterances:
            if self.language is not None:
                self.source_language, self.language_probability = self.language, 1.0
            opening = take_opening(utterances)
            self.has_speech = bool(opening)
            if not opening:
                return
            if self.language is None:
                self.source_language, self.language_probability = first_language(
                    self.recognizer, opening, self._is_known
                )
            identify = IdentifyLanguages(
                self.recognizer,
                self.source_language,
                given=self.language is not None,
                is_usable=self._is_known,
            )
            spoken = (one for each in chain(opening, utterances) for one in identify.process(each))
            stages = begin(RecognizeByLanguage(self._recognize_in))
            with PipelineRunner(spoken, stages, name="transcription") as run:
                yield from run
            self.dropped.sort(key=lambda one: one.start_s)
            self.warnings += identify.warnings()

    def _is_known(self, code: str) -> bool:
        return code in self.recognizer.capabilities.languages

    def _recognize_in(self, language: str) -> Stage[Utterance, Segment]:
        return Recognize(
            self.recognizer,
            Segmenter(language),
            language=language,
            on_dropped=self.dropped.append,
        )

    def _utterances(self) -> Generator[Utterance, None, None]:
        stage = SegmentSpeech(self.vad, UtteranceCutter())
        blocks = read_blocks(
            self.source,
            choice=SoundChoice(language=self.language),
            on_warning=self.warnings.append,
        )
        for block in blocks:
            self.duration_s += len(block) / RECOGNITION_RATE
            check_length(self.duration_s, self.longest_s)
            yield from stage.process(block)
        yield from stage.finish()

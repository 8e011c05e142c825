"""Recognizes a recording, and translates nothing."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from stslocal.audio.decode import read_blocks
from stslocal.audio.tracks import SoundChoice
from stslocal.engines.protocols import SpeechRecognizer, VoiceActivityDetector
from stslocal.files.by_language import RecognizeByLanguage
from stslocal.files.languages import IdentifyLanguages, first_language
from stslocal.files.stages import Recognize, SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.languages import UNDETERMINED
from stslocal.pipeline.stage import Stage
from stslocal.translation.segmentation import Segmenter
from stslocal.types import RECOGNITION_RATE, Dropped, Segment, Utterance

_log = logging.getLogger(__name__)

_OPENING = 3
"""Utterances in which the language is detected first."""


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
    """Recognize a whole recording, in this thread.

    Without `language` it is detected in each utterance. Raises AudioDecodeError for what is no
    sound, and EngineError.
    """
    return _Transcribing(vad, recognizer, language).run(source)


class _Transcribing:
    """One recording that is recognized."""

    def __init__(
        self, vad: VoiceActivityDetector, recognizer: SpeechRecognizer, language: str | None
    ) -> None:
        self._vad = vad
        self._recognizer = recognizer
        self._given = language
        self._duration_s = 0.0
        self._warnings: list[str] = []
        self._dropped: list[Dropped] = []

    def run(self, source: Path | BinaryIO) -> Transcription:
        with closing(self._utterances(source)) as utterances:
            opening = list(islice(utterances, _OPENING))
            code, probability = self._given or UNDETERMINED, 1.0 if self._given else 0.0
            segments: list[Segment] = []
            if opening:
                if self._given is None:
                    code, probability = first_language(self._recognizer, opening, lambda code: True)
                identify = IdentifyLanguages(self._recognizer, code, given=self._given is not None)
                recognize = RecognizeByLanguage(self._recognize_in)
                for utterance in chain(opening, utterances):
                    for part in identify.process(utterance):
                        segments += recognize.process(part)
                segments += recognize.finish()
                self._warnings += identify.warnings()
        _log.info("the recording is in %s (%.2f)", code, probability)
        if not opening:
            self._warnings.append("nobody speaks in this recording")
        elif not segments:
            self._warnings.append("no words were recognized")
        dropped = sorted(self._dropped, key=lambda one: one.start_s)
        return Transcription(segments, code, probability, self._duration_s, self._warnings, dropped)

    def _recognize_in(self, language: str) -> Stage[Utterance, Segment]:
        return Recognize(
            self._recognizer,
            Segmenter(language),
            language=language,
            on_dropped=self._dropped.append,
        )

    def _utterances(self, source: Path | BinaryIO) -> Generator[Utterance, None, None]:
        stage = SegmentSpeech(self._vad, UtteranceCutter())
        choice = SoundChoice(None, None, self._given)
        for block in read_blocks(source, choice=choice, on_warning=self._warnings.append):
            self._duration_s += len(block) / RECOGNITION_RATE
            yield from stage.process(block)
        yield from stage.finish()

"""Stands for the engines of a run that needs none of their role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from stslocal.engines.protocols import Capabilities, Task
from stslocal.errors import EngineError, SettingsError
from stslocal.settings import NO_SPEECH
from stslocal.types import RECOGNITION_RATE, Recognition, Samples, VoiceProfile

SILENT = f"`tts` is {NO_SPEECH}, so nothing is spoken here: choose a synthesizer, or auto"
"""Why there is no speech, for a person."""


@dataclass(slots=True)
class NoRecognizer:
    """A recognizer that is not loaded, because the texts and their language are given."""

    capabilities: Capabilities
    language: str
    """The language of the speech, as given."""

    def transcribe(
        self, audio: Samples, *, language: str | None = None, task: Task = "transcribe"
    ) -> Recognition:
        raise EngineError("no recognizer is loaded: the text of this recording was given")

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        return self.transcribe(audio, language=language)

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        return self.language, 1.0


class NoSynthesizer:
    """A synthesizer that is not loaded, because the translation is text alone."""

    capabilities = Capabilities()
    sample_rate = RECOGNITION_RATE

    def voice_names(self, language: str) -> tuple[str, ...]:
        return ()

    def voice(self, name: str) -> VoiceProfile:
        _refuse()

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        _refuse()

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        return 0.0

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        _refuse()


def _refuse() -> NoReturn:
    raise SettingsError(SILENT)

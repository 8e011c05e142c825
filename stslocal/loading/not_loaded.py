"""Stands for the recognizer of a run that recognizes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from stslocal.engines.protocols import Capabilities, Task
from stslocal.errors import EngineError
from stslocal.types import Recognition, Samples


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

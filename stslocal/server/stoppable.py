"""Engines that end the work on a recording when it is to stop, also while nobody speaks in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from stslocal.engines.protocols import (
    SpeakerDiarizer,
    SpeechRecognizer,
    Task,
    VadState,
    VoiceActivityDetector,
)
from stslocal.loading.engines import Engines, RecognitionEngines
from stslocal.types import Recognition, Samples, Turn

E = TypeVar("E", Engines, RecognitionEngines)


def stoppable(engines: E, check: Callable[[], None]) -> E:
    """The same engines; `check`, which raises to end the work, is called at each of their steps."""
    stopping = replace(
        engines,
        vad=_StoppableVad(engines.vad, check),
        recognizer=_StoppableRecognizer(engines.recognizer, check),
    )
    if isinstance(stopping, Engines):
        load = stopping.load_diarizer
        stopping.load_diarizer = lambda: _StoppableDiarizer(load(), check)
    return stopping


class _StoppableDiarizer:
    """What finds the speakers, which takes the recording block by block."""

    def __init__(self, diarizer: SpeakerDiarizer, check: Callable[[], None]) -> None:
        self._diarizer = diarizer
        self._check = check

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | None = None
    ) -> tuple[Turn, ...]:
        return self._diarizer.diarize(self._checked(blocks), speakers=speakers)

    def _checked(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        for block in blocks:
            self._check()
            yield block


class _StoppableVad:
    """A detector, which is asked for each second of a recording."""

    def __init__(self, vad: VoiceActivityDetector, check: Callable[[], None]) -> None:
        self.window = vad.window
        self._vad = vad
        self._check = check

    def initial_state(self) -> VadState:
        return self._vad.initial_state()

    def probabilities(
        self, samples: Samples, state: VadState
    ) -> tuple[NDArray[np.float32], VadState]:
        self._check()
        return self._vad.probabilities(samples, state)


class _StoppableRecognizer:
    """A recognizer, which is asked for each utterance."""

    def __init__(self, recognizer: SpeechRecognizer, check: Callable[[], None]) -> None:
        self.capabilities = recognizer.capabilities
        self._recognizer = recognizer
        self._check = check

    def transcribe(
        self, audio: Samples, *, language: str | None = None, task: Task = "transcribe"
    ) -> Recognition:
        self._check()
        return self._recognizer.transcribe(audio, language=language, task=task)

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        self._check()
        return self._recognizer.hypothesize(audio, language=language, paused=paused)

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        self._check()
        return self._recognizer.detect_language(audio)

"""Reports the speech of an utterance of which no words were kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from stslocal.clock import Clock
from stslocal.metrics import Emit, SpeechDropped
from stslocal.translation.dropped import without_words
from stslocal.types import WINDOW_S, Dropped, Word

_SPEAKS = 0.5
"""A window of this probability holds speech, as in the endpointer."""


class DroppedSpeech:
    """Collects the speech and the words of the open utterance, with times in the stream."""

    def __init__(self, clock: Clock, emit: Emit) -> None:
        self._clock = clock
        self._emit = emit
        self._speech: list[tuple[float, float]] = []
        self._words: list[Word] = []
        self._rejected: list[Dropped] = []

    def add_window(self, end_s: float, probability: float) -> None:
        if probability < _SPEAKS:
            return
        start_s = end_s - WINDOW_S
        if self._speech and start_s - self._speech[-1][1] < WINDOW_S / 2:
            start_s = self._speech.pop()[0]
        self._speech.append((start_s, end_s))

    def speech_after(self, time_s: float) -> float:
        """Seconds of speech after a time in the stream, as far as the utterance goes by now."""
        return sum(max(0.0, end_s - max(start_s, time_s)) for start_s, end_s in self._speech)

    def add_words(self, words: Iterable[Word]) -> None:
        self._words += words

    def rejected(self, dropped: Iterable[Dropped], by_s: float) -> None:
        """What the newest recognition rejected; its sound starts at `by_s`."""
        self._rejected = [
            replace(one, start_s=one.start_s + by_s, end_s=one.end_s + by_s) for one in dropped
        ]

    def report(self, utterance: int) -> None:
        """Emit the stretches without words, at the end of an utterance, and begin anew."""
        for one in without_words(self._speech, self._words, self._rejected):
            self._emit(
                SpeechDropped(
                    self._clock.now(), utterance, one.start_s, one.end_s, one.reason, one.text
                )
            )
        self._speech, self._words, self._rejected = [], [], []

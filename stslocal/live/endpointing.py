"""Where a live utterance starts and ends, decided window by window from speech probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from stslocal.types import WINDOW_S


class Boundary(Enum):
    """The boundary of an utterance that a window of a live stream shows."""

    NONE = auto()
    START = auto()
    """An utterance started."""
    END = auto()
    """The utterance is over."""


TextSoFar = Literal["nothing", "words", "sentence"]
"""What was recognized of an utterance up to its last speech. `sentence` is a complete one."""


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """When a live utterance starts and ends. The probabilities are those of UtteranceLimits."""

    start_probability: float = 0.5
    end_probability: float = 0.35
    after_sentence_s: float = 0.35
    """Silence that ends an utterance whose sentence is complete."""
    after_words_s: float = 0.6
    """Silence that ends an utterance whose sentence is not complete."""
    after_nothing_s: float = 1.2
    """Silence that ends an utterance of which nothing is recognized yet."""


class Endpointer:
    """Finds utterances in a live stream, window by window."""

    def __init__(self, limits: EndpointLimits = EndpointLimits()) -> None:
        self._limits = limits
        self.speaking = False
        """Whether an utterance is open."""
        self.speech_s = 0.0
        """Seconds of speech in the utterance so far, without pauses."""
        self.silence_s = 0.0
        """Seconds of silence since the last speech; counted on after the utterance."""

    def push(self, probability: float, text: TextSoFar) -> Boundary:
        """Take the next window's speech probability, and what is recognized so far."""
        limits = self._limits
        least = limits.end_probability if self.speaking else limits.start_probability
        if probability >= least:
            started = not self.speaking
            self.speech_s = WINDOW_S + (0.0 if started else self.speech_s)
            self.speaking, self.silence_s = True, 0.0
            return Boundary.START if started else Boundary.NONE
        self.silence_s += WINDOW_S
        if self.speaking and self.silence_s >= self._ending_silence_s(text):
            self.speaking = False
            return Boundary.END
        return Boundary.NONE

    def _ending_silence_s(self, text: TextSoFar) -> float:
        limits = self._limits
        if text == "nothing":
            return limits.after_nothing_s
        return limits.after_sentence_s if text == "sentence" else limits.after_words_s

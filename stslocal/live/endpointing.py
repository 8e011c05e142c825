"""Where a live utterance starts and where it ends, window by window, by speech probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from stslocal.types import WINDOW_S


class Turn(Enum):
    """What a window of a live stream means."""

    NOTHING = auto()
    STARTED = auto()
    """An utterance began."""
    ENDED = auto()
    """The utterance is over."""


Said = Literal["nothing", "words", "sentence"]
"""What has been recognized of an utterance up to its last speech: a complete sentence?"""


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """When a live utterance starts and ends. The probabilities are those of UtteranceLimits."""

    start_probability: float = 0.5
    end_probability: float = 0.35
    after_sentence_s: float = 0.35
    """Silence that ends an utterance whose sentence is complete."""
    after_words_s: float = 0.6
    """Silence that ends one whose words go on."""
    after_nothing_s: float = 1.2
    """Silence that ends one of which nothing is recognized yet."""


class Endpointer:
    """Finds utterances in a live stream, window by window."""

    def __init__(self, limits: EndpointLimits = EndpointLimits()) -> None:
        self._limits = limits
        self.speaking = False
        """Whether an utterance is open."""
        self.speech_s = 0.0
        """Speech in the utterance so far, pauses left out."""
        self.silence_s = 0.0
        """Silence since the last speech; it goes on after the utterance."""

    def push(self, probability: float, said: Said) -> Turn:
        """Take the next window's probability and what is recognized by now."""
        limits = self._limits
        least = limits.end_probability if self.speaking else limits.start_probability
        if probability >= least:
            started = not self.speaking
            self.speech_s = WINDOW_S + (0.0 if started else self.speech_s)
            self.speaking, self.silence_s = True, 0.0
            return Turn.STARTED if started else Turn.NOTHING
        self.silence_s += WINDOW_S
        if self.speaking and self.silence_s >= self._enough_s(said):
            self.speaking = False
            return Turn.ENDED
        return Turn.NOTHING

    def _enough_s(self, said: Said) -> float:
        limits = self._limits
        if said == "nothing":
            return limits.after_nothing_s
        return limits.after_sentence_s if said == "sentence" else limits.after_words_s

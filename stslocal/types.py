"""The words of this project, and the values that cross a stage boundary.

sample      one float32 value
frame       one instant over all channels
window      the voice activity detector's 512 samples at 16 kHz
chunk       a contiguous block of samples
utterance   speech between its start and its endpoint
hypothesis  the current best recognition of the open utterance:
            *committed* words (never change) + *partial* words (may change)
segment     a committed stretch of text: the unit of translation and synthesis
lookahead   audio heard beyond a word before the word is committed
endpointing deciding that the utterance ended
voice profile  what a cloner makes of a reference recording
underrun / overrun  samples missing / dropped at a sound card

Times named `..._s` are float seconds since the stream's first sample; sample positions are
int counts; wall-clock times come from `time.perf_counter()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
"""Mono PCM, shape (n,), float32, nominally in [-1, 1]."""

Embedding: TypeAlias = NDArray[np.float32]
"""A speaker embedding, shape (d,), float32, unit length."""

Sound: TypeAlias = Callable[[float, float], Samples]
"""Gives the samples between two times of a stream, in seconds, at RECOGNITION_RATE: shape (n,),
as far as it still has them."""

RECOGNITION_RATE = 16_000
"""Hertz. What the voice activity detector, the recognizer and the speaker encoder listen at."""

WINDOW = 512
"""Samples at RECOGNITION_RATE in a window of the voice activity detector: 32 ms."""
WINDOW_S = WINDOW / RECOGNITION_RATE


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word with its place in the stream."""

    text: str
    """As written, with its punctuation and without surrounding spaces."""
    start_s: float
    end_s: float
    probability: float
    """0 to 1, from the recognizer."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recognizer heard in one piece of audio. Times count from that audio's start."""

    text: str
    """Empty when there was no speech or a guard dropped an invented text."""
    language: str
    """ISO 639-1 code as in `languages.py`."""
    language_probability: float
    words: tuple[Word, ...] = ()
    avg_logprob: float = 0.0
    """Mean log probability a token."""
    no_speech_probability: float = 0.0
    rejected: str = ""
    """Why a guard dropped the text (`no speech`, `repetition`, ...); empty when it was kept."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech between its start and its endpoint, cut from the stream at 16 kHz."""

    index: int
    start_s: float
    samples: Samples
    """At RECOGNITION_RATE."""

    @property
    def end_s(self) -> float:
        """Where the utterance's last sample lies in the stream, in seconds."""
        return self.start_s + len(self.samples) / RECOGNITION_RATE


@dataclass(frozen=True, slots=True)
class Segment:
    """A committed stretch of source text: the unit of translation and synthesis."""

    index: int
    start_s: float
    end_s: float
    text: str
    language: str
    words: tuple[Word, ...] = ()
    recognition_s: float = 0.0
    """Seconds of work that the recognition took (this segment's share of its utterance's)."""
    translation: str | None = None
    """Set when the recognizer translated by itself (Whisper's translate task)."""


@dataclass(frozen=True, slots=True)
class TranslatedSegment:
    """A segment with its text in the target language."""

    segment: Segment
    text: str
    language: str
    translation_s: float
    """Seconds of work that the translation took."""

    @property
    def index(self) -> int:
        return self.segment.index


@dataclass(frozen=True, slots=True)
class SpokenSegment:
    """A translated segment as speech."""

    translated: TranslatedSegment
    samples: Samples = field(repr=False)
    sample_rate: int
    """Hertz."""
    voice: str
    """Name of the voice profile that spoke it."""
    speed: float
    """Speaking rate asked for: 1.0 is the voice's own."""
    synthesis_s: float
    """Seconds of work that the synthesis took."""

    @property
    def index(self) -> int:
        return self.translated.index

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, slots=True)
class VoiceProfile:
    """A voice that a synthesizer can speak in, as arrays that engine understands."""

    name: str
    engine: str
    """The synthesizer it belongs to, such as `kokoro` or `xtts`."""
    arrays: Mapping[str, NDArray[np.float32]] = field(repr=False)
    """Kokoro: `style` (510, 256). XTTS: conditioning latents and speaker embedding."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Where it came from: reference, styles blended, similarity, consent, ... all text."""
    pitch_semitones: float = 0.0
    """How far the synthesized pitch is moved to follow the speaker's."""

"""The values that pass from stage to stage. docs/vocabulary.md explains the words.

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
"""Returns the samples between two times of a stream, in seconds, at RECOGNITION_RATE: shape (n,).
Samples that are no longer kept are left out."""

RECOGNITION_RATE = 16_000
"""Hertz. The voice activity detector, the recognizer and the speaker encoder take this rate."""

WINDOW = 512
"""Samples at RECOGNITION_RATE in a window of the voice activity detector: 32 ms."""
WINDOW_S = WINDOW / RECOGNITION_RATE


ONLY_END = "…"
"""The text of a segment without words, which only says that the sentence before it is over."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word with its times in the stream."""

    text: str
    """As written, with its punctuation and without surrounding spaces."""
    start_s: float
    end_s: float
    probability: float
    """0 to 1, from the recognizer."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A stretch of sound of which nothing is kept."""

    start_s: float
    end_s: float
    reason: str
    """Why: the guard that rejected the text (`repetition`, ...), or what else is missing."""
    text: str = ""
    """The text that was rejected, if there was one."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """The result of one pass of a recognizer over sound. Times count from the sound's start."""

    text: str
    """Empty when there was no speech or a guard rejected an invented text."""
    language: str
    """ISO 639-1 code as in `languages.py`."""
    language_probability: float
    words: tuple[Word, ...] = ()
    avg_logprob: float = 0.0
    """Mean log probability of a token."""
    no_speech_probability: float = 0.0
    rejected: str = ""
    """Why a guard rejected the text (`no speech`, `repetition`, ...); empty when it was kept."""
    dropped: tuple[Dropped, ...] = ()
    """Stretches whose text a guard rejected."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of a recording in which one person speaks. Turns of two persons may overlap."""

    start_s: float
    end_s: float
    speaker: str
    """The name of the person, such as `S1`."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech between its start and its endpoint, cut from the stream at 16 kHz."""

    index: int
    start_s: float
    samples: Samples
    """At RECOGNITION_RATE."""
    speech: tuple[tuple[float, float], ...] = ()
    """The spans of the stream in which the detector found speech, in seconds."""
    language: str = ""
    """The language spoken in it; empty as long as it is not known."""
    speaker: str = ""
    """The name of the person who speaks; empty where speakers are not distinguished."""

    @property
    def end_s(self) -> float:
        """The end of the utterance in the stream, in seconds."""
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
    """Seconds of recognition work: this segment's share of its utterance's."""
    translation: str | None = None
    """Set when the recognizer translated by itself (Whisper's translate task)."""
    complete: bool = True
    """Whether the sentence ends with this segment. Otherwise the next segment continues it."""
    followed: bool = False
    """Whether words after it are already recognized, so that another segment comes soon."""
    original: Samples | None = field(default=None, repr=False, compare=False)
    """Its sound at RECOGNITION_RATE, where that is kept because it is in the target language. The
    translation is then the text itself."""
    speaker: str = ""
    """The name of the person who says it; empty where speakers are not distinguished."""

    @property
    def has_words(self) -> bool:
        """False for a segment that only says that the sentence before it is over."""
        return self.text != ONLY_END


@dataclass(frozen=True, slots=True)
class TranslatedSegment:
    """A segment with its text in the target language."""

    segment: Segment
    text: str
    language: str
    translation_s: float
    """Seconds of translation work."""
    is_part: bool = False
    """Whether its sentence was cut: words of it may stand in the segment before or after it."""

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
    """Requested speaking rate, where 1.0 is the voice's own rate."""
    synthesis_s: float
    """Seconds of synthesis work."""

    @property
    def index(self) -> int:
        return self.translated.index

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, slots=True)
class VoiceProfile:
    """A voice that a synthesizer can speak in, as arrays for that engine."""

    name: str
    engine: str
    """The synthesizer it belongs to, such as `kokoro` or `xtts`."""
    arrays: Mapping[str, NDArray[np.float32]] = field(repr=False)
    """Kokoro: `style` (510, 256). XTTS: conditioning latents and speaker embedding. Pocket TTS:
    `speaker` (frames, 1024), or `keys` and `values` of a built-in voice."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """The origin of the voice as text: reference, blended styles, similarity, consent, ..."""
    pitch_semitones: float = 0.0
    """Semitones by which the synthesized pitch is shifted towards the speaker's."""

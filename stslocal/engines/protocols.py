"""The protocol of each role of engines. Engines hold weights and keep nothing between calls.

All audio is `Samples`: mono float32, shape (n,), in [-1, 1]. All languages are codes of
`stslocal.languages`. Every method may be called from several threads at once. A vendor's
exception leaves an engine as EngineError, raised `from` it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from stslocal.types import Embedding, Recognition, Samples, VoiceProfile

Task = Literal["transcribe", "translate"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do, declared instead of found out by isinstance."""

    languages: frozenset[str] = frozenset()
    """Codes that it recognizes or speaks; empty where none matters (VAD, speaker encoder)."""
    pairs: frozenset[tuple[str, str]] = frozenset()
    """(source, target) codes of a translator."""
    translates_to: frozenset[str] = frozenset()
    """Targets a recognizer reaches by itself (Whisper's translate task: `en`)."""
    clones: bool = False
    """A synthesizer that speaks in a voice made from a reference."""
    streams_within: bool = False
    """A synthesizer whose first audio comes as soon for a long text as for a short one; others
    are given a text in pieces where that matters."""


class VoiceActivityDetector(Protocol):
    """Speech probability of consecutive windows. Its memory is a state the caller keeps."""

    window: int
    """Samples in a window at 16 kHz."""

    def initial_state(self) -> VadState: ...

    def probabilities(
        self, samples: Samples, state: VadState
    ) -> tuple[NDArray[np.float32], VadState]:
        """Probability (0 to 1) of speech in each of the windows: `samples`, shape (n * window,)
        at 16 kHz, gives shape (n,).
        """
        ...


class VadState(Protocol):
    """Opaque to everybody but the detector that made it."""


class SpeechRecognizer(Protocol):
    """Speech at 16 kHz to text with word times."""

    capabilities: Capabilities

    def transcribe(
        self,
        audio: Samples,
        *,
        language: str | None = None,
        task: Task = "transcribe",
    ) -> Recognition:
        """Recognize up to 30 s of audio; `language=None` detects it first."""
        ...

    def hypothesize(self, audio: Samples, *, language: str) -> Recognition:
        """Recognize an utterance that still goes on, quickly: it will be recognized again."""
        ...

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        """The language spoken in `audio` and its probability; 30 s of it are enough."""
        ...


class TextTranslator(Protocol):
    """Sentences of one language to sentences of another."""

    capabilities: Capabilities

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text; the result has the same length and order.

        `quick` asks for speed before quality, of engines that have the choice. Raises
        SettingsError for a pair that is not in `capabilities.pairs`.
        """
        ...


class SpeakerEncoder(Protocol):
    """Who speaks, as a vector."""

    def embed(self, audio: Samples) -> Embedding:
        """Embed speech at 16 kHz; louder or longer speech does not change the direction much."""
        ...


class VoiceCloner(Protocol):
    """A reference recording to a voice profile."""

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        """Make a profile to speak `language` with, from a reference of a few seconds or more."""
        ...


class VoiceMatcher(VoiceCloner, Protocol):
    """A cloner for a synthesizer that has only voices of its own: it finds the nearest one."""

    def adapted(self, profile: VoiceProfile, language: str) -> VoiceProfile:
        """Find the nearest voice for another language, to the same speaker as `profile`."""
        ...


class SpeechSynthesizer(Protocol):
    """Text to speech in a voice."""

    capabilities: Capabilities
    sample_rate: int
    """Hertz of what `synthesize` yields."""

    def voice_names(self, language: str) -> tuple[str, ...]:
        """Built-in voices for a language, its default first."""
        ...

    def voice(self, name: str) -> VoiceProfile:
        """A built-in voice. Raises SettingsError naming near matches."""
        ...

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        """Speak `text`, a chunk at a time; `voice=None` is the language's default voice.

        `speed` 1.25 speaks a quarter faster at the same pitch.
        """
        ...

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        """Roughly how many seconds of audio `synthesize` will make, without making it."""
        ...

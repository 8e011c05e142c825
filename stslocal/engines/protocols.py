"""The protocol of each role of engines. Engines hold weights and keep nothing between calls.

All audio is `Samples`: mono float32, shape (n,), in [-1, 1]. All languages are codes of
`stslocal.languages`. Every method may be called from several threads at once. An engine
raises EngineError `from` the exception of a library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from stslocal.types import Embedding, Recognition, Samples, Turn, VoiceProfile

Task = Literal["transcribe", "translate"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The languages and abilities that an engine declares."""

    languages: frozenset[str] = frozenset()
    """Codes that it recognizes or speaks; empty where none matters (VAD, speaker encoder)."""
    pairs: frozenset[tuple[str, str]] = frozenset()
    """(source, target) codes of a translator."""
    translates_to: frozenset[str] = frozenset()
    """Targets a recognizer reaches by itself (Whisper's translate task: `en`)."""
    forms: frozenset[str] = frozenset()
    """Regional forms in which it speaks or writes, such as `en-GB`; empty where it has none."""
    continues: bool = False
    """A translator that is also a SentenceContinuer."""
    takes_sentences: bool = False
    """A translator that is also a SentenceTranslator."""
    has_alternatives: bool = False
    """A translator that is also an AlternativesTranslator."""
    clones: bool = False
    """A synthesizer that speaks in a voice made from a reference."""
    together: int = 1
    """The most hypotheses that a recognizer makes faster together than one after the other; above
    1 it is also a TogetherRecognizer."""
    streams_within: bool = False
    """A synthesizer whose first audio comes as early for a long text as for a short one. Other
    synthesizers are given a text in pieces where this matters."""


class VoiceActivityDetector(Protocol):
    """Gives the probability of speech in consecutive windows. The caller keeps its state."""

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
    """State of a stream. Only the detector that made it reads it."""


class SpeechRecognizer(Protocol):
    """Speech at 16 kHz to text with word times."""

    capabilities: Capabilities

    def transcribe(
        self, audio: Samples, *, language: str | None = None, task: Task = "transcribe"
    ) -> Recognition:
        """Recognize up to 30 s of audio; `language=None` detects it first."""
        ...

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        """Recognize an utterance that still goes on, quickly: it will be recognized again, unless
        the speaker has `paused` at its end. Then it may be over, and somebody waits for it.
        """
        ...

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        """The language spoken in `audio` and its probability; 30 s of audio are enough."""
        ...


class TogetherRecognizer(Protocol):
    """A recognizer that makes several hypotheses at once, for different speakers."""

    def hypothesize_together(self, sounds: Sequence[tuple[Samples, str]]) -> list[Recognition]:
        """The hypothesis for each sound in its language, as `hypothesize` gives it.

        The sounds are padded to the longest one, so they should be of about the same length.
        Raises EngineError where any of them fails: they can then be recognized one by one.
        """
        ...


class TextTranslator(Protocol):
    """Sentences of one language to sentences of another."""

    capabilities: Capabilities

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text; the result has the same length and order.

        `quick` prefers speed to quality, in engines that have the choice. Raises
        SettingsError for a pair that is not in `capabilities.pairs`.
        """
        ...


class SentenceTranslator(Protocol):
    """A translator that takes texts that are one sentence each."""

    def translate_sentences(
        self, sentences: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """As `translate`, but each text is one sentence, whatever its punctuation."""
        ...


class AlternativesTranslator(Protocol):
    """A translator that knows several translations of a text."""

    def alternatives(self, text: str, *, source: str, target: str) -> list[str]:
        """Translations of a text that are nearly as likely as the best one, the longest first.

        None may be left for a pair that goes through a third language.
        """
        ...


@dataclass(frozen=True, slots=True)
class Continuation:
    """What follows the spoken words in the translation of a sentence."""

    text: str
    """The words to speak now."""
    held: str = ""
    """The words behind them, which may change when more of the sentence is known."""


class SentenceContinuer(Protocol):
    """Translates a sentence that is not over yet, a part at a time.

    A translator that cannot do it by itself is made one by `translation.retranslation`.
    """

    def continue_translation(
        self, text: str, spoken: str, *, source: str, target: str, may_hold: bool
    ) -> Continuation | None:
        """Continue the translation of one sentence after the words that were spoken.

        `text` is the whole sentence so far, and `spoken` is what was spoken of its translation:
        it stays as it is. With `may_hold` the sentence goes on, and words whose source may still
        change are held; without it nothing is. None when there is no good continuation.
        """
        ...


class SpeakerEncoder(Protocol):
    """Turns the voice of a speaker into a vector."""

    def embed(self, audio: Samples) -> Embedding:
        """Embed speech at 16 kHz. Its loudness and length change the direction little."""
        ...


class SpeakerDiarizer(Protocol):
    """Finds who speaks when in a recording."""

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | None = None
    ) -> tuple[Turn, ...]:
        """The turns of a recording in order; the persons are S1, S2 and so on, as they begin.

        `blocks` are the whole recording at 16 kHz. `speakers` says how many persons speak, where
        that is known.
        """
        ...


class CountedDiarizer(SpeakerDiarizer, Protocol):
    """A diarizer that may ask for the number of persons when it has the recording."""

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | Callable[[], int] | None = None
    ) -> tuple[Turn, ...]:
        """As `SpeakerDiarizer`; a function `speakers` is called behind the last block."""
        ...


class VoiceCloner(Protocol):
    """Makes a voice profile from a reference recording."""

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        """Make a profile to speak `language` with, from a reference of a few seconds or more."""
        ...


class VoiceConverter(Protocol):
    """Changes the voice of speech, and nothing else of it."""

    sample_rate: int
    """Sample rate of the speech that `convert` yields, in hertz."""

    def embed(self, audio: Samples, sample_rate: int) -> Embedding:
        """Turn the voice of a recording into a vector, which `convert` takes."""
        ...

    def convert(
        self, speech: Iterable[Samples], sample_rate: int, *, source: Embedding, target: Embedding
    ) -> Iterator[Samples]:
        """Yield `speech` in the voice `target`; `source` is the voice that it has.

        The result is the same for any division of the speech into chunks, and every time.
        """
        ...


class SourceSeparator(Protocol):
    """Finds the voice in a recording, apart from music and noise."""

    sample_rate: int
    """Sample rate of the sound that `voices` takes and yields, in hertz."""

    def voices(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Yield the voice in a recording, spoken or sung; the recording less this is all else.

        `blocks` are the whole recording, all of shape (n,), or of shape (n, 2) in stereo. The voice
        has their shape and altogether their length, in blocks of another length, which come while
        the recording is read. It is the same for any division of the recording into blocks.
        """
        ...


class VoiceMatcher(VoiceCloner, Protocol):
    """A cloner for a synthesizer with built-in voices only: it finds the nearest one."""

    def adapted(self, profile: VoiceProfile, language: str) -> VoiceProfile:
        """Find the voice for another language that is nearest to the speaker of `profile`."""
        ...

    def steady(self, before: VoiceProfile, after: VoiceProfile) -> VoiceProfile:
        """Which of two voices for one speaker speaks on: `after` is made from more speech.

        A listener takes a change of voice for another speaker, so `before` stays unless `after`
        is much nearer.
        """
        ...

    def apart(self, profile: VoiceProfile, others: Sequence[VoiceProfile]) -> VoiceProfile:
        """The voice for the speaker of `profile` where `others` speak in the same recording.

        It is `profile` if none of them is that voice, or there is no other one.
        """
        ...


class SpeechSynthesizer(Protocol):
    """Text to speech in a voice."""

    capabilities: Capabilities
    sample_rate: int
    """Sample rate of the audio that `synthesize` yields, in hertz."""

    def voice_names(self, language: str) -> tuple[str, ...]:
        """Names of the built-in voices for a language, the default first."""
        ...

    def voice(self, name: str) -> VoiceProfile:
        """A built-in voice. Raises SettingsError with similar names."""
        ...

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        """Yield the speech of `text` in chunks; `voice=None` is the language's default voice.

        `speed` 1.25 speaks a quarter faster at the same pitch.
        """
        ...

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        """Estimate the seconds of audio that `synthesize` will make, without making it."""
        ...

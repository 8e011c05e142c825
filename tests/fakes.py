"""A fake engine of every kind, made of arithmetic: exact and instant, or as slow as declared.

Each word of a Lexicon has a sample level of its own, and its speech is that level for a while. So
a FakeRecognizer recognizes exactly the words that were spoken, also by a FakeSynthesizer, and a
test can follow a word from the microphone to the loudspeaker.

Work takes no time unless a Cost says how long. That time passes on the VirtualClock that the
engines share. `fails_at` makes an engine fail at its nth call, as a vendor's engine would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.resample import Resampler
from stslocal.clock import VirtualClock
from stslocal.engines.protocols import Capabilities, Task, TextTranslator, VadState
from stslocal.errors import EngineError, SettingsError
from stslocal.translation.coverage import Coverage
from stslocal.translation.translators import Translators
from stslocal.types import RECOGNITION_RATE, Embedding, Recognition, Samples, VoiceProfile, Word

WORD_S, GAP_S = 0.24, 0.06
"""Length of a fake word, and of the quiet gap between two words."""
_LOWEST, _STEP = 0.1, 0.001
_GAP_LEVEL = 0.05
"""Quieter than any word and louder than silence: a FakeVad takes it for speech."""

RECOGNIZES = Capabilities(languages=frozenset({"en", "pt", "de"}), translates_to=frozenset({"en"}))
TRANSLATES = Capabilities(pairs=frozenset({("en", "pt"), ("pt", "en")}))
SPEAKS = Capabilities(languages=frozenset({"en", "pt"}), clones=True)


@dataclass(frozen=True, slots=True)
class Cost:
    """The time that a call takes."""

    call_s: float = 0.0
    per_audio_s: float = 0.0
    """Seconds of work for a second of audio."""


class Lexicon:
    """Words and their sample levels. A word gets its level when it is first said."""

    def __init__(self) -> None:
        self._words: list[str] = []

    def say(self, text: str, sample_rate: int = RECOGNITION_RATE, speed: float = 1.0) -> Samples:
        """The speech of `text`, shape (n,): a level for each word, with gaps between them."""
        word = np.ones(round(WORD_S / speed * sample_rate), np.float32)
        gap = np.full(round(GAP_S / speed * sample_rate), _GAP_LEVEL, np.float32)
        parts = [part for token in text.split() for part in (word * self._level(token), gap)]
        return np.concatenate(parts[:-1]) if parts else np.zeros(0, np.float32)

    def script(self, *lines: tuple[float, str]) -> Samples:
        """A recording at 16 kHz in which each text starts at its time, and 1 s of silence."""
        spoken = [(round(start_s * RECOGNITION_RATE), self.say(text)) for start_s, text in lines]
        end = max(start + len(audio) for start, audio in spoken)
        recording = np.zeros(end + RECOGNITION_RATE, np.float32)
        for start, audio in spoken:
            assert not recording[start : start + len(audio)].any(), "two lines overlap"
            recording[start : start + len(audio)] = audio
        return recording

    def recognize(self, audio: Samples, sample_rate: int = RECOGNITION_RATE) -> list[Word]:
        """The words in `audio`; less than half of a word is not recognized."""
        edges = np.flatnonzero(np.abs(np.diff(audio)) > _STEP / 2) + 1
        bounds = [0, *edges.tolist(), len(audio)]
        words = []
        for start, end in pairwise(bounds):
            index = round((float(audio[start]) - _LOWEST) / _STEP) if end > start else -1
            if 0 <= index < len(self._words) and (end - start) / sample_rate >= WORD_S / 2:
                words.append(Word(self._words[index], start / sample_rate, end / sample_rate, 0.99))
        return words

    def _level(self, word: str) -> float:
        if word not in self._words:
            self._words.append(word)
        return _LOWEST + self._words.index(word) * _STEP


@dataclass(slots=True)
class _Work:
    """The part of every fake engine that counts calls, takes time and fails."""

    clock: VirtualClock | None = None
    cost: Cost = Cost()
    fails_at: int | None = None
    """The call that raises EngineError, from 0; None never fails."""
    calls: int = field(default=0, init=False)

    def work(self, audio_s: float = 0.0) -> None:
        call, self.calls = self.calls, self.calls + 1
        if self.clock is not None:
            self.clock.work(self.cost.call_s + self.cost.per_audio_s * audio_s)
        if call == self.fails_at:
            raise EngineError(f"the fake engine failed at call {call}")


@dataclass(slots=True)
class FakeVad(_Work):
    """Takes everything but digital silence for speech."""

    window: int = 512

    def initial_state(self) -> VadState:
        return object()

    def probabilities(
        self, samples: Samples, state: VadState
    ) -> tuple[NDArray[np.float32], VadState]:
        windows = samples.reshape(-1, self.window)
        for _ in windows:
            self.work(self.window / RECOGNITION_RATE)
        return np.array([window.any() for window in windows], np.float32), state


@dataclass(slots=True)
class FakeRecognizer(_Work):
    """Recognizes every word of the lexicon. Detects `language` with `language_probability`."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    language: str = "en"
    language_probability: float = 0.99
    capabilities: Capabilities = RECOGNIZES

    def transcribe(
        self,
        audio: Samples,
        *,
        language: str | None = None,
        task: Task = "transcribe",
    ) -> Recognition:
        assert len(audio) <= 30 * RECOGNITION_RATE
        if language is not None and language not in self.capabilities.languages:
            raise SettingsError(f"the fake recognizer does not know {language}")
        self.work(len(audio) / RECOGNITION_RATE)
        words = tuple(self.lexicon.recognize(audio))
        if task == "translate":
            words = tuple(
                Word(translated(w.text, "en"), w.start_s, w.end_s, w.probability) for w in words
            )
        return Recognition(
            text=" ".join(word.text for word in words),
            language=language or self.language,
            language_probability=1.0 if language else self.language_probability,
            words=words,
            avg_logprob=-0.1,
            no_speech_probability=0.01 if words else 0.99,
            rejected="" if words else "no speech",
        )

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        return self.transcribe(audio, language=language)

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        self.work(len(audio) / RECOGNITION_RATE)
        return self.language, self.language_probability


@dataclass(slots=True)
class FakeTranslator(_Work):
    """Puts the target language before every word: `good day` becomes `pt:good pt:day`."""

    capabilities: Capabilities = TRANSLATES

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        if (source, target) not in self.capabilities.pairs:
            raise SettingsError(f"the fake translator has no {source} to {target}")
        self.work()
        return [translated(text, target) for text in texts]


def translated(text: str, target: str) -> str:
    """The translation of `text` by a fake."""
    return " ".join(f"{target}:{word}" for word in text.split())


@dataclass(slots=True)
class FakeSynthesizer(_Work):
    """Speaks the words of the lexicon, in chunks of `chunk_words` words."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    sample_rate: int = 24_000
    chunk_words: int = 4
    capabilities: Capabilities = SPEAKS

    def voice_names(self, language: str) -> tuple[str, ...]:
        return (f"{language}_alto", f"{language}_bass")

    def voice(self, name: str) -> VoiceProfile:
        known = [voice for code in self.capabilities.languages for voice in self.voice_names(code)]
        if name not in known:
            raise SettingsError(f"there is no voice '{name}'; there are {', '.join(sorted(known))}")
        return VoiceProfile(name, "fake", {})

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        if language not in self.capabilities.languages:
            raise SettingsError(f"the fake synthesizer does not speak {language}")
        if voice is not None and voice.engine != "fake":
            raise SettingsError(f"the voice {voice.name} is of {voice.engine}")
        words = text.split()
        for first in range(0, len(words), self.chunk_words):
            chunk = " ".join(words[first : first + self.chunk_words])
            audio = self.lexicon.say(chunk, self.sample_rate, speed)
            self.work(len(audio) / self.sample_rate)
            yield audio

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        return (WORD_S + GAP_S) * len(text.split()) / speed


@dataclass(slots=True)
class FakeEncoder(_Work):
    """Distinguishes speakers by the sign of their samples, whatever they say."""

    def embed(self, audio: Samples) -> Embedding:
        self.work(len(audio) / RECOGNITION_RATE)
        return np.array([1.0, 0.0] if audio.sum() >= 0 else [0.0, 1.0], np.float32)


@dataclass(slots=True)
class FakeConverter(_Work):
    """Turns the sign of the samples where the two voices differ, as FakeEncoder tells them."""

    sample_rate: int = 22_050

    def embed(self, audio: Samples, sample_rate: int) -> Embedding:
        self.work(len(audio) / sample_rate)
        return np.array([1.0 if audio.sum() >= 0 else -1.0], np.float32)

    def convert(
        self, speech: Iterable[Samples], sample_rate: int, *, source: Embedding, target: Embedding
    ) -> Iterator[Samples]:
        resampler = Resampler(sample_rate, self.sample_rate)
        turned = np.float32(source[0] * target[0])
        for samples in speech:
            self.work(len(samples) / sample_rate)
            yield resampler.process(samples) * turned
        yield resampler.flush() * turned


@dataclass(slots=True)
class FakeCloner(_Work):
    """Makes a profile whose provenance has the length of the reference."""

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        self.work(len(reference) / sample_rate)
        provenance = {"reference_s": f"{len(reference) / sample_rate:.2f}", "language": language}
        return VoiceProfile(name, "fake", {"style": np.ones(2, np.float32)}, provenance)


def only_translator(translator: TextTranslator) -> Translators:
    """One translator and no other, beside a FakeRecognizer that may translate by ear."""
    coverage = Coverage(
        "fake-recognizer",
        RECOGNIZES,
        {"words": translator.capabilities},
        "fake-synthesizer",
        SPEAKS,
    )
    return Translators({"words": translator}, coverage)

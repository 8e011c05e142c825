"""Pocket TTS: speech at 24 kHz in a voice made from a reference, a model for each language.

A language model reads a voice and a text and makes a latent of 80 ms of speech after the other; a
codec decodes them. Both are ONNX graphs, made from the published checkpoint when the model is
installed. They work at the same time, in two threads. The first sound comes after one frame.

Source: https://huggingface.co/kyutai/pocket-tts (CC-BY-4.0) and its package (MIT).
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import tokenizers

from stslocal.audio.resample import resample
from stslocal.audio.tempo import TempoChanger
from stslocal.engines.failures import as_engine_error
from stslocal.engines.model_json import damaged, how_to_get, read_object
from stslocal.engines.pocket.entry import capabilities
from stslocal.engines.pocket.graphs import FILES, HEAD, Graphs
from stslocal.engines.pocket.languages import LANGUAGES
from stslocal.engines.pocket.speech import VoiceState, ahead, latents, read_voice, sound
from stslocal.engines.pocket.text import Piece, pieces
from stslocal.engines.pocket.voices import (
    LONGEST_S,
    SAMPLE_RATE,
    embed_voice,
    ending_in_a_pause,
    load_voices,
)
from stslocal.engines.speaker.reference import judge_reference, without_pauses
from stslocal.errors import ModelNotFoundError, SettingsError
from stslocal.languages import find
from stslocal.types import Samples, VoiceProfile

SLOWEST, FASTEST = 0.5, 2.0

_ABOUT, _TOKENIZER = "pocket.json", "tokenizer.json"
_FORMAT = 1
_SHORTEST_S = 0.4
"""The shortest speech that a voice is made from, in seconds."""
_MOST_FRAMES = 1000
"""Of a voice, which a foreign file may hold: the language model has 4096 positions for all."""
_VOICES_KEPT = 4
_MOST_THREADS = 4
"""More threads wait for each other longer than they compute."""


class PocketSynthesizer:
    """A `SpeechSynthesizer` and the `VoiceCloner` of its voices, safe to share between threads."""

    sample_rate = SAMPLE_RATE

    def __init__(
        self,
        graphs: Graphs,
        tokenizer: tokenizers.Tokenizer,
        language: str,
        voices: Mapping[str, VoiceProfile],
        *,
        before_voice: bool = True,
        alone: bool = False,
    ) -> None:
        """Use `load`. `alone`: one thread does all the work."""
        self.capabilities = capabilities(language)
        self.language = language
        self.graphs = graphs
        self._tokenizer = tokenizer
        self._voices = voices
        self._alone = alone
        # Rows of the text table behind the vocabulary and the vendor's padding.
        self.begin = tokenizer.get_vocab_size() + 1
        self._before = [self.begin + 1] if before_voice else []
        self._read = lru_cache(maxsize=_VOICES_KEPT)(self._read_voice)

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> PocketSynthesizer:
        """Load a model that `stslocal models` built: graphs, tokenizer, voices and pocket.json.

        `threads` is the number for one synthesis; 0 takes two to four, by the processor's cores.
        Raises ModelNotFoundError when a file is missing, ModelIntegrityError or EngineError when
        one cannot be read.
        """
        for name in (*FILES, _ABOUT, _TOKENIZER):
            if not (folder / name).is_file():
                raise ModelNotFoundError(
                    f"{folder} holds no whole model of Pocket TTS, {name} is missing: "
                    f"{how_to_get(folder)}"
                )
        about = read_object(folder / _ABOUT)
        language = str(about.get("language"))
        if about.get("format") != _FORMAT or language not in LANGUAGES:
            raise damaged(folder / _ABOUT, f"its format is {about.get('format')!r}")
        threads = threads or min(os.cpu_count() or 1, _MOST_THREADS)
        with as_engine_error(f"The speech model {folder} cannot be loaded"):
            graphs = Graphs.load(folder, max(1, threads // 2))
            tokenizer = tokenizers.Tokenizer.from_file(str(folder / _TOKENIZER))
        return cls(
            graphs,
            tokenizer,
            language,
            load_voices(folder, language, graphs.width),
            before_voice=bool(about.get("before_voice", True)),
            alone=threads == 1,
        )

    def voice_names(self, language: str) -> tuple[str, ...]:
        """Names of the voices that come with the model, the default first."""
        self._check_language(language)
        return tuple(self._voices)

    def voice(self, name: str) -> VoiceProfile:
        """A built-in voice. Raises SettingsError with similar names."""
        if name in self._voices:
            return self._voices[name]
        near = difflib.get_close_matches(name, self._voices, n=3) or [*self._voices][:5]
        raise SettingsError(f"There is no voice {name!r}: did you mean {', '.join(near)}?")

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        """Make a voice from a reference, of which 20 s without pauses are used.

        It speaks the model's language only. An unusable reference gives the default voice, and
        `provenance` gives the reason (`default`).
        """
        self._check_language(language)
        quality = judge_reference(reference, sample_rate)
        speech = without_pauses(reference, sample_rate, longest_s=LONGEST_S)
        if not quality.usable or len(speech) < _SHORTEST_S * sample_rate:
            voice = next(iter(self._voices.values()))
            about = {**voice.provenance, "default": quality.verdict}
            return VoiceProfile(name, "pocket", voice.arrays, about)
        with as_engine_error("Pocket TTS cannot make a voice from the reference"):
            prompt = ending_in_a_pause(resample(speech, sample_rate, SAMPLE_RATE), SAMPLE_RATE)
            embedded = embed_voice(self.graphs, prompt)[0]
        about = {"speaks": self.language, "reference": quality.verdict}
        profile = VoiceProfile(name, "pocket", {"speaker": embedded}, about)
        with as_engine_error("Pocket TTS cannot read the voice"):
            self.voice_state(profile)  # is kept, so that the first text need not wait for it
        return profile

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        """Yield the speech of `text`, first 80 ms of it and then up to 240 ms at a time.

        Yields float32 mono at 24 kHz within [-1, 1]. Text without a word to speak yields nothing.
        `speed` is between 0.5 and 2, at the same pitch. The same text in the same voice gives the
        same speech every time. Raises SettingsError for another language than the model's, a speed
        out of range or a voice of another model; EngineError when the model fails.
        """
        planned = self._plan(text, language, speed)
        profile = voice or next(iter(self._voices.values()))
        self._check(profile)
        return self._speak(planned, profile, speed)

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        """Estimate the seconds of audio that `synthesize` will make, from the text's length."""
        characters = sum(len(piece.text) for piece in self._plan(text, language, speed))
        return characters / LANGUAGES[self.language].characters_per_s / speed

    def voice_state(self, voice: VoiceProfile) -> VoiceState:
        """What the language model has read of a voice; it is kept for the next texts."""
        if "speaker" not in voice.arrays:
            return VoiceState(voice.arrays["keys"], voice.arrays["values"])
        return self._read(np.ascontiguousarray(voice.arrays["speaker"], np.float32).tobytes())

    def _read_voice(self, speaker: bytes) -> VoiceState:
        embedded = np.frombuffer(speaker, np.float32).reshape(1, -1, self.graphs.width)
        if self._before:
            embedded = np.concatenate([self.graphs.embeddings(self._before), embedded], axis=1)
        return read_voice(self.graphs, embedded)

    def _plan(self, text: str, language: str, speed: float) -> list[Piece]:
        self._check_language(language)
        if not SLOWEST <= speed <= FASTEST:
            raise SettingsError(f"Speed reaches from {SLOWEST} to {FASTEST}, not {speed}")
        with as_engine_error("Pocket TTS cannot read the text"):
            return pieces(text, self.language, lambda part: self._tokenizer.encode(part).ids)

    def _speak(self, planned: list[Piece], voice: VoiceProfile, speed: float) -> Iterator[Samples]:
        tempo = TempoChanger(SAMPLE_RATE, speed)
        for piece in planned:
            with as_engine_error("Pocket TTS failed to speak"):
                state = self.voice_state(voice)
                made = latents(self.graphs, state, piece, self.begin)
                chunks = sound(self.graphs, made if self._alone else ahead(made))
            while True:
                # Not around the `yield`: an error of the caller is not the engine's.
                with as_engine_error("Pocket TTS failed to speak"):
                    samples = next(chunks, None)
                if samples is None:
                    break
                yield from _unless_empty(tempo.push(samples))
        yield from _unless_empty(tempo.finish())

    def _check_language(self, language: str) -> None:
        found = find(language)
        if found.code != self.language:
            raise SettingsError(
                f"This model of Pocket TTS speaks {find(self.language)}, not {found}: "
                "choose one with `--tts`"
            )

    def _check(self, voice: VoiceProfile) -> None:
        if voice.engine != "pocket":
            raise SettingsError(f"The voice {voice.name} belongs to {voice.engine}, not Pocket TTS")
        spoken = voice.provenance.get("speaks", self.language)
        if spoken != self.language:
            raise SettingsError(
                f"The voice {voice.name} was made to speak {find(spoken)}, not "
                f"{find(self.language)}: make it again for that language"
            )
        speaker = voice.arrays.get("speaker")
        states = [voice.arrays.get(each, np.empty(0)) for each in ("keys", "values")]
        frames = states[0].shape[2] if states[0].ndim == 4 else 0
        shape = (self.graphs.layers, self.graphs.width // HEAD, frames, HEAD)
        if speaker is None and any(each.shape != shape for each in states):
            raise SettingsError(f"The voice {voice.name} is not whole: make it again")
        if speaker is not None:
            frames = len(speaker)
        if frames > _MOST_FRAMES:
            raise SettingsError(f"The voice {voice.name} is too long: make it again")
        if speaker is not None and speaker.shape[1:] != (self.graphs.width,):
            raise SettingsError(
                f"The voice {voice.name} was made for another model of Pocket TTS: make it again"
            )


def _unless_empty(samples: Samples) -> Iterator[Samples]:
    if len(samples):
        yield samples

"""Kokoro-82M: speech at 24 kHz from text, in 54 built-in voices or a blend of them.

The model is an ONNX graph (8-bit weights) that takes phonemes, a style vector and a speed.
A voice is 510 style vectors, one for each number of phonemes in a run.

Source: https://huggingface.co/hexgrad/Kokoro-82M (Apache-2.0).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from stslocal.engines.kokoro.entry import capabilities
from stslocal.engines.kokoro.graph import parts as graph
from stslocal.engines.kokoro.languages import BRITISH_READER, LANGUAGES
from stslocal.engines.kokoro.phonemes import Phonemizer
from stslocal.engines.kokoro.text import Chunk, chunks
from stslocal.errors import EngineError, ModelNotFoundError, SettingsError
from stslocal.languages import find
from stslocal.types import Samples, VoiceProfile

SAMPLE_RATE = 24_000
"""Hertz."""
FRAME_S = 0.025
"""What the model counts durations in."""
STYLE_ROWS, STYLE_SIZE = 510, 256
SLOWEST, FASTEST = 0.5, 2.0

_FADE_S = 0.012
_MARGIN_S = 0.02
"""What is kept around the first and the last sound."""
_SILENCE = 10 ** (-46 / 20)
"""Below the peak by this much, the edge of a chunk is silence."""
_LOUDNESS = 10 ** (-23 / 20)
"""Root mean square that every chunk is brought to: voices differ by up to 10 dB."""
_PEAK = 0.95
_EXACT_PRODUCTS = "session.x64quantprecision"
"""onnxruntime's option that keeps 8-bit products from overflowing."""


class KokoroSynthesizer:
    """A `SpeechSynthesizer`, safe to share between threads."""

    capabilities = capabilities()
    sample_rate = SAMPLE_RATE

    def __init__(
        self,
        timing: onnxruntime.InferenceSession,
        sound: onnxruntime.InferenceSession,
        voices: Mapping[str, Path],
    ) -> None:
        """Use `load`."""
        self._timing = timing
        self._sound = sound
        self._voices = voices
        self._phonemizer = Phonemizer()

    @classmethod
    def load(
        cls, model_folder: Path, voices_folder: Path, *, threads: int = 0
    ) -> KokoroSynthesizer:
        """Load the graph in `model_folder` and index the voices (`*.bin`) of `voices_folder`.

        `threads` is what one synthesis uses; 0 leaves it to onnxruntime (all cores).
        Raises ModelNotFoundError when files are missing, EngineError when they cannot be read.
        """
        file = next(iter(sorted(model_folder.glob("*.onnx"))), None)
        if file is None:
            raise ModelNotFoundError(
                "kokoro-82m-int8 is not installed: run `stslocal models pull starter`"
            )
        voices = {path.stem: path for path in sorted(voices_folder.glob("*.bin"))}
        if not voices:
            raise ModelNotFoundError(
                "kokoro-voices is not installed: run `stslocal models pull starter`"
            )
        try:
            parts = graph.taken_apart(file)
            timing, sound = _session(parts.timing, 1), _session(parts.sound, threads)
        except Exception as exc:  # onnxruntime and protobuf raise a dozen unrelated types
            raise EngineError(f"The speech model {file} cannot be loaded: {exc}") from exc
        return cls(timing, sound, voices)

    def voice_names(self, language: str) -> tuple[str, ...]:
        """Built-in voices native to `language`, its default first."""
        spoken = LANGUAGES[_code(language)]
        native = [name for name in self._voices if name[0] in spoken.voice_initials]
        return tuple(sorted(native, key=lambda name: name != spoken.default_voice))

    def voice(self, name: str) -> VoiceProfile:
        """A built-in voice, of any language. Raises SettingsError naming near matches."""
        if name not in self._voices:
            near = difflib.get_close_matches(name, self._voices, n=3) or sorted(self._voices)
            raise SettingsError(f"There is no voice {name!r}: did you mean {', '.join(near)}?")
        style = np.fromfile(self._voices[name], dtype="<f4")
        if style.size != STYLE_ROWS * STYLE_SIZE:
            raise EngineError(f"{self._voices[name]} is not a Kokoro voice")
        return VoiceProfile(
            name=name,
            engine="kokoro",
            arrays={"style": style.reshape(STYLE_ROWS, STYLE_SIZE)},
            provenance={"styles": name},
        )

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        """Speak `text`, a sentence or a group of clauses at a time.

        Yields float32 mono at 24 kHz, peaks below 0.95. A chunk starts and ends with the voice,
        faded, and carries the pause before the next one at its end. Text without a word to speak
        yields nothing. `speed` reaches from 0.5 to 2. Raises SettingsError for a language that is
        not in `capabilities.languages`, a speed out of range or a voice of another engine.
        """
        profile, planned = self._plan(text, language, voice, speed)
        return (self._chunk(chunk, profile, speed) for chunk in planned)

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        """How many seconds of audio `synthesize` will make.

        By the model's own durations, which cost a thirtieth of the sound.
        """
        profile, planned = self._plan(text, language, voice, speed)
        total_s = 0.0
        for chunk in planned:
            durations, _ = self._durations(self._inputs(chunk, profile), speed)
            # The first token is silence, the last two are what follows the last sound.
            total_s += float(durations[0, 1:-2].sum()) * FRAME_S + chunk.pause_s / speed
        return total_s

    def _plan(
        self, text: str, language: str, voice: VoiceProfile | None, speed: float
    ) -> tuple[VoiceProfile, list[Chunk]]:
        code = _code(language)
        if not SLOWEST <= speed <= FASTEST:
            raise SettingsError(f"Speed reaches from {SLOWEST} to {FASTEST}, not {speed}")
        profile = voice or self.voice(LANGUAGES[code].default_voice)
        if profile.engine != "kokoro":
            raise SettingsError(f"The voice {profile.name} belongs to {profile.engine}, not Kokoro")
        style = profile.arrays.get("style")
        if style is None or style.shape != (STYLE_ROWS, STYLE_SIZE):
            raise SettingsError(f"The voice {profile.name} is not whole: make it again")
        british = code == "en" and profile.provenance.get("styles", "").startswith("b")
        reader = BRITISH_READER if british else LANGUAGES[code].reader
        return profile, chunks(
            text, code, lambda sentence: self._phonemizer.phonemes(sentence, reader)
        )

    def _chunk(self, chunk: Chunk, voice: VoiceProfile, speed: float) -> Samples:
        inputs = self._inputs(chunk, voice)
        durations, features = self._durations(inputs, speed)
        pitch = np.array([2 ** (voice.pitch_semitones / 12)], np.float32)
        between = {graph.DURATIONS: durations, graph.FEATURES: features, graph.F0_SCALE: pitch}
        (audio,) = _run(self._sound, [graph.AUDIO], {**inputs, **between})
        pause = np.zeros(round(chunk.pause_s / speed * SAMPLE_RATE), np.float32)
        return np.concatenate([_finished(audio), pause])

    def _inputs(self, chunk: Chunk, voice: VoiceProfile) -> dict[str, NDArray[Any]]:
        tokens = self._phonemizer.tokens(chunk.phonemes)
        row = min(len(tokens), STYLE_ROWS) - 1
        return {
            graph.TOKENS: np.array([[0, *tokens, 0]], np.int64),
            graph.STYLE: np.asarray(voice.arrays["style"][row : row + 1], np.float32),
        }

    def _durations(
        self, inputs: Mapping[str, NDArray[Any]], speed: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Frames that each token lasts, shape (1, n), and the model's features."""
        rate = {graph.SPEED: np.array([speed], np.float32)}
        durations, features = _run(
            self._timing, [graph.DURATIONS, graph.FEATURES], {**inputs, **rate}
        )
        return durations, features


def _code(language: str) -> str:
    """The code of a language that Kokoro speaks. Raises SettingsError for any other."""
    found = find(language)
    if found.code not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise SettingsError(f"Kokoro does not speak {found}; it speaks {known}")
    return found.code


def _session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # Planning which buffers to share takes seconds for a graph this size and gains nothing.
    options.enable_mem_reuse = False
    # A plan of all buffers of a length lays them out side by side, and larger than they need be.
    options.enable_mem_pattern = False
    options.add_session_config_entry(_EXACT_PRODUCTS, str(int(_fast_products_overflow())))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    # It would keep the file beside the weights, to begin anew should a provider fail.
    session._model_bytes = None
    return session


@cache
def _fast_products_overflow() -> bool:
    """Whether this processor's fast 8-bit product adds up in 16 bits, and so loses large sums.

    It does on x86-64 without VNNI. There the exact product is asked for; elsewhere that would
    cost 2.5 times the time for nothing.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    model = graph.product_of_largest()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    (product,) = session.run(None, {graph.ROWS: np.full((8, graph.DEPTH), 255, np.uint8)})
    return bool((product != graph.DEPTH * 255 * 127).any())


def _run(
    session: onnxruntime.InferenceSession, outputs: list[str], inputs: Mapping[str, NDArray[Any]]
) -> list[NDArray[np.float32]]:
    options = onnxruntime.RunOptions()
    # Texts differ in length: what the longest one needed is not kept for all the others.
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    try:
        made: list[NDArray[np.float32]] = session.run(outputs, inputs, options)
    except Exception as exc:  # onnxruntime raises a dozen unrelated types
        raise EngineError(f"Kokoro failed to speak: {exc}") from exc
    return made


def _finished(audio: Samples) -> Samples:
    """`audio` without the silence at its ends, faded in and out, at one loudness."""
    peak = float(np.abs(audio).max(initial=0.0))
    loud = np.flatnonzero(np.abs(audio) > _SILENCE * peak)
    if not len(loud):
        return np.zeros(0, np.float32)
    margin = round(_MARGIN_S * SAMPLE_RATE)
    speech = audio[max(0, int(loud[0]) - margin) : int(loud[-1]) + margin]
    level = float(np.sqrt(np.mean(np.square(speech, dtype=np.float64))))
    speech = speech * np.float32(min(_LOUDNESS / level, _PEAK / peak))
    length = min(round(_FADE_S * SAMPLE_RATE), len(speech) // 2)
    ramp = np.linspace(0.0, 1.0, length, endpoint=False, dtype=np.float32)
    speech[:length] *= ramp
    speech[len(speech) - length :] *= ramp[::-1]
    return speech

"""Kokoro-82M: speech at 24 kHz from text, in 54 built-in voices or a blend of them.

The model is two ONNX graphs (8-bit weights), made from the published one when the model is
installed: `timing` takes phonemes, a style vector and a speed, and `sound` takes its results.
A voice is 510 style vectors, one for each number of phonemes in a run.

Source: https://huggingface.co/hexgrad/Kokoro-82M (Apache-2.0).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from stslocal.engines.failures import as_engine_error
from stslocal.engines.kokoro.entry import capabilities
from stslocal.engines.kokoro.exact_products import EXACT_PRODUCTS, fast_products_overflow
from stslocal.engines.kokoro.languages import BRITISH_ESPEAK_VOICE, LANGUAGES
from stslocal.engines.kokoro.phonemes import Phonemizer
from stslocal.engines.kokoro.text import Piece, pieces
from stslocal.errors import EngineError, ModelNotFoundError, SettingsError
from stslocal.languages import find
from stslocal.types import Samples, VoiceProfile

SAMPLE_RATE = 24_000
"""Hertz."""
FRAME_S = 0.025
"""Seconds. The model counts durations in frames of this length."""
STYLE_ROWS, STYLE_SIZE = 510, 256
SLOWEST, FASTEST = 0.5, 2.0

_FADE_S = 0.012
_MARGIN_S = 0.02
"""Seconds that are kept before the first and after the last sound."""
_SILENCE = 10 ** (-46 / 20)
"""The edge of a piece is silence where it is this far below the peak (-46 dB)."""
_LOUDNESS = 10 ** (-23 / 20)
"""Root mean square of every piece after scaling: voices differ by up to 10 dB."""
_PEAK = 0.95
_TIMING_FILE, _SOUND_FILE, _PRODUCT_FILE = "timing.onnx", "sound.onnx", "largest_product.onnx"
_TOKENS, _STYLE, _SPEED, _F0_SCALE = "tokens", "style", "speed", "f0_scale"
_DURATIONS, _FEATURES, _AUDIO = "durations", "features", "audio"
_FINE = 0.01
"""A speed at which the model's durations have a hundredth of a frame."""


class KokoroSynthesizer:
    """A `SpeechSynthesizer`, safe to share between threads."""

    capabilities = capabilities()
    sample_rate = SAMPLE_RATE

    def __init__(
        self,
        timing: onnxruntime.InferenceSession,
        sound: onnxruntime.InferenceSession,
        voices: Mapping[str, Path],
        regions: Mapping[str, str] | None = None,
    ) -> None:
        """Use `load`."""
        self._languages = {
            code: spoken.in_region(code, (regions or {}).get(code, ""))
            for code, spoken in LANGUAGES.items()
        }
        self._timing = timing
        self._sound = sound
        self._voices = voices
        self._phonemizer = Phonemizer()

    @classmethod
    def load(
        cls,
        model_folder: Path,
        voices_folder: Path,
        *,
        threads: int = 0,
        regions: Mapping[str, str] | None = None,
    ) -> KokoroSynthesizer:
        """Load the graphs in `model_folder` and index the voices (`*.bin`) of `voices_folder`.

        `threads` is the number for one synthesis; 0 leaves it to onnxruntime (all cores). `regions`
        says by language where it is to be spoken; a region of which there is no form has no effect.
        Raises ModelNotFoundError when files are missing, EngineError when they cannot be read.
        """
        timing, sound, product = (
            model_folder / name for name in (_TIMING_FILE, _SOUND_FILE, _PRODUCT_FILE)
        )
        if not all(file.is_file() for file in (timing, sound, product)):
            raise ModelNotFoundError(
                "kokoro-82m-int8 is not installed: run `stslocal models pull starter`"
            )
        voices = {path.stem: path for path in sorted(voices_folder.glob("*.bin"))}
        if not voices:
            raise ModelNotFoundError(
                "kokoro-voices is not installed: run `stslocal models pull starter`"
            )
        with as_engine_error(f"The speech model {model_folder} cannot be loaded"):
            exact = fast_products_overflow(product)
            sessions = _session(timing, 1, exact=exact), _session(sound, threads, exact=exact)
        return cls(*sessions, voices, regions)

    def voice_names(self, language: str) -> tuple[str, ...]:
        """Names of the built-in voices native to `language` in its region, the default first."""
        spoken = self._languages[_supported_code(language)]
        native = [name for name in self._voices if name[0] in spoken.voice_initials]
        return tuple(sorted(native, key=lambda name: name != spoken.default_voice))

    def voice(self, name: str) -> VoiceProfile:
        """A built-in voice of any language. Raises SettingsError with similar names."""
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
        """Yield the speech of `text`, a sentence or a group of clauses at a time.

        Yields float32 mono at 24 kHz, peaks below 0.95. Each array starts and ends with the voice,
        faded, and then has the pause before the next one. Text without a word to speak yields
        nothing. `speed` is between 0.5 and 2. Raises SettingsError for a language that is
        not in `capabilities.languages`, a speed out of range or a voice of another engine.
        """
        profile, planned = self._plan(text, language, voice, speed)
        return (self._synthesize_piece(piece, profile, speed) for piece in planned)

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        """The seconds of audio that `synthesize` will make.

        Computes the model's durations, which takes a thirtieth of the time of the sound.
        """
        profile, planned = self._plan(text, language, voice, speed)
        total_s = 0.0
        for piece in planned:
            durations, _ = self._durations(self._inputs(piece, profile), speed)
            # The first token is silence; the last two tokens follow the last sound.
            total_s += float(durations[0, 1:-2].sum()) * FRAME_S + piece.pause_s / speed
        return total_s

    def _plan(
        self, text: str, language: str, voice: VoiceProfile | None, speed: float
    ) -> tuple[VoiceProfile, list[Piece]]:
        code = _supported_code(language)
        if not SLOWEST <= speed <= FASTEST:
            raise SettingsError(f"Speed reaches from {SLOWEST} to {FASTEST}, not {speed}")
        profile = voice or self.voice(self._languages[code].default_voice)
        if profile.engine != "kokoro":
            raise SettingsError(f"The voice {profile.name} belongs to {profile.engine}, not Kokoro")
        style = profile.arrays.get("style")
        if style is None or style.shape != (STYLE_ROWS, STYLE_SIZE):
            raise SettingsError(f"The voice {profile.name} is not whole: make it again")
        espeak_voice = self._languages[code].espeak_voice
        if code == "en" and (accent := profile.provenance.get("styles", "")[:1]) in ("a", "b"):
            espeak_voice = BRITISH_ESPEAK_VOICE if accent == "b" else LANGUAGES[code].espeak_voice
        return profile, pieces(
            text,
            code,
            lambda sentence: self._phonemizer.phonemes(sentence, espeak_voice),
            british=espeak_voice == BRITISH_ESPEAK_VOICE,
        )

    def _synthesize_piece(self, piece: Piece, voice: VoiceProfile, speed: float) -> Samples:
        inputs = self._inputs(piece, voice)
        durations, features = self._durations(inputs, speed)
        pitch = np.array([2 ** (voice.pitch_semitones / 12)], np.float32)
        intermediate = {_DURATIONS: durations, _FEATURES: features, _F0_SCALE: pitch}
        (audio,) = _run(self._sound, [_AUDIO], {**inputs, **intermediate})
        pause = np.zeros(round(piece.pause_s / speed * SAMPLE_RATE), np.float32)
        return np.concatenate([_trimmed(audio), pause])

    def _inputs(self, piece: Piece, voice: VoiceProfile) -> dict[str, NDArray[Any]]:
        tokens = self._phonemizer.tokens(piece.phonemes)
        row = min(len(tokens), STYLE_ROWS) - 1
        return {
            _TOKENS: np.array([[0, *tokens, 0]], np.int64),
            _STYLE: np.asarray(voice.arrays["style"][row : row + 1], np.float32),
        }

    def _durations(
        self, inputs: Mapping[str, NDArray[Any]], speed: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Frames that each token lasts, shape (1, n), and the model's features.

        The model rounds to whole frames, and most sounds last only two: asked for 1.2, it speaks
        1.1 times as fast, and from 1.34 on all those sounds are halved at once. So at any other
        speed than 1 it is asked for long durations, and their fractions are carried over.
        """
        asked = 1.0 if speed == 1.0 else _FINE
        rate = {_SPEED: np.array([asked], np.float32)}
        durations, features = _run(self._timing, [_DURATIONS, _FEATURES], {**inputs, **rate})
        if speed != 1.0:
            durations = whole_frames(durations[0] * (_FINE / speed))[np.newaxis]
        return durations, features


def whole_frames(durations: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round durations, shape (n,), to one frame or more each, so that their sum stays the same."""
    frames = np.empty_like(durations)
    owed = 0.0
    for at, duration in enumerate(durations):
        owed += float(duration)
        frames[at] = max(1, round(owed))
        owed -= float(frames[at])
    return frames


def _supported_code(language: str) -> str:
    """The code of a language that Kokoro speaks. Raises SettingsError for any other language."""
    found = find(language)
    if found.code not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise SettingsError(f"Kokoro does not speak {found}; it speaks {known}")
    return found.code


def _session(model: Path, threads: int, *, exact: bool) -> onnxruntime.InferenceSession:
    """Load a graph; `exact` selects 8-bit products that cannot overflow."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # Planning which buffers to share takes seconds for a graph of this size, without a gain.
    options.enable_mem_reuse = False
    # A plan of all buffers for a length places them side by side and makes them larger.
    options.enable_mem_pattern = False
    # Threads that wait in a loop take the processor from the recognizer and from other programs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry(EXACT_PRODUCTS, str(int(exact)))
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _run(
    session: onnxruntime.InferenceSession, outputs: list[str], inputs: Mapping[str, NDArray[Any]]
) -> list[NDArray[np.float32]]:
    options = onnxruntime.RunOptions()
    # Texts differ in length, so the memory for the longest one is given back after the run.
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    with as_engine_error("Kokoro failed to speak"):
        made: list[NDArray[np.float32]] = session.run(outputs, inputs, options)
    return made


def _trimmed(audio: Samples) -> Samples:
    """`audio` without the silence at its ends, faded in and out, scaled to one loudness."""
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

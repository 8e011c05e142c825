"""XTTS-v2 through coqui-tts: speech at 24 kHz in 17 languages, in a voice made from a reference.

A language model turns text and a voice into audio tokens, and a vocoder turns their latents into
sound. Both run in chunks, so the first audio comes after a few tokens, and the time for a chunk
grows only with its own length. The sound is the same as if all of it were made at once.

Source: https://huggingface.co/coqui/XTTS-v2 (Coqui Public Model License, non-commercial).
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stslocal.engines.failures import as_engine_error
from stslocal.engines.process import set_torch_threads
from stslocal.engines.speaker.reference import judge_reference, without_pauses
from stslocal.engines.xtts.checkpoint import load_checkpoint, load_speakers, profile
from stslocal.engines.xtts.cloning import SHORTEST_S, speaker_conditioning
from stslocal.engines.xtts.entry import capabilities
from stslocal.engines.xtts.gpt import Prompt, Sampling, Token, XttsGpt, float16_is_fast
from stslocal.engines.xtts.guards import TailTrimmer, is_loop
from stslocal.engines.xtts.languages import LANGUAGES, to_xtts
from stslocal.engines.xtts.text import Piece, expected_s, most_tokens, pieces
from stslocal.engines.xtts.vocoder import WindowedVocoder
from stslocal.errors import SettingsError
from stslocal.languages import Language, find
from stslocal.text.chunks import within_limit
from stslocal.types import Samples, VoiceProfile

_log = logging.getLogger(__name__)

SAMPLE_RATE = 24_000
"""Hertz."""
SLOWEST, FASTEST = 0.5, 2.0
FIRST_TOKENS, THEN_TOKENS = (8, 16), 24
"""Audio tokens in a chunk. The first chunks are short, to be played soon. The later ones are
longer, because each chunk vocodes its context too."""

_VOICES_KEPT = 4
_LATIN_PACKAGES = {
    "ja": "cutlet 'fugashi[unidic-lite]'",
    "zh": "pypinyin",
    "zh-Hant": "pypinyin",
}
"""Packages that XTTS needs for a language. The extra installs them where they have wheels."""


class XttsSynthesizer:
    """A `SpeechSynthesizer` and the `VoiceCloner` of its voices, safe to share between threads."""

    capabilities = capabilities()
    sample_rate = SAMPLE_RATE

    def __init__(
        self,
        model: Any,
        speakers: Mapping[str, VoiceProfile],
        *,
        device: str = "cpu",
        dtype: Any = torch.float32,
        sampling: Sampling | None = None,
    ) -> None:
        """Use `load`. `model` is Coqui's `Xtts`, `speakers` are its built-in voices."""
        self._model = model.to(device)
        self._device = device
        self._speakers = speakers
        self._sampling = sampling or Sampling()
        self.gpt = XttsGpt(model.gpt, dtype)
        self.vocoder = WindowedVocoder(model.hifigan_decoder)
        self._prompt_of = lru_cache(maxsize=_VOICES_KEPT)(self._make_prompt)

    @classmethod
    def load(
        cls, folder: Path, *, device: str = "auto", compute_type: str = "auto", threads: int = 0
    ) -> XttsSynthesizer:
        """Load the checkpoint in `folder`: config.json, model.pth, vocab.json and, if it exists,
        speakers_xtts.pth with the built-in voices.

        `device` "auto" is CUDA where PyTorch finds it. There the language model computes in
        float16 unless `compute_type` is float32 or bfloat16; on a CPU it computes in float32,
        with matrices in float16 where that is faster, unless `compute_type` is float32.
        `threads` sets the number of PyTorch for the whole process; 0 leaves it.
        Raises ModelNotFoundError when a file is missing, EngineError when the model cannot be
        read or does not fit, SettingsError when there is no such device.
        """
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        elif device == "cuda" and not torch.cuda.is_available():
            raise SettingsError("PyTorch finds no CUDA device: speak with `--device cpu`")
        if threads:
            set_torch_threads(threads)
        model, speakers = load_checkpoint(folder), load_speakers(folder)
        with as_engine_error(f"The XTTS model in {folder} cannot be used on {device}"):
            dtype = dtype_for(device, compute_type)
            _log.info("%s computes on %s with matrices in %s", folder.name, device, dtype)
            if compute_type.endswith("float16") and dtype == torch.float32:
                _log.warning("%s computes in float32: float16 is slower here", folder.name)
            return cls(model, speakers, device=device, dtype=dtype)

    def voice_names(self, language: str) -> tuple[str, ...]:
        """Names of the built-in voices; each speaks every language. Empty if the model has none."""
        _supported_language(language)
        return tuple(self._speakers)

    def voice(self, name: str) -> VoiceProfile:
        """A built-in voice. Raises SettingsError with similar names."""
        if name in self._speakers:
            return self._speakers[name]
        near = difflib.get_close_matches(name, self._speakers, n=3) or [*self._speakers][:5]
        hint = f"did you mean {', '.join(near)}?" if near else "this model has none built in"
        raise SettingsError(f"There is no voice {name!r}: {hint}")

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        """Make a voice from a reference; it speaks every language, not only `language`.

        An unusable reference gives the default voice, and `provenance` gives the reason
        (`default`). Raises SettingsError if there is no default voice.
        """
        quality = judge_reference(reference, sample_rate)
        speech = without_pauses(reference, sample_rate)
        if not quality.usable or len(speech) < SHORTEST_S * sample_rate:
            if not self._speakers:
                raise SettingsError(quality.verdict)
            voice = next(iter(self._speakers.values()))
            return VoiceProfile(name, "xtts", voice.arrays, {"default": quality.verdict})
        with (
            as_engine_error("XTTS cannot make a voice from the reference"),
            torch.inference_mode(),
        ):
            conditioning, speaker = speaker_conditioning(self._model, speech, sample_rate)
        return profile(name, conditioning, speaker, {"reference": quality.verdict})

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        """Yield the speech of `text` in chunks of about a second or less.

        Yields float32 mono at 24 kHz within [-1, 1]. Text without a word to speak yields
        nothing. `speed` is between 0.5 and 2, at the same pitch. The same text in the same
        voice gives the same speech every time. Raises SettingsError for a language that is not
        in `capabilities.languages` or needs a package that is not installed, a speed out of
        range or a voice of another model; EngineError when the model fails.
        """
        spoken, planned = self._plan(text, language, speed)
        if voice is None and not self._speakers:
            raise SettingsError("This XTTS model has no voices of its own: give it a reference")
        profile = voice or next(iter(self._speakers.values()))
        self._check(profile)
        tokens = [(piece, self._encode(piece.text, spoken)) for piece in planned]
        return self._speak(tokens, spoken, profile, speed)

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        """Estimate the seconds of audio that `synthesize` will make, from the text's length."""
        spoken, planned = self._plan(text, language, speed)
        normal_s = sum(expected_s(piece.text, spoken.code) + piece.pause_s for piece in planned)
        return normal_s / speed

    def _plan(self, text: str, language: str, speed: float) -> tuple[Language, list[Piece]]:
        spoken = _supported_language(language)
        if not SLOWEST <= speed <= FASTEST:
            raise SettingsError(f"Speed reaches from {SLOWEST} to {FASTEST}, not {speed}")
        return spoken, pieces(text, spoken.code)

    def _check(self, voice: VoiceProfile) -> None:
        if voice.engine != "xtts":
            raise SettingsError(f"The voice {voice.name} belongs to {voice.engine}, not XTTS")
        conditioning = voice.arrays.get("conditioning_latents", np.empty(0))
        speaker = voice.arrays.get("speaker_embedding", np.empty(0))
        if conditioning.shape[1:] != (self.gpt.width,) or speaker.shape != (self.vocoder.width,):
            raise SettingsError(
                f"The voice {voice.name} was made for another XTTS model: make it again"
            )

    def _encode(self, text: str, spoken: Language) -> list[list[int]]:
        """The text as tokens of the model, in runs that the model can take; mostly one run."""
        with as_engine_error("XTTS cannot read the text"):
            try:
                codes: list[int] = self._model.tokenizer.encode(text, lang=to_xtts(spoken.code))
            except ImportError as exc:
                raise SettingsError(
                    f"XTTS needs another package to read {spoken}: "
                    f"run `pip install {_LATIN_PACKAGES.get(spoken.code, exc.name)}`"
                ) from exc
        if len(codes) <= self.gpt.max_text_tokens:
            return [codes]
        halves = within_limit(text, len(text) // 2 + 1)
        return [codes for half in halves for codes in self._encode(half, spoken)]

    def _speak(
        self,
        planned: Sequence[tuple[Piece, list[list[int]]]],
        spoken: Language,
        voice: VoiceProfile,
        speed: float,
    ) -> Iterator[Samples]:
        for piece, runs in planned:
            max_tokens = most_tokens(piece.text, spoken.code)
            for codes in runs:
                trimmer = TailTrimmer(SAMPLE_RATE)
                for samples in self.stream(codes, voice, speed=speed, max_tokens=max_tokens):
                    yield from _unless_empty(trimmer.push(samples))
                yield from _unless_empty(trimmer.finish())
            yield from _unless_empty(
                np.zeros(round(piece.pause_s / speed * SAMPLE_RATE), np.float32)
            )

    def stream(
        self, text: Sequence[int], voice: VoiceProfile, *, speed: float = 1.0, max_tokens: int
    ) -> Iterator[Samples]:
        """Yield the speech of text tokens from one run of the model. The only guard is for loops.

        `max_tokens` is the number of audio tokens after which a model that does not stop is
        stopped.
        """
        with as_engine_error("XTTS failed to speak"), torch.inference_mode():
            conditioning, speaker = (
                np.array(voice.arrays[name], np.float32)
                for name in ("conditioning_latents", "speaker_embedding")
            )
            prompt = self._prompt_of(conditioning.tobytes())
            embedding = torch.from_numpy(speaker)[None, :, None].to(self._device)
            vocoding = self.vocoder.stream(embedding, speed=speed)
        tokens = _until_it_loops(
            self.gpt.speak(prompt, text, self._sampling, max_tokens=max_tokens)
        )
        for count in chain(FIRST_TOKENS, repeat(THEN_TOKENS)):
            # Not around the `yield`: inference mode would apply to the caller's thread too.
            with as_engine_error("XTTS failed to speak"), torch.inference_mode():
                latents = [token.latent for token in islice(tokens, count)]
                samples = vocoding.push(latents, last=len(latents) < count).cpu().numpy()
            yield from _unless_empty(samples)
            if len(latents) < count:
                return

    def _make_prompt(self, conditioning: bytes) -> Prompt:
        """The model's keys and values for a voice; they are the same for every text."""
        latents = np.frombuffer(conditioning, np.float32).reshape(-1, self.gpt.width)
        return self.gpt.prompt(torch.from_numpy(latents.copy()).to(self._device))


def _supported_language(language: str) -> Language:
    found = find(language)
    if found.code not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise SettingsError(f"XTTS does not speak {found}; it speaks {known}")
    return found


def dtype_for(device: str, compute_type: str) -> Any:
    """The type of PyTorch in which the language model keeps its matrices."""
    if compute_type == "float32":
        return torch.float32
    if device != "cuda":
        return torch.float16 if float16_is_fast() else torch.float32
    return torch.bfloat16 if compute_type.endswith("bfloat16") else torch.float16


def _until_it_loops(tokens: Iterator[Token]) -> Iterator[Token]:
    codes: list[int] = []
    for token in tokens:
        codes.append(token.code)
        yield token
        if is_loop(codes):
            _log.debug("the speech is cut off after %d audio tokens: it repeats itself", len(codes))
            return


def _unless_empty(samples: Samples) -> Iterator[Samples]:
    if len(samples):
        yield samples

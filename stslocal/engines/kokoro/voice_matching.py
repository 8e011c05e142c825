"""Voice matching: the built-in style that sounds most like a speaker, moved to their pitch.

This is not cloning: the voice stays one of Kokoro's (or between a few of them). A bank that
ships with the package holds the speaker encoder's embedding of each style in each language;
the style nearest to the speaker is taken among those of the speaker's register that are
understood as well as the language's own voices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.resample import resample
from stslocal.engines.protocols import SpeakerEncoder, SpeechSynthesizer
from stslocal.engines.speaker.reference import judge_reference, without_pauses
from stslocal.types import RECOGNITION_RATE, Embedding, Samples, VoiceProfile

WIDEST_SHIFT = 3.0
"""Semitones that pitch following may move a style: further, it sounds like a disguise."""
_REGISTER = 6.0
"""Semitones between the pitch of a speaker and of a style that may still be chosen."""
_SPEAKER = "speaker"
"""The array of a profile that is the speaker's embedding, shape (256,)."""
_HIGHER_ERROR_RATE = 0.03
"""How much higher than that of the language's own voices a style's error rate may be."""


@dataclass(frozen=True, slots=True)
class StyleBank:
    """How each of the built-in styles sounds in one language."""

    names: tuple[str, ...]
    embeddings: NDArray[np.float32]
    """Shape (styles, 256), unit length."""
    pitches_hz: NDArray[np.float32]
    """Median F0, shape (styles,)."""
    character_error_rates: NDArray[np.float32]
    """Of the speech recognized again by whisper-base, as shares, shape (styles,)."""


class VoiceMatcher:
    """A `VoiceMatcher` for Kokoro, safe to share between threads.

    A profile it makes holds the speaker's embedding beside the style, so that the same speaker
    can be matched again in another language (`adapted`).
    """

    def __init__(self, encoder: SpeakerEncoder, synthesizer: SpeechSynthesizer) -> None:
        self._encoder = encoder
        self._synthesizer = synthesizer

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        """The voice nearest to the speaker of `reference` to speak `language` with.

        `provenance` says which style it is and how similar (`similarity`, cosine). A reference
        that tells nothing about its speaker, or a language that the bank lacks, gives the
        language's default voice, and `provenance` says why (`default`).
        """
        quality = judge_reference(reference, sample_rate)
        if language not in style_banks() or not quality.usable:
            known = quality.usable
            why = f"there is no style bank for {language}" if known else quality.verdict
            default = self._synthesizer.voice_names(language)[0]
            return self._named(name, default, {"default": why, "language": language})
        speech = without_pauses(reference, sample_rate)
        return self._nearest(
            name,
            language,
            self._encoder.embed(resample(speech, sample_rate, RECOGNITION_RATE)),
            quality.pitch_hz,
            {"reference": quality.verdict},
        )

    def adapted(self, profile: VoiceProfile, language: str) -> VoiceProfile:
        """The voice nearest to the speaker of `profile` to speak another language with.

        The profile itself where it was made for that language or tells nothing of a speaker.
        """
        embedding = profile.arrays.get(_SPEAKER)
        about = profile.provenance
        if embedding is None or about.get("language") == language or language not in style_banks():
            return profile
        pitch_hz = float(about.get("speaker_pitch_hz", 0.0))
        return self._nearest(profile.name, language, embedding, pitch_hz, about)

    def _nearest(
        self,
        name: str,
        language: str,
        embedding: Embedding,
        pitch_hz: float,
        about: Mapping[str, str],
    ) -> VoiceProfile:
        bank = style_banks()[language]
        similarity = bank.embeddings @ embedding
        distance = _semitones(pitch_hz, bank.pitches_hz)
        native = self._synthesizer.voice_names(language)
        allowed = _understood(bank, native) & (np.abs(distance) <= _REGISTER)
        if not allowed.any():
            allowed = np.abs(distance) == np.abs(distance).min()
        best = int(np.argmax(np.where(allowed, similarity, -1.0)))
        voice = self._named(
            name,
            bank.names[best],
            {
                **about,
                "language": language,
                "similarity": f"{similarity[best]:.3f}",
                "speaker_pitch_hz": f"{pitch_hz:.0f}",
            },
        )
        return replace(
            voice,
            arrays={**voice.arrays, _SPEAKER: embedding},
            pitch_semitones=float(np.clip(distance[best], -WIDEST_SHIFT, WIDEST_SHIFT)),
        )

    def _named(self, name: str, style: str, about: Mapping[str, str]) -> VoiceProfile:
        voice = self._synthesizer.voice(style)
        return replace(voice, name=name, provenance={**about, **voice.provenance})


@cache
def style_banks() -> Mapping[str, StyleBank]:
    """The banks that ship with the package, by language."""
    with files("stslocal.engines.kokoro").joinpath("style_bank.npz").open("rb") as file:
        stored: dict[str, NDArray[Any]] = dict(np.load(file))
    names = tuple(str(name) for name in stored["styles"])
    languages = [key.split("/")[0] for key in stored if key.endswith("/embedding")]
    banks = {}
    for language in languages:
        embeddings = stored[f"{language}/embedding"].astype(np.float32)
        embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
        banks[language] = StyleBank(
            names=names,
            embeddings=embeddings,
            pitches_hz=stored[f"{language}/pitch_hz"],
            character_error_rates=stored[f"{language}/character_error_rate"],
        )
    return banks


def _understood(bank: StyleBank, native: tuple[str, ...]) -> NDArray[np.bool_]:
    """Styles that are understood about as well as the language's own."""
    rates = bank.character_error_rates
    own = [float(rates[bank.names.index(name)]) for name in native]
    return np.asarray(rates <= np.median(own) + _HIGHER_ERROR_RATE, np.bool_)


def _semitones(speaker_hz: float, styles_hz: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far each style's pitch must go up to be the speaker's; 0 where either is not known."""
    known = (styles_hz > 0.0) & (speaker_hz > 0.0)
    ratio = np.where(known, max(speaker_hz, 1.0) / np.where(known, styles_hz, 1.0), 1.0)
    return np.asarray(12 * np.log2(ratio), np.float64)

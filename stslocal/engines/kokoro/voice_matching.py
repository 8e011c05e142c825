"""Voice matching: finds the built-in style most similar to a speaker and shifts it to their pitch.

This is not cloning: the voice stays one of Kokoro's (or between a few of them). A bank in the
package holds the speaker encoder's embedding of each style in each language. The nearest style
is chosen among those whose pitch is near the speaker's and whose speech is recognized about as
well as that of the language's own voices.
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
"""The largest pitch shift of a style, in semitones: a larger one sounds unnatural."""
_WIDEST_DISTANCE = 6.0
"""The largest distance in pitch, in semitones, between a speaker and a style for them."""
_SPEAKER = "speaker"
"""Name of the profile's array with the speaker's embedding, shape (256,)."""
_EXTRA_ERROR_RATE = 0.03
"""A style's error rate may be this much above the median of the language's own voices."""


@dataclass(frozen=True, slots=True)
class StyleBank:
    """Measurements of each built-in style in one language."""

    names: tuple[str, ...]
    embeddings: NDArray[np.float32]
    """Shape (styles, 256), unit length."""
    pitches_hz: NDArray[np.float32]
    """Median F0, shape (styles,)."""
    character_error_rates: NDArray[np.float32]
    """Of the style's speech recognized by whisper-base, as shares, shape (styles,)."""


class StyleMatcher:
    """A `VoiceMatcher` for Kokoro, safe to share between threads.

    Its profiles hold the speaker's embedding beside the style, so that `adapted` can match the
    same speaker in another language.
    """

    def __init__(self, encoder: SpeakerEncoder, synthesizer: SpeechSynthesizer) -> None:
        self._encoder = encoder
        self._synthesizer = synthesizer

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        """The voice for `language` that is nearest to the speaker of `reference`.

        `provenance` names the style and the cosine similarity (`similarity`). For an unusable
        reference or a language that is not in the bank, this is the language's default voice,
        and `provenance` gives the reason (`default`).
        """
        quality = judge_reference(reference, sample_rate)
        if language not in style_banks() or not quality.usable:
            known = quality.usable
            why = f"there is no style bank for {language}" if known else quality.verdict
            default = self._synthesizer.voice_names(language)[0]
            return self._profile(name, default, {"default": why, "language": language})
        speech = without_pauses(reference, sample_rate)
        return self._nearest(
            name,
            language,
            self._encoder.embed(resample(speech, sample_rate, RECOGNITION_RATE)),
            quality.pitch_hz,
            {"reference": quality.verdict},
        )

    def adapted(self, profile: VoiceProfile, language: str) -> VoiceProfile:
        """The voice for another language that is nearest to the speaker of `profile`.

        The profile itself if it was made for that language or holds no speaker's embedding.
        """
        embedding = profile.arrays.get(_SPEAKER)
        provenance = profile.provenance
        if (
            embedding is None
            or provenance.get("language") == language
            or language not in style_banks()
        ):
            return profile
        pitch_hz = float(provenance.get("speaker_pitch_hz", 0.0))
        return self._nearest(profile.name, language, embedding, pitch_hz, provenance)

    def _nearest(
        self,
        name: str,
        language: str,
        embedding: Embedding,
        pitch_hz: float,
        provenance: Mapping[str, str],
    ) -> VoiceProfile:
        bank = style_banks()[language]
        similarity = bank.embeddings @ embedding
        distance = _semitones(pitch_hz, bank.pitches_hz)
        native = self._synthesizer.voice_names(language)
        allowed = _intelligible(bank, native) & (np.abs(distance) <= _WIDEST_DISTANCE)
        if not allowed.any():
            allowed = np.abs(distance) == np.abs(distance).min()
        best = int(np.argmax(np.where(allowed, similarity, -1.0)))
        voice = self._profile(
            name,
            bank.names[best],
            {
                **provenance,
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

    def _profile(self, name: str, style: str, provenance: Mapping[str, str]) -> VoiceProfile:
        voice = self._synthesizer.voice(style)
        return replace(voice, name=name, provenance={**provenance, **voice.provenance})


@cache
def style_banks() -> Mapping[str, StyleBank]:
    """The banks of the package, by language."""
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


def _intelligible(bank: StyleBank, native: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which styles are recognized about as well as the language's own; shape (styles,)."""
    rates = bank.character_error_rates
    own = [float(rates[bank.names.index(name)]) for name in native]
    return np.asarray(rates <= np.median(own) + _EXTRA_ERROR_RATE, np.bool_)


def _semitones(speaker_hz: float, styles_hz: NDArray[np.float32]) -> NDArray[np.float64]:
    """Semitones from each style's pitch up to the speaker's; 0 where one of them is unknown."""
    known = (styles_hz > 0.0) & (speaker_hz > 0.0)
    ratio = np.where(known, max(speaker_hz, 1.0) / np.where(known, styles_hz, 1.0), 1.0)
    return np.asarray(12 * np.log2(ratio), np.float64)

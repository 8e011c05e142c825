"""Voice matching: finds the built-in style most similar to a speaker and shifts it to their pitch.

This is not cloning: the voice stays one of Kokoro's. A bank in the package holds the speaker
encoder's embedding of each style in each language. The register comes first (a man's, a woman's or
a child's), then likeness: the nearest style of the speaker's register is chosen, among those whose
pitch is near the speaker's and whose speech is recognized about as well as that of the language's
own voices. For a language without a bank, the nearest of its own voices is chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.resample import resample
from stslocal.engines.kokoro.languages import LANGUAGES
from stslocal.engines.kokoro.registers import (
    OWNERS,
    man_direction,
    speaker_register,
    style_registers,
)
from stslocal.engines.kokoro.style_bank import StyleBank, style_banks
from stslocal.engines.protocols import SpeakerEncoder, SpeechSynthesizer
from stslocal.engines.speaker.reference import judge_reference, without_pauses
from stslocal.languages import name_of
from stslocal.types import RECOGNITION_RATE, Embedding, Samples, VoiceProfile

WIDEST_SHIFT = 3.0
"""The largest pitch shift of a style, in semitones: a larger one sounds unnatural."""
_WIDEST_DISTANCE = 6.0
"""The largest distance in pitch, in semitones, between a speaker and a style for them."""
_SPEAKER = "speaker"
"""Name of the profile's array with the speaker's embedding, shape (256,)."""
_EXTRA_ERROR_RATE = 0.03
"""A style's error rate may be this much above the median of the language's own voices."""
_OTHER_BANK = "en"
"""Its embeddings and pitches stand for those of a language without a bank."""
MUCH_BETTER = 0.05
"""Cosine similarity that another style must gain to take the place of the one that speaks.

Measured on 53 recordings of 43 speakers, with voices made after 3, 8 and 20 s. Without a margin
the voice changed 35 times in 77 for Portuguese, and 32 times for English; with it 7 and 3 times.
The similarity of the last voice was lower by 0.008 in the mean.
"""
SAME_SPEAKER = 0.84
"""Least cosine similarity of the first 3 s of a speaker's speech with all of it.

In 75 of one speaker it was 0.93 in the median, and below this in 4 %; with 5 s of another speaker
behind the 3 s it was 0.79, and above this in 7 %.
"""


class StyleMatcher:
    """A `VoiceMatcher` for Kokoro, safe to share between threads.

    Its profiles hold the speaker's embedding beside the style, so that `adapted` can match the
    same speaker in another language.
    """

    def __init__(self, encoder: SpeakerEncoder, synthesizer: SpeechSynthesizer) -> None:
        self._encoder = encoder
        self._synthesizer = synthesizer
        man_direction()  # takes a tenth of a second, once

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        """The voice for `language` that is nearest to the speaker of `reference`.

        `provenance` says what it is (`match`, `styles`), the speaker's `register` and the cosine
        similarity (`similarity`). For an unusable reference, or a register of which the language
        has no voice, this is the language's default voice, and `provenance` gives the reason
        (`default`).
        """
        quality = judge_reference(reference, sample_rate)
        if not quality.usable:
            return self._default(name, language, quality.verdict)
        speech = without_pauses(reference, sample_rate)
        embedding = self._encoder.embed(resample(speech, sample_rate, RECOGNITION_RATE))
        about = {"reference": quality.verdict}
        nearest = self._nearest(name, language, embedding, quality.pitch_hz, about)
        if nearest is not None:
            return nearest
        register = speaker_register(embedding, quality.pitch_hz)
        return self._default(name, language, f"{name_of(language)} has no {register}'s voice")

    def adapted(self, profile: VoiceProfile, language: str) -> VoiceProfile:
        """The voice for another language that is nearest to the speaker of `profile`.

        The profile itself if it was made for that language or holds no speaker's embedding, and
        where the language has no voice of the speaker's register.
        """
        embedding = profile.arrays.get(_SPEAKER)
        provenance = profile.provenance
        if embedding is None or provenance.get("language") == language:
            return profile
        pitch_hz = float(provenance.get("speaker_pitch_hz", 0.0))
        return self._nearest(profile.name, language, embedding, pitch_hz, provenance) or profile

    def steady(self, before: VoiceProfile, after: VoiceProfile) -> VoiceProfile:
        """The voice that speaks on: `before`, unless `after` is much nearer to the same speaker.

        Both are made for one language; `after` from all the speech that `before` was made from and
        more. A voice of another register takes no voice's place: when the register seems to change,
        it is another speaker more often than it was wrong at first. Nor does a voice of which
        another speaker's speech is a part.
        """
        known, new = before.arrays.get(_SPEAKER), after.arrays.get(_SPEAKER)
        if known is None or new is None:
            return before if new is None else after
        bank = style_banks().get(after.provenance["language"], style_banks()[_OTHER_BANK])
        speaking, other = (bank.names.index(each.provenance["styles"]) for each in (before, after))
        gained = float((bank.embeddings[other] - bank.embeddings[speaking]) @ new)
        same_register = before.provenance["register"] == after.provenance["register"]
        is_taken = same_register and known @ new >= SAME_SPEAKER and gained > MUCH_BETTER
        return after if is_taken else before

    def apart(self, profile: VoiceProfile, others: Sequence[VoiceProfile]) -> VoiceProfile:
        """The nearest style that none of `others` has; `profile` if the register has no other."""
        about = profile.provenance
        taken = {one.provenance.get("styles", "") for one in others}
        if about.get("styles") not in taken:
            return profile
        embedding = profile.arrays.get(_SPEAKER)
        if embedding is None:
            native = self._synthesizer.voice_names(about["language"])
            free = [style for style in native if style not in taken]
            return self._profile(profile.name, free[0], about) if free else profile
        pitch_hz = float(about.get("speaker_pitch_hz", 0.0))
        other = self._nearest(
            profile.name, about["language"], embedding, pitch_hz, about, but=taken
        )
        return other or profile

    def _nearest(
        self,
        name: str,
        language: str,
        embedding: Embedding,
        pitch_hz: float,
        provenance: Mapping[str, str],
        *,
        but: Collection[str] = (),
    ) -> VoiceProfile | None:
        """The nearest style of the speaker's register, without those named in `but`.

        None where the language has none.
        """
        native = self._synthesizer.voice_names(language)
        bank = style_banks().get(language)
        if bank is None:
            bank = style_banks()[_OTHER_BANK]
            speaks = np.isin(bank.names, native)
        else:
            speaks = _intelligible(bank, native)
        if {each[0] for each in native} != set(LANGUAGES[language].voice_initials):
            speaks = speaks & np.isin(bank.names, native)  # a region's voices only
        register = speaker_register(embedding, pitch_hz)
        allowed = speaks & np.array([each == register for each in style_registers(bank)])
        if register == "child" and not allowed.any():
            allowed = speaks & np.array([each == "woman" for each in style_registers(bank)])
        allowed = allowed & ~np.isin(bank.names, list(but))
        if not allowed.any():
            return None
        distance = _semitones(pitch_hz, bank.pitches_hz)
        near = allowed & (np.abs(distance) <= _WIDEST_DISTANCE)
        similarity = bank.embeddings @ embedding
        best = int(np.argmax(np.where(near if near.any() else allowed, similarity, -1.0)))
        owner = OWNERS[style_registers(bank)[best]]
        voice = self._profile(
            name,
            bank.names[best],
            {
                **provenance,
                "language": language,
                "match": f"the nearest of {len(bank.names)} built-in ones, {owner}",
                "register": register,
                "similarity": f"{similarity[best]:.3f}",
                "speaker_pitch_hz": f"{pitch_hz:.0f}",
            },
        )
        return replace(
            voice,
            arrays={**voice.arrays, _SPEAKER: embedding},
            pitch_semitones=float(np.clip(distance[best], -WIDEST_SHIFT, WIDEST_SHIFT)),
        )

    def _default(self, name: str, language: str, why: str) -> VoiceProfile:
        style = self._synthesizer.voice_names(language)[0]
        return self._profile(name, style, {"default": why, "language": language})

    def _profile(self, name: str, style: str, provenance: Mapping[str, str]) -> VoiceProfile:
        voice = self._synthesizer.voice(style)
        return replace(voice, name=name, provenance={**provenance, **voice.provenance})


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

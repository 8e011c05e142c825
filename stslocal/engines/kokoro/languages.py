"""The languages of Kokoro: those whose phonemes from espeak-ng match the model's training.

Japanese and Chinese are left out although Kokoro has voices for both: espeak-ng reads kanji as
"Chinese letter" and writes no tones.

Source: the model card of Kokoro-82M, https://huggingface.co/hexgrad/Kokoro-82M.
"""

from __future__ import annotations

from dataclasses import dataclass

BRITISH_ESPEAK_VOICE = "en-gb"
"""The espeak-ng voice that turns English text into phonemes for Kokoro's British voices."""


@dataclass(frozen=True, slots=True)
class KokoroLanguage:
    """The voices of a language: espeak-ng's for the phonemes, Kokoro's for the speech."""

    espeak_voice: str
    """The espeak-ng voice that turns its text into phonemes."""
    voice_initials: str
    """First letters of the names of Kokoro's voices for it."""
    default_voice: str


LANGUAGES = {
    "en": KokoroLanguage("en-us", "ab", "af_heart"),
    "es": KokoroLanguage("es", "e", "ef_dora"),
    "fr": KokoroLanguage("fr-fr", "f", "ff_siwis"),
    "hi": KokoroLanguage("hi", "h", "hf_alpha"),
    "it": KokoroLanguage("it", "i", "if_sara"),
    "pt": KokoroLanguage("pt-br", "p", "pf_dora"),
}
"""The languages by code of `stslocal.languages`."""

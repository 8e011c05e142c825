"""The languages of Kokoro: those whose phonemes espeak-ng gives as the model knows them.

Japanese and Chinese are not among them although there are voices for both: espeak-ng reads kanji
as "Chinese letter" and writes no tones.

Source: the model card of Kokoro-82M, https://huggingface.co/hexgrad/Kokoro-82M.
"""

from __future__ import annotations

from dataclasses import dataclass

BRITISH_READER = "en-gb"
"""The espeak-ng voice that reads English for Kokoro's British voices."""


@dataclass(frozen=True, slots=True)
class KokoroLanguage:
    """Who reads a language for Kokoro, and who speaks it."""

    reader: str
    """The espeak-ng voice that turns its text into phonemes."""
    voice_initials: str
    """First letters of the names of its voices."""
    default_voice: str


LANGUAGES = {
    "en": KokoroLanguage("en-us", "ab", "af_heart"),
    "es": KokoroLanguage("es", "e", "ef_dora"),
    "fr": KokoroLanguage("fr-fr", "f", "ff_siwis"),
    "hi": KokoroLanguage("hi", "h", "hf_alpha"),
    "it": KokoroLanguage("it", "i", "if_sara"),
    "pt": KokoroLanguage("pt-br", "p", "pf_dora"),
}
"""By codes of `stslocal.languages`."""

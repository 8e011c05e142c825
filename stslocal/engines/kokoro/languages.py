"""The languages of Kokoro: those whose phonemes from espeak-ng match the model's training.

Japanese and Chinese are left out although Kokoro has voices for both: espeak-ng reads kanji as
"Chinese letter" and writes no tones.

Source: the model card of Kokoro-82M, https://huggingface.co/hexgrad/Kokoro-82M.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stslocal.languages import regional_forms

BRITISH_ESPEAK_VOICE = "en-gb"
"""The espeak-ng voice that turns English text into phonemes for Kokoro's British voices."""


@dataclass(frozen=True, slots=True)
class RegionalForm:
    """What differs where a language is spoken; empty for what does not."""

    espeak_voice: str = ""
    voice_initials: str = ""
    default_voice: str = ""


@dataclass(frozen=True, slots=True)
class KokoroLanguage:
    """The voices of a language: espeak-ng's for the phonemes, Kokoro's for the speech."""

    espeak_voice: str
    """The espeak-ng voice that turns its text into phonemes."""
    voice_initials: str
    """First letters of the names of Kokoro's voices for it."""
    default_voice: str
    forms: Mapping[str, RegionalForm]
    """Its regional forms, by region."""

    def in_region(self, code: str, region: str) -> KokoroLanguage:
        """The language as it is spoken in a region; as it is here where Kokoro has no such form."""
        for form in regional_forms(code, region):
            if found := self.forms.get(form.partition("-")[2]):
                return replace(
                    self,
                    espeak_voice=found.espeak_voice or self.espeak_voice,
                    voice_initials=found.voice_initials or self.voice_initials,
                    default_voice=found.default_voice or self.default_voice,
                )
        return self


LANGUAGES = {
    "en": KokoroLanguage(
        "en-us",
        "ab",
        "af_heart",
        {
            "US": RegionalForm(voice_initials="a"),
            "GB": RegionalForm(BRITISH_ESPEAK_VOICE, "b", "bf_emma"),
        },
    ),
    "es": KokoroLanguage(
        "es", "e", "ef_dora", {"ES": RegionalForm(), "419": RegionalForm("es-419")}
    ),
    "fr": KokoroLanguage("fr-fr", "f", "ff_siwis", {"FR": RegionalForm()}),
    "hi": KokoroLanguage("hi", "h", "hf_alpha", {"IN": RegionalForm()}),
    "it": KokoroLanguage("it", "i", "if_sara", {"IT": RegionalForm()}),
    "pt": KokoroLanguage("pt-br", "p", "pf_dora", {"BR": RegionalForm()}),
}
"""The languages by code of `stslocal.languages`."""

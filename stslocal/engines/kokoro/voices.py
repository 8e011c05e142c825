"""Kokoro's built-in voices, as their names and the style bank describe them.

The first letter of a name is the language, the second one female or male: `pm_alex`.
Source: https://huggingface.co/hexgrad/Kokoro-82M/blob/main/VOICES.md.
"""

from __future__ import annotations

from pathlib import Path

from stslocal.engines.entry import BuiltInVoice
from stslocal.engines.kokoro.languages import LANGUAGES
from stslocal.engines.kokoro.style_bank import style_banks

_OTHER_LANGUAGES = {"j": "ja", "z": "zh"}
"""Initials of voices for languages that Kokoro does not speak here; they speak the others."""
_ACCENTS = {"a": "American", "b": "British", "p": "Brazilian"}
_SEXES = {"f": "female", "m": "male"}


def built_in_voices(model_folder: Path, voices_folder: Path) -> tuple[BuiltInVoice, ...]:
    """The voices in `voices_folder`, in the order of their languages and names."""
    voices = [_described(path.stem) for path in sorted(voices_folder.glob("*.bin"))]
    return tuple(sorted(voices, key=lambda voice: (voice.language, not voice.is_default)))


def _described(name: str) -> BuiltInVoice:
    initial, sex = name[:1], name[1:2]
    language = _OTHER_LANGUAGES.get(initial, "")
    for code, spoken in LANGUAGES.items():
        if initial in spoken.voice_initials:
            language = code
    parts = (_SEXES.get(sex, ""), _ACCENTS.get(initial, ""))
    return BuiltInVoice(
        name,
        language,
        ", ".join(filter(None, parts)),
        pitch_hz=_pitch_hz(name, language),
        is_default=language in LANGUAGES and name == LANGUAGES[language].default_voice,
    )


def _pitch_hz(name: str, language: str) -> float:
    """The pitch in its own language, else in another one; 0 for a voice that is not in a bank."""
    banks = style_banks()
    bank = banks.get(language) or next(iter(banks.values()))
    return float(bank.pitches_hz[bank.names.index(name)]) if name in bank.names else 0.0

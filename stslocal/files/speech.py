"""Speaks a text that a program has."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from stslocal.audio.decode import read_audio
from stslocal.errors import SettingsError
from stslocal.languages import name_of
from stslocal.loading.engines import Engines
from stslocal.loading.not_loaded import SILENT
from stslocal.settings import AUTO_VOICE, LIKE_THE_SPEAKER
from stslocal.translation.glossary import Glossary
from stslocal.types import Samples, VoiceProfile
from stslocal.voices.choose import REFERENCE_RATE


@dataclass(frozen=True, slots=True)
class Speech:
    """A text as speech."""

    samples: Samples = field(repr=False)
    """Mono, float32, shape (n,), in [-1, 1]."""
    sample_rate: int
    """Hertz."""
    voice: str
    """The name of the voice; empty for the language's default voice."""

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate


def speak(
    engines: Engines,
    text: str,
    *,
    language: str,
    voice: str,
    reference: Path | BinaryIO | None = None,
    glossary: Glossary | None = None,
) -> Speech:
    """Speak a text of any length in a voice, or in one like the speaker's of `reference`.

    Without a reference, one of `LIKE_THE_SPEAKER` stands for the language's default voice. Raises
    SettingsError for a text of which nothing can be spoken, a language that is not spoken and an
    unknown voice, AudioDecodeError for the reference, and EngineError.
    """
    if not has_words(text):
        raise SettingsError(f"the text {text[:40]!r} has no words to speak: give another text")
    if not engines.selection.is_spoken:
        raise SettingsError(SILENT)
    spoken = engines.synthesizer.capabilities.languages
    if language not in spoken:
        names = ", ".join(sorted(name_of(code) for code in spoken))
        raise SettingsError(
            f"{engines.selection.synthesizer} does not speak {name_of(language)}: it speaks {names}"
        )
    profile: VoiceProfile | None = None
    if reference is not None:
        if voice not in LIKE_THE_SPEAKER:
            raise SettingsError(f"a reference needs the voice `{AUTO_VOICE}`, not '{voice}'")
        sound = read_audio(reference, sample_rate=REFERENCE_RATE)
        profile = engines.choose_voice(voice, sound, REFERENCE_RATE, language=language)
    elif voice not in LIKE_THE_SPEAKER:
        profile = engines.voices.voice(voice, language=language)
    synthesizer = engines.synthesizer_with(glossary)
    chunks = list(synthesizer.synthesize(text, language=language, voice=profile))
    samples = np.concatenate(chunks) if chunks else np.zeros(0, np.float32)
    if not len(samples):
        raise unspeakable(language)
    return Speech(samples, synthesizer.sample_rate, profile.name if profile else "")


def unspeakable(language: str) -> SettingsError:
    """The error for a text of which a voice of the language can say nothing."""
    return SettingsError(
        f"no word of the text can be spoken in {name_of(language)}: name the language of the text"
    )


def has_words(text: str) -> bool:
    """Whether there is anything in a text that can be spoken."""
    return any(letter.isalnum() for letter in text)

"""The request of a person: the languages, the voice and the glossary.

File and live translation share it. Each adds options of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from stslocal.settings import AUTO_VOICE, Settings
from stslocal.translation.glossary import Glossary


@dataclass(frozen=True, slots=True)
class TranslationRequest:
    """From which language to which one, in whose voice, with which glossary."""

    target_language: str
    source_language: str | None = None
    """None when it is to be detected in each utterance."""
    target_region: str = ""
    """Where the target language is spoken, such as `BR`; empty when that does not matter."""
    voice: str = AUTO_VOICE
    """One of `LIKE_THE_SPEAKER` for a voice like the speaker's; otherwise the name of a voice."""
    reference: Path | BinaryIO | None = None
    """A recording of the speaker that the voice is to follow instead."""
    glossary: Glossary | None = None
    """Fixed translations of terms."""

    @classmethod
    def from_settings(
        cls, settings: Settings, reference: Path | BinaryIO | None = None
    ) -> TranslationRequest:
        """Take the request from the settings.

        Raises SettingsError for a glossary that cannot be used.
        """
        return cls(
            target_language=settings.target,
            target_region=settings.target_region,
            source_language=None if settings.source == "auto" else settings.source,
            voice=settings.voice,
            reference=reference,
            glossary=Glossary.from_settings(settings),
        )

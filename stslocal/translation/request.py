"""What a person wants translated: the languages, whose voice speaks, and the glossary.

Files and live have this in common. Each adds options of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stslocal.settings import MATCH_VOICE, Settings
from stslocal.translation.glossary import Glossary


@dataclass(frozen=True, slots=True)
class TranslationRequest:
    """From which language to which one, and how."""

    target_language: str
    source_language: str | None = None
    """None: detected, in a recording from its opening, live again with each utterance."""
    voice: str = MATCH_VOICE
    """`match` follows the speaker; otherwise the name of a voice."""
    reference: Path | None = None
    """A recording whose speaker is followed instead."""
    glossary: Glossary | None = None
    """Terms that are translated as it says."""

    @classmethod
    def from_settings(cls, settings: Settings, reference: Path | None = None) -> TranslationRequest:
        """Take what concerns the translation from the settings.

        Raises SettingsError for a glossary that cannot be used.
        """
        return cls(
            target_language=settings.target,
            source_language=None if settings.source == "auto" else settings.source,
            voice=settings.voice,
            reference=reference,
            glossary=Glossary.from_settings(settings),
        )

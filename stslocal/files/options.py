"""The options of file translation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stslocal.files.placement import MAX_FILE_SPEED
from stslocal.loading.fingerprint import fingerprint
from stslocal.loading.selection import EngineSelection
from stslocal.settings import Settings
from stslocal.translation.request import TranslationRequest


@dataclass(frozen=True, slots=True)
class FileOptions:
    """The translation that a person wants, and the form of its results."""

    request: TranslationRequest
    output_format: str = "wav"
    subtitles: tuple[str, ...] = ("srt", "vtt")
    max_speed: float = MAX_FILE_SPEED

    @classmethod
    def from_settings(cls, settings: Settings, reference: Path | None = None) -> FileOptions:
        """Take the options for a recording from the settings."""
        return cls(
            request=TranslationRequest.from_settings(settings, reference),
            output_format=settings.output_format,
            subtitles=settings.subtitles,
            max_speed=settings.speed_cap,
        )

    def in_format(self, output_format: str) -> FileOptions:
        """The same options for a result of this format, which its file name may choose."""
        return replace(self, output_format=output_format)

    def fingerprint(self, engines: EngineSelection) -> dict[str, Any]:
        """The request, engines and options; a rerun keeps a result that has the same ones."""
        return {
            **fingerprint(self.request, engines),
            "subtitles": sorted(self.subtitles),
            "format": self.output_format,
            "max_speed": self.max_speed,
        }

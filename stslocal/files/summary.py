"""What a command reports of a recording that was translated, also by another process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stslocal.files.write import TranslatedSpeech
from stslocal.metrics import real_time_factor


@dataclass(frozen=True, slots=True)
class FileSummary:
    """The figures of a translation, without its texts."""

    duration_s: float
    elapsed_s: float
    source_language: str
    target_language: str
    segments: int
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, speech: TranslatedSpeech) -> FileSummary:
        """Those of a finished translation."""
        session = speech.session
        return cls(
            duration_s=session.source.duration_s,
            elapsed_s=speech.elapsed_s,
            source_language=session.source_language,
            target_language=session.target_language,
            segments=len(session.segments),
            warnings=tuple(session.warnings),
        )

    @property
    def real_time_factor(self) -> float:
        """Seconds of work a second of recording."""
        return real_time_factor(self.elapsed_s, self.duration_s)

    def as_row(self) -> dict[str, Any]:
        """The fields of `--json`."""
        return {
            "earlier": False,
            "duration_s": round(self.duration_s, 3),
            "elapsed_s": round(self.elapsed_s, 3),
            "real_time_factor": round(self.real_time_factor, 3),
            "from": self.source_language,
            "to": self.target_language,
            "segments": self.segments,
            "warnings": list(self.warnings),
        }

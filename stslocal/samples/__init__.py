"""Two short recordings in the public domain, with their transcripts (see README.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BundledClip:
    """A recording that ships with the package."""

    path: Path
    language: str
    """Code of the language of its speech."""
    transcript: str
    translations: dict[str, str]
    """Reference translations of the transcript, written by people, by language code."""


def bundled_clips() -> tuple[BundledClip, ...]:
    """Read the list of bundled recordings."""
    folder = Path(__file__).parent
    rows = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    return tuple(
        BundledClip(folder / row["file"], row["language"], row["transcript"], row["translations"])
        for row in rows
    )

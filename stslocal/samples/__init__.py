"""Two short recordings in the public domain, with what is said in them (see README.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording that ships with the package."""

    path: Path
    language: str
    """Code of the language spoken in it."""
    transcript: str
    translations: dict[str, str]
    """Reference translations of the transcript, written by people, by language code."""


def load_samples() -> tuple[Sample, ...]:
    """Read the list of samples."""
    folder = Path(__file__).parent
    rows = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    return tuple(
        Sample(folder / row["file"], row["language"], row["transcript"], row["translations"])
        for row in rows
    )

"""The names of the files of a recorded live session."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RecordingFiles:
    """The paths of the files of a recording."""

    folder: Path
    name: str
    target: str
    """Code of the target language."""

    @property
    def source_audio(self) -> Path:
        return self.folder / f"{self.name}.source.wav"

    @property
    def audio(self) -> Path:
        return self.folder / f"{self.name}.{self.target}.wav"

    @property
    def session(self) -> Path:
        return self.folder / f"{self.name}.{self.target}.session.json"

    @property
    def events(self) -> Path:
        return self.folder / f"{self.name}.{self.target}.events.jsonl"

    def source_subtitles(self, kind: str) -> Path:
        return self.folder / f"{self.name}.source.{kind}"

    def subtitles(self, kind: str) -> Path:
        return self.folder / f"{self.name}.{self.target}.{kind}"

"""What a person wants about the speakers of a recording (`--speakers`, `--channels`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stslocal.errors import SettingsError
from stslocal.files.speakers.turn_files import MOST_SPEAKERS, read_turns
from stslocal.storage import sha256_of
from stslocal.types import Turn

AUTO = "auto"
"""Stands for finding the speakers and their number."""


@dataclass(frozen=True, slots=True)
class SpeakerChoice:
    """How the speakers of a recording are known. Without turns and channels they are found."""

    count: int | None = None
    """How many persons speak; None where that is to be found."""
    turns: tuple[Turn, ...] = ()
    """Who speaks when, where a file says it."""
    digest: str = ""
    """The sha256 of that file."""
    by_channel: bool = False
    """Whether each channel of the recording has a speaker of its own."""
    finder: str = ""
    """The engine that finds the speakers; empty where the speaker encoder does."""

    @classmethod
    def parse(cls, text: str) -> SpeakerChoice:
        """Read `auto`, a number, or the name of a file with turns. Raises SettingsError."""
        if text == AUTO:
            return cls()
        if text.isdecimal():
            if len(text) > 4 or not 1 <= int(text) <= MOST_SPEAKERS:
                raise SettingsError(f"--speakers is from 1 to {MOST_SPEAKERS}, not {text:.20}")
            return cls(count=int(text))
        path = Path(text)
        turns = read_turns(path)
        return cls(turns=turns, digest=sha256_of(path))

    @property
    def is_found(self) -> bool:
        """Whether the speakers are to be found in the sound."""
        return not self.turns and not self.by_channel

    @property
    def setting(self) -> str:
        """The choice as a text, which a rerun compares."""
        if self.by_channel:
            return "channels"
        if self.digest:
            return self.digest
        return " by ".join(filter(None, [str(self.count or AUTO), self.finder]))

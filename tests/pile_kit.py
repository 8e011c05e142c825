"""A pile of recordings in a folder, and the programs of a test that translate it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import soundfile

from stslocal.types import RECOGNITION_RATE
from tests.live_program import CHECKOUT, wait_until
from tests.pile_program import lexicon


@dataclass
class Pile:
    """A folder of recordings, and the processes that translate it."""

    program: ClassVar[str]
    """The module that is run."""
    flags: ClassVar[tuple[str, ...]]

    folder: Path
    records: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def add(self, count: int) -> None:
        for number in range(count):
            self.record(f"talk-{number:02}.wav")

    def record(self, name: str) -> None:
        said = lexicon().script((0.1, "Good morning."))
        soundfile.write(self.folder / name, said, RECOGNITION_RATE)

    def start(self, *flags: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", self.program, str(self.folder), *self.flags, *flags],
            cwd=CHECKOUT,
            env={**os.environ, "PILE_RECORDS": str(self.records), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def noted(self, what: str) -> list[tuple[str, int]]:
        """The recordings that were `claimed`, `begun` or `done`, or workers that have `loaded`, and
        by which process.
        """
        path = self.records / what
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [(name, int(pid)) for name, pid in map(str.split, lines)]

    def open_gate(self) -> None:
        """Let all processes translate."""
        (self.records / "gate").touch()

    def check_running(self) -> None:
        """Fail where a process has ended that should run."""
        raise NotImplementedError

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        def met() -> object:
            self.check_running()
            return condition()

        wait_until(met, what)

    def results(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.session.json"))

    def left(self) -> list[str]:
        """What no result and no recording is: claims, locks, unfinished files."""
        return sorted(path.name for path in self.folder.glob(".*"))

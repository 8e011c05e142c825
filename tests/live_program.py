"""A running `stslocal`. A test sees of it what a person sees: its output and its files."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stslocal.metrics import Event, from_json
from tests.event_lines import check_of_known_lines

CHECKOUT = Path(__file__).parent.parent


def wait_until(condition: Callable[[], object], what: str, *, seconds: float = 300.0) -> None:
    """Wait for a condition, at most `seconds`. `what` describes it for the failure's message."""
    deadline = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < deadline, f"not after {seconds:g} s: {what}"
        time.sleep(0.1)


@dataclass(frozen=True)
class Program:
    """A running command with --json, whose output goes to files."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def reported(self) -> str:
        """All of stderr so far."""
        return self.err.read_text(encoding="utf-8")

    def events(self) -> list[Event]:
        """The events whose line is complete. Each fulfils the schema."""
        lines = self.out.read_text(encoding="utf-8").splitlines(keepends=True)
        complete = [line for line in lines if line.endswith("\n")]
        for line in complete:
            check_of_known_lines()(json.loads(line))
        return [from_json(line) for line in complete]

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.reported()
        return "Ctrl-C ends" in self.reported()

    def interrupt(self) -> None:
        """Press Ctrl-C once, and wait until all captured speech is translated and played."""
        self.process.send_signal(signal.SIGINT)
        self.wait()

    def wait(self) -> None:
        """Wait until the program ends, with exit status 0."""
        assert self.process.wait(300) == 0, self.reported()


@contextlib.contextmanager
def running_stslocal(
    folder: Path, models: Path, *arguments: str, code: Path = CHECKOUT
) -> Iterator[Program]:
    """Run `stslocal ARGUMENTS...` in a folder, and kill it at the end of the block.

    `code` is the checkout that runs, such as an older one.
    """
    out, err = folder / "stdout", folder / "stderr"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "stslocal", *arguments],
            stdout=stdout,
            stderr=stderr,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(code), "STSLOCAL_MODELS": str(models)},
        )
    try:
        yield Program(process, out, err)
    finally:
        process.kill()
        process.wait()

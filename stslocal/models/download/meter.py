"""How far a download is, and the way it hears that it must stop."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Display(Protocol):
    """Whoever shows progress. Called from the downloads' own threads."""

    def update(self, model_id: str, done: int, note: str) -> None:
        """Tell how many bytes of a model are here, and what is going on."""
        ...


class StoppedError(Exception):
    """The pull was told to stop; whoever told it knows why."""


class Meter:
    """Counts one model's bytes. `stop` is shared by all models of a pull."""

    interval_s = 0.1

    def __init__(self, model_id: str, display: Display, stop: threading.Event) -> None:
        self._model_id = model_id
        self._display = display
        self._stop = stop
        self._lock = threading.Lock()
        self._done = 0
        self._note = ""
        self._shown_at = 0.0

    @property
    def done(self) -> int:
        """Bytes counted so far."""
        return self._done

    def add(self, count: int) -> None:
        """Count bytes that came, or negative ones that had to be thrown away."""
        with self._lock:
            self._done += count
        self.check()
        if time.perf_counter() - self._shown_at >= self.interval_s:
            self._show()

    def set(self, done: int) -> None:
        """Correct the count."""
        self.add(done - self._done)

    def note(self, text: str) -> None:
        """Say in a few words what is going on."""
        self._note = text
        self._show()

    def check(self) -> None:
        """Raise StoppedError if the pull was told to stop."""
        if self._stop.is_set():
            raise StoppedError

    def wait(self, seconds: float) -> None:
        """Sleep, unless the pull is told to stop."""
        self._stop.wait(seconds)
        self.check()

    def _show(self) -> None:
        self._shown_at = time.perf_counter()
        self._display.update(self._model_id, self._done, self._note)

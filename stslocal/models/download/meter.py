"""Counts the bytes of downloads, and stops them on request."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Display(Protocol):
    """Shows the progress of a pull. Its methods are called from the threads of the downloads."""

    def update(self, model_id: str, done: int, note: str) -> None:
        """Show how many bytes of a model were received, and a note about the current step."""
        ...


class StoppedError(Exception):
    """The pull was stopped. The code that stopped it reports the reason."""


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
        """Count received bytes. A negative number counts bytes that were deleted."""
        with self._lock:
            self._done += count
        self.check()
        if time.perf_counter() - self._shown_at >= self.interval_s:
            self._show()

    def set(self, done: int) -> None:
        """Set the count to `done` bytes."""
        self.add(done - self._done)

    def note(self, text: str) -> None:
        """Show a few words about the current step."""
        self._note = text
        self._show()

    def check(self) -> None:
        """Raise StoppedError if the pull was stopped."""
        if self._stop.is_set():
            raise StoppedError

    def wait(self, seconds: float) -> None:
        """Sleep. Raises StoppedError as soon as the pull is stopped."""
        self._stop.wait(seconds)
        self.check()

    def _show(self) -> None:
        self._shown_at = time.perf_counter()
        self._display.update(self._model_id, self._done, self._note)

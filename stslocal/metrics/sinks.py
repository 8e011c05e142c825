"""Where events go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from stslocal.errors import OutputError
from stslocal.metrics.events import Event, from_json, to_json

Emit: TypeAlias = Callable[[Event], None]
"""What a stage reports events to.

Called in the stage's thread, by several threads at once, and so returns in microseconds: a sink
with more to do than to note the event does it elsewhere.
"""


def ignore(event: Event) -> None:
    """The Emit of those who do not listen."""


def fan_out(*sinks: Emit) -> Emit:
    """An Emit that gives each event to every sink, in their order."""

    def emit(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return emit


class JsonLines:
    """Writes events to a new file, one JSON object a line.

    Each is handed to the operating system before the call returns: however the program ends,
    SIGKILL included, the file holds every event, whole, save perhaps the last.
    """

    def __init__(self, path: Path) -> None:
        """Create `path`. Raises OutputError when it exists or cannot be made."""
        self._path = path
        self._lock = threading.Lock()
        try:
            self._file = FileIO(path, "x")
        except OSError as error:
            raise self._refused(error) from error

    def __call__(self, event: Event) -> None:
        """Write `event`. Raises OutputError, as when the disk is full."""
        line = (to_json(event) + "\n").encode()
        with self._lock:
            try:
                while line:
                    line = line[self._file.write(line) :]
            except OSError as error:
                raise self._refused(error) from error

    def close(self) -> None:
        """Close the file. Closing again does nothing."""
        self._file.close()

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _refused(self, error: OSError) -> OutputError:
        return OutputError(f"cannot write events to {self._path}: {error.strerror}")


def read_json_lines(path: Path) -> list[Event]:
    """The events of a file that JsonLines wrote, without a last line that is torn.

    Raises ValueError for a line that is something else.
    """
    *lines, _torn = path.read_bytes().split(b"\n")
    return [from_json(line.decode()) for line in lines]

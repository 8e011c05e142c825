"""Where events go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from stslocal.errors import OutputError
from stslocal.metrics.event_lines import from_json, to_json
from stslocal.metrics.events import Event

Emit: TypeAlias = Callable[[Event], None]
"""A function that takes events from stages.

Several stages call it at once, each in its own thread. It must return within microseconds, so it
only stores the event and leaves longer work to another thread.
"""


def ignore(event: Event) -> None:
    """Drop the event: the default Emit."""


def fan_out(*sinks: Emit) -> Emit:
    """Return an Emit that gives each event to all sinks, in their order."""

    def emit(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return emit


class JsonLines:
    """Writes events to a new file, one JSON object per line.

    Each event is given to the operating system before the call returns. If the program is killed,
    the file contains all events; only the last one may be incomplete.
    """

    def __init__(self, path: Path) -> None:
        """Create `path`. Raises OutputError if it exists or cannot be created."""
        self._path = path
        self._lock = threading.Lock()
        try:
            self._file = FileIO(path, "x")
        except OSError as error:
            raise self._refused(error) from error

    def __call__(self, event: Event) -> None:
        """Write `event`. Raises OutputError, for example if the disk is full."""
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
        return OutputError(
            f"cannot write events to {self._path}: {error.strerror}; choose another file for them"
        )


def read_json_lines(path: Path) -> list[Event]:
    """Read the events of a file that JsonLines wrote. An incomplete last line is left out.

    Raises ValueError for a line that is not an event.
    """
    *lines, _incomplete = path.read_bytes().split(b"\n")
    return [from_json(line.decode()) for line in lines]

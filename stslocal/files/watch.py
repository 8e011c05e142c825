"""Finds the recordings that are complete in folders to which recordings are added."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from stslocal.files.plan import FileTask

UNCHANGED_S = 5.0
"""A recording that has not changed for so many seconds is complete."""

_State: TypeAlias = tuple[int, int]
"""Bytes, and the time of the last change."""


class Watch:
    """Gives each recording when it has stopped growing, and again when it has changed since."""

    def __init__(
        self,
        find: Callable[[], Sequence[FileTask]],
        *,
        unchanged_s: float = UNCHANGED_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`find` gives all recordings that are there now; `now` returns seconds."""
        self._find = find
        self._unchanged_s = unchanged_s
        self._now = now
        self._seen: dict[Path, tuple[_State, float]] = {}
        """The state of each recording, and since when it has it."""
        self._given: dict[Path, _State] = {}

    def look(self) -> list[FileTask]:
        """The recordings that are complete now and were not given as they are. Call it again."""
        tasks = self._find()
        seen: dict[Path, tuple[_State, float]] = {}
        complete = []
        for task in tasks:
            state = _state(task.source)
            if state is None:
                continue  # it is gone
            before, since = self._seen.get(task.source, (None, 0.0))
            seen[task.source] = (state, since if before == state else self._now())
            is_complete = self._now() - seen[task.source][1] >= self._unchanged_s
            if is_complete and self._given.get(task.source) != state:
                self._given[task.source] = state
                complete.append(task)
        self._seen = seen
        return complete


def _state(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns

"""How fast engines are on this machine: real-time factors, measured once and kept in a file.

The file is `speeds.json` in STSLOCAL_CACHE, else in the person's cache folder; an empty
STSLOCAL_CACHE keeps nothing. It holds a table for each machine that shares the folder. Deleting
it does no harm: what is missing is measured again.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from stslocal.storage import cache_folder, read_cache_json, write_cache_json

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured of an engine."""

    real_time_factor: float
    """Seconds of work a second of speech, working alone."""
    measured: str
    """The day, ISO 8601."""


class Speeds:
    """The figures of one machine."""

    def __init__(self, path: Path | None, machine: str) -> None:
        """`path=None` remembers them no longer than this object lives.

        `machine` names what a figure depends on: processor, cores and GPU.
        """
        self._path = path
        self._machine = machine
        self._own: dict[str, Figure] = {}

    @classmethod
    def discover(cls, machine: str) -> Speeds:
        """Open the file that the environment chooses."""
        folder = cache_folder()
        return cls(None if folder is None else folder / "speeds.json", machine)

    def get(self, engine: str) -> Figure | None:
        """The figure of an engine with its options, as `keep` was told them."""
        if engine in self._own:
            return self._own[engine]
        try:
            row = self._read()[self._machine][engine]
            figure = Figure(float(row["real_time_factor"]), str(row["measured"]))
        except (LookupError, TypeError, ValueError):
            return None
        return figure if math.isfinite(figure.real_time_factor) else None

    def keep(self, engine: str, real_time_factor: float) -> Figure:
        """Remember a figure, in place of an older one."""
        figure = Figure(round(real_time_factor, 4), date.today().isoformat())
        self._own[engine] = figure
        _log.info("the speed of %s: %.2f x real time", engine, real_time_factor)
        if self._path is not None:
            document = self._read()
            row = {"real_time_factor": figure.real_time_factor, "measured": figure.measured}
            document.setdefault(self._machine, {})[engine] = row
            write_cache_json(self._path, document)
        return figure

    def _read(self) -> dict[str, dict[str, Any]]:
        """What the file holds; what cannot be read is as good as nothing."""
        if self._path is None:
            return {}
        document = read_cache_json(self._path)
        return {name: table for name, table in document.items() if isinstance(table, dict)}

"""The speed of engines on this machine: real-time factors, measured once and kept in a file.

The file is `speeds.json` in STSLOCAL_CACHE, else in the person's cache folder; with an empty
STSLOCAL_CACHE nothing is kept. It holds a table for each machine that shares the folder. It may be
deleted: a missing speed is measured again.
"""

from __future__ import annotations

import logging
import math
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from stslocal.machine import graphics, processor
from stslocal.storage import cache_folder, read_cache_json, write_cache_json

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MeasuredSpeed:
    """The speed of an engine, and when it was measured."""

    real_time_factor: float
    """Seconds of work for a second of speech, while no other engine works."""
    measured: str
    """The day of the measurement, ISO 8601."""
    memory_mb: float = 0.0
    """Memory that it took at most, in megabytes; 0 where it was not measured."""


class Speeds:
    """The measured speeds of one machine."""

    def __init__(self, path: Path | None, machine: str) -> None:
        """With `path=None` the speeds are kept only in this object.

        `machine` names the hardware that a speed depends on: processor, cores and GPU.
        """
        self._path = path
        self._machine = machine
        self._new: dict[str, MeasuredSpeed] = {}
        """Speeds measured in this run, which may not be in the file."""

    @classmethod
    def discover(cls, machine: str) -> Speeds:
        """Open the file that the environment chooses."""
        folder = cache_folder()
        return cls(None if folder is None else folder / "speeds.json", machine)

    def get(self, engine: str) -> MeasuredSpeed | None:
        """The speed of an engine, by the key that `keep` got; None when it is not known."""
        if engine in self._new:
            return self._new[engine]
        try:
            row = self._read()[self._machine][engine]
            factor, measured = float(row["real_time_factor"]), str(row["measured"])
            speed = MeasuredSpeed(factor, measured, float(row.get("memory_mb", 0.0)))
        except (LookupError, TypeError, ValueError):
            return None
        figures = speed.real_time_factor, speed.memory_mb
        return speed if all(map(math.isfinite, figures)) else None

    def keys_with(self, prefix: str) -> list[str]:
        """The keys of the known speeds that begin with `prefix`."""
        known = {**self._read().get(self._machine, {}), **self._new}
        return sorted(key for key in known if key.startswith(prefix))

    def keep(
        self, engine: str, real_time_factor: float, memory_mb: float = 0.0, *, lasting: bool = True
    ) -> MeasuredSpeed:
        """Keep the speed of an engine, in place of an older one.

        One that is not `lasting` is kept for this run only: it was measured on a busy machine.
        """
        today = date.today().isoformat()
        speed = MeasuredSpeed(round(real_time_factor, 4), today, round(memory_mb, 1))
        self._new[engine] = speed
        _log.info("the speed of %s: %.2f x real time", engine, real_time_factor)
        if self._path is not None and lasting:
            document = self._read()
            row = asdict(speed)
            if not speed.memory_mb:
                del row["memory_mb"]
            document.setdefault(self._machine, {})[engine] = row
            write_cache_json(self._path, document)
        return speed

    def _read(self) -> dict[str, dict[str, Any]]:
        """Read the file. A part that cannot be read counts as missing."""
        if self._path is None:
            return {}
        document = read_cache_json(self._path)
        return {name: table for name, table in document.items() if isinstance(table, dict)}


def machine_name() -> str:
    """Name the hardware that engines compute on: processor, cores and GPU."""
    cpu = processor()
    return ", ".join([cpu.name, f"{cpu.cores} cores", *graphics()])

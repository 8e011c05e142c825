"""Sends log records to standard error with -v, and to a file with --log-file."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stslocal.cli.output import Printer
from stslocal.cli.visible import visible
from stslocal.errors import SettingsError, output_error

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s [%(threadName)s]: %(message)s"
_NEVER = logging.CRITICAL + 1

_REPORTED_BY_COMMANDS = (
    "stslocal.audio.card",
    "stslocal.cli",
    "stslocal.engines.worker.process",
    "stslocal.live.lag",
    "stslocal.live.recording",
    "stslocal.loading.select",
    "stslocal.voices.learn",
)
"""Modules whose news the commands print in their own words. Their records go only to the file."""


@contextmanager
def log_records_shown(printer: Printer, path: Path | None) -> Iterator[None]:
    """While the block runs, print records as -v or -vv says, and append all of them to `path`.

    Raises SettingsError when `path` cannot be written.
    """
    handlers: list[logging.Handler] = [] if path is None else [_LogFile(path, printer)]
    if printer.verbosity > 0:
        handlers.append(_PrinterHandler(printer))
    package = logging.getLogger("stslocal")
    level_before = package.level
    if handlers:
        package.setLevel(min(handler.level for handler in handlers))
    for handler in handlers:
        package.addHandler(handler)
    try:
        yield
    finally:
        package.setLevel(level_before)
        for handler in handlers:
            package.removeHandler(handler)
            handler.close()


class _Formatter(logging.Formatter):
    """Writes control characters in messages as escapes, as the printer does."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "\n".join(visible(line) for line in super().formatException(ei).split("\n"))


class _PrinterHandler(logging.Handler):
    """Prints each record through the printer, which prints it above a progress bar."""

    def __init__(self, printer: Printer) -> None:
        super().__init__(logging.INFO if printer.verbosity < 2 else logging.DEBUG)
        self.setFormatter(_Formatter())
        self._printer = printer

    def filter(self, record: logging.LogRecord) -> bool:
        return not f"{record.name}.".startswith(tuple(f"{name}." for name in _REPORTED_BY_COMMANDS))

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        if record.levelno >= logging.WARNING:
            text = f"warning: {text}"
        for line in text.split("\n"):
            self._printer.detail(line)


class _LogFile(logging.FileHandler):
    """Writes every record with its time. When writing fails, it warns once and stops."""

    def __init__(self, path: Path, printer: Printer) -> None:
        try:
            super().__init__(path, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise SettingsError(f"--log-file: {output_error(path, error)}") from error
        self.setLevel(logging.DEBUG)
        self.setFormatter(_Formatter(_FORMAT))
        self._path = path
        self._printer = printer

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        self.setLevel(_NEVER)
        self._printer.warning(f"the log ends here: {output_error(self._path, error)}")

    def close(self) -> None:
        with suppress(OSError):  # closing flushes, which fails again on a full disk
            super().close()

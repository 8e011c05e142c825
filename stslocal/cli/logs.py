"""Shows log records on standard error (-v) and writes them to a file (--log-file)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stslocal.cli.output import Printer
from stslocal.errors import SettingsError, output_error

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s [%(threadName)s]: %(message)s"
_NEVER = logging.CRITICAL + 1

_SHOWN_OTHERWISE = (
    "stslocal.audio.card",
    "stslocal.cli",
    "stslocal.live.lag",
    "stslocal.live.recording",
    "stslocal.loading.select",
    "stslocal.voices.learn",
)
"""The command line shows the events of these modules itself, so their records go only to the
file."""


@contextmanager
def log_records_shown(printer: Printer, path: Path | None) -> Iterator[None]:
    """While the block runs, show records according to -v, and append all of them to `path`.

    Raises SettingsError when `path` cannot be written.
    """
    handlers: list[logging.Handler] = [] if path is None else [_LogFile(path, printer)]
    if printer.verbosity > 0:
        handlers.append(_Shown(printer))
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


class _Shown(logging.Handler):
    """Shows records through the printer, which keeps them apart from a moving line."""

    def __init__(self, printer: Printer) -> None:
        super().__init__(logging.INFO if printer.verbosity < 2 else logging.DEBUG)
        self._printer = printer

    def filter(self, record: logging.LogRecord) -> bool:
        return not f"{record.name}.".startswith(tuple(f"{name}." for name in _SHOWN_OTHERWISE))

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        with suppress(OSError, ValueError):  # standard error is closed
            self._printer.detail(f"warning: {text}" if record.levelno >= logging.WARNING else text)


class _LogFile(logging.FileHandler):
    """Writes every record with its time. When the file cannot be written, it warns and stops."""

    def __init__(self, path: Path, printer: Printer) -> None:
        try:
            super().__init__(path, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise SettingsError(f"--log-file: {output_error(path, error)}") from error
        self.setLevel(logging.DEBUG)
        self.setFormatter(logging.Formatter(_FORMAT))
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
        with suppress(OSError):  # a full disk also refuses the buffered rest
            super().close()

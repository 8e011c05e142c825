"""The standard streams when they are closed, full, or read by a program that has ended."""

from __future__ import annotations

import io
import os
import select
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from stslocal.errors import output_error

STDIN, STDOUT, STDERR = range(3)


def open_standard_streams() -> None:
    """Put the null device in the place of each standard stream that is closed.

    Python has None there. Worse, the next file to be opened would get the stream's number, and
    messages of C libraries would be written into it.
    """
    for number in (STDIN, STDOUT, STDERR):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    # Characters that the encoding of a pipe lacks become escapes, as on stderr.
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def was_closed(stream: TextIO) -> bool:
    """Whether a standard stream was closed when the program began."""
    return getattr(stream, "name", None) == os.devnull


def write_stdout(text: str, *, flush: bool = False) -> None:
    """Write to stdout. Raises BrokenPipeError when its reader has ended, else OutputError."""
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_error("to stdout", error) from error


def flush_stdout() -> None:
    """Write what is buffered. Raises as `write_stdout` does."""
    write_stdout("", flush=True)


def write_stderr(text: str) -> None:
    """Write to stderr. Where that fails, nothing is written any more, and the work goes on."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        discard(STDERR)


def discard(number: int) -> None:
    """Send what is written to a stream from now on, and what it has buffered, to nowhere.

    Python flushes stdout and stderr at its end: without this it would report the fault again, in
    its own words, and change the exit code.
    """
    stream = sys.stdout if number == STDOUT else sys.stderr
    with suppress(OSError, ValueError, AttributeError):
        if stream.fileno() == number:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, number)
            os.close(null)


def reader_has_ended() -> bool:
    """Whether the program that reads our stdout has ended, or its terminal was closed.

    False where that cannot be known.
    """
    with suppress(OSError, ValueError, AttributeError):
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)  # errors are always reported
        return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
    return False

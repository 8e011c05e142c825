"""Paths that a person names and files that other programs made: what they are, read with bounds.

A path may be a pipe, a device or a loop of links, and a file may hold anything. So every opener of
such a path asks `kind_of` or uses `open_file`, which never wait; and every reader of JSON or TOML
uses `read_json` or `read_toml`, which bound the size, the nesting and the numbers and turn all
that a parser may raise into UnreadableFileError.
"""

from __future__ import annotations

import errno
import json
import math
import os
import stat
import sys
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MOST_BYTES = 64 << 20
"""Largest file that is read at once, in bytes: the session of a day's recording is smaller."""
DEEPEST = 64
"""Deepest nesting of lists and tables."""
_LARGEST = 1 << 63


class PathKind(Enum):
    """What a path leads to. The value completes the sentence "PATH ..." for a person."""

    FILE = "is a file"
    FOLDER = "is a folder: name a file in it"
    PIPE = "is a pipe: write it to a file first"
    DEVICE = "is a device and no file: name a file"
    SOCKET = "is a socket and no file: name a file"
    MISSING = "does not exist: check the name"
    FORBIDDEN = "may not be read: change its permissions"
    LOOP = "is a loop of links: name the file itself"
    TOO_LONG = "has a name that is too long: choose a shorter one"
    UNUSABLE = "cannot be a path: check the name"


_ERRORS = {
    errno.ENOENT: PathKind.MISSING,
    errno.ENOTDIR: PathKind.MISSING,
    errno.EACCES: PathKind.FORBIDDEN,
    errno.EPERM: PathKind.FORBIDDEN,
    errno.ELOOP: PathKind.LOOP,
    errno.ENAMETOOLONG: PathKind.TOO_LONG,
    errno.ENXIO: PathKind.SOCKET,  # what opening a socket gives
    errno.EISDIR: PathKind.FOLDER,
}


class UnreadableFileError(Exception):
    """A file cannot be used. The message completes "PATH ..." and ends with the next step.

    It does not reach a person by itself: each reader turns it into its own StslocalError.
    """

    def __init__(self, fault: str, kind: PathKind = PathKind.FILE) -> None:
        super().__init__(fault)
        self.kind = kind


def may_be_entered(folder: Path) -> bool:
    """Whether the files of a folder may be listed and read. True if there is no such folder."""
    try:
        os.stat(folder)  # noqa: PTH116 - Path.exists hides a forbidden folder from Python 3.14 on
    except PermissionError:
        return False
    except (OSError, ValueError):
        return True
    return os.access(folder, os.R_OK | os.X_OK) or not folder.is_dir()


def kind_of(path: Path | str) -> PathKind:
    """Tell what `path` leads to, links followed. It never waits and never raises.

    A file that exists and may not be read is FILE here; `open_file` says FORBIDDEN.
    """
    try:
        return _kind_of_mode(os.stat(path).st_mode)  # noqa: PTH116 - also for text
    except OSError as error:
        return _ERRORS.get(error.errno or 0, PathKind.UNUSABLE)
    except (ValueError, UnicodeError):  # a NUL in the name
        return PathKind.UNUSABLE


def open_file(path: Path | str, *, pipes: bool = False) -> BinaryIO:
    """Open a regular file to read, and nothing else; with `pipes` also a pipe, which then waits.

    Raises UnreadableFileError at once for all other kinds of path.
    """
    kind = kind_of(path)
    if kind is not PathKind.FILE and not (pipes and kind is PathKind.PIPE):
        raise UnreadableFileError(kind.value, kind)
    # Between the two looks the path may have become a pipe: opening must not wait for a writer.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    if kind is PathKind.FILE:
        flags |= getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        kind = _ERRORS.get(error.errno or 0, PathKind.UNUSABLE)
        fault = kind.value if error.errno in _ERRORS else f"cannot be read: {error.strerror}"
        raise UnreadableFileError(fault, kind) from error
    opened = _kind_of_mode(os.fstat(descriptor).st_mode)
    if opened is not kind:
        os.close(descriptor)
        raise UnreadableFileError(opened.value, opened)
    # Opened by its path, the file's name in messages is the path, not the descriptor's number.
    return open(path, "rb", opener=lambda *_: descriptor)


def read_bytes(path: Path | str, *, most: int = MOST_BYTES) -> bytes:
    """Read a regular file of at most `most` bytes. Raises UnreadableFileError."""
    with open_file(path) as file:
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise UnreadableFileError(f"cannot be read: {error.strerror}") from error
    if len(data) > most:
        raise UnreadableFileError(f"is larger than {most >> 20} MB: is it the right file?")
    return data


def read_text(path: Path | str, *, most: int = MOST_BYTES) -> str:
    """Read a text file in UTF-8, with or without a byte order mark. Raises UnreadableFileError."""
    try:
        return read_bytes(path, most=most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("is not UTF-8: save it as UTF-8") from error


def read_json(path: Path | str, *, most: int = MOST_BYTES) -> Any:
    """Read a JSON file with bounds on size, nesting and numbers. Raises UnreadableFileError."""
    return parse_json(read_text(path, most=most))


def parse_json(text: str | bytes) -> Any:
    """Parse JSON with bounds on nesting and numbers. Raises UnreadableFileError."""
    try:
        document = json.loads(text)
    except Exception as error:  # RecursionError, ValueError for 5000 digits, UnicodeDecodeError
        raise UnreadableFileError(f"is not JSON: {_first_line(error)}") from error
    return _bounded(document)


def read_toml(path: Path | str, *, most: int = MOST_BYTES) -> dict[str, Any]:
    """Read a TOML file with bounds on size, nesting and numbers. Raises UnreadableFileError."""
    try:
        document = tomllib.loads(read_text(path, most=most))
    except UnreadableFileError:
        raise
    except Exception as error:  # RecursionError and ValueError besides TOMLDecodeError
        raise UnreadableFileError(f"is not TOML: {_first_line(error)}") from error
    _bounded(document, finite=False)  # TOML has nan and inf; a field's own range excludes them
    return document


def _kind_of_mode(mode: int) -> PathKind:
    if stat.S_ISREG(mode):
        return PathKind.FILE
    if stat.S_ISDIR(mode):
        return PathKind.FOLDER
    if stat.S_ISFIFO(mode):
        return PathKind.PIPE
    return PathKind.SOCKET if stat.S_ISSOCK(mode) else PathKind.DEVICE


def _bounded(document: Any, *, finite: bool = True) -> Any:
    """Return `document`; raise if it is nested too deep or has a number that no field can hold."""
    level, depth = [document], 0
    while level:
        if depth > DEEPEST:
            raise UnreadableFileError(f"is nested deeper than {DEEPEST} levels: repair it")
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif (finite and isinstance(value, float) and not math.isfinite(value)) or (
                isinstance(value, int) and abs(value) >= _LARGEST
            ):
                raise UnreadableFileError("has a number that is too large: repair it")
        level, depth = below, depth + 1
    return document


def _first_line(error: Exception) -> str:
    text = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
    return text.partition("\n")[0][:200]

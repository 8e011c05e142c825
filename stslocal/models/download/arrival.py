"""Files that are being received: each is written under a temporary name, hashed, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from stslocal.errors import OutputError
from stslocal.models.manifest import ModelFile
from stslocal.storage import MODELS_VARIABLE

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class SourceFailedError(Exception):
    """A source did not yield its files. The message gives the reason, for a list of reasons."""


class WrongBytesError(SourceFailedError):
    """The received bytes are not those of the manifest."""


def disk_full(folder: Path, needed: int) -> OutputError:
    """The error for a full disk; `needed` is in bytes."""
    megabytes = max(1, round(needed / 1e6))
    return OutputError(
        f"the disk of {folder} is full: {megabytes} MB are needed; free some space or "
        f"set {MODELS_VARIABLE} to a folder on another disk"
    )


@contextmanager
def disk_errors(folder: Path, needed: int) -> Iterator[None]:
    """Turn errors of the disk, such as a full or protected one, into an OutputError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full(folder, needed) from error
        if error.errno in _FORBIDDEN:
            raise OutputError(
                f"{folder} cannot be written ({error.strerror}): set {MODELS_VARIABLE} to a "
                "folder that you may write to"
            ) from error
        # Somebody has removed the folder or put a file in its place, or the disk is broken.
        raise OutputError(
            f"{error.filename or folder} cannot be used ({error.strerror or error}): check "
            f"{folder}, then run the same command again"
        ) from error


_MOST_UNSIZED_BYTES = 32 << 30
"""Longest file whose size the manifest does not know: a body that never ends is given up there."""


class IncomingFile:
    """Receives the bytes of one file, in order. Use it as a context manager and call `finish`."""

    def __init__(self, folder: Path, file: ModelFile, origin: str = "") -> None:
        """`origin` distinguishes unfinished files whose sha256 is not known."""
        self.file = file
        self.target = folder / file.name
        self._part = _part(folder, file, origin)
        self._stream: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self.size = 0
        """Bytes received so far."""
        self.etag = ""
        """The hub's strong name for the file's bytes, if it gave one in this run."""

    def __enter__(self) -> IncomingFile:
        self.open()
        return self

    def open(self) -> None:
        """Open the unfinished file of an earlier attempt, or a new one."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self._part.open("a+b")
        self._stream.seek(0)
        self._digest = hashlib.sha256()
        self.size = 0
        while block := self._stream.read(1 << 20):
            self._digest.update(block)
            self.size += len(block)
        if self.file.bytes is not None and self.size > self.file.bytes:
            self.restart()

    def __exit__(self, *exception: object) -> None:
        if self._stream is not None:
            # After a full disk, closing flushes the buffer and fails again.
            with suppress(OSError):
                self._stream.close()

    def restart(self) -> None:
        """Drop the bytes received so far."""
        assert self._stream is not None
        self._stream.truncate(0)
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append bytes. Raises SourceFailedError if the file gets too long."""
        assert self._stream is not None
        size = self.size + len(data)
        most = _MOST_UNSIZED_BYTES if self.file.bytes is None else self.file.bytes
        if size > most:
            raise WrongBytesError(f"{self.file.name} is longer than {most} bytes")
        self._stream.write(data)
        self._digest.update(data)
        self.size = size

    def finish(self) -> str:
        """Check the received bytes, give the file its name, and return its sha256.

        If the bytes are not the manifest's, deletes them and raises WrongBytesError.
        """
        assert self._stream is not None
        digest = self._digest.hexdigest()
        if self.file.bytes is not None and self.size != self.file.bytes:
            self.discard()
            raise WrongBytesError(f"{self.file.name} has {self.size} bytes, not {self.file.bytes}")
        if self.file.sha256 is not None and digest != self.file.sha256:
            self.discard()
            raise WrongBytesError(
                f"{self.file.name} has sha256 {digest[:12]}..., not {self.file.sha256[:12]}..."
            )
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._part.replace(self.target)
        return digest

    def discard(self) -> None:
        """Delete the unfinished file."""
        self.__exit__()
        self._part.unlink(missing_ok=True)


def size_so_far(folder: Path, file: ModelFile, origin: str = "") -> int:
    """Bytes of a file that an earlier attempt received."""
    try:
        return _part(folder, file, origin).stat().st_size
    except OSError:
        return 0


def _part(folder: Path, file: ModelFile, origin: str) -> Path:
    target = folder / file.name
    identity = file.sha256 or hashlib.sha256(origin.encode()).hexdigest()
    return target.with_name(f".{target.name}.{identity[:12]}.part")


def remove_parts(folder: Path) -> None:
    """Delete the unfinished files in a model's folder."""
    for part in folder.rglob(".*.part"):
        part.unlink(missing_ok=True)

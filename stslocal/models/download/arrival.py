"""A file on its way in: written beside its place, hashed, and only then renamed into it."""

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
    """One source did not yield what it should; the message says why, for the list of reasons."""


class WrongBytesError(SourceFailedError):
    """All bytes came, and they are not the ones of the manifest."""


def disk_full(folder: Path, needed: int) -> OutputError:
    """Make the error for a full disk; `needed` is in bytes."""
    megabytes = max(1, round(needed / 1e6))
    return OutputError(
        f"the disk of {folder} is full: {megabytes} MB are needed; free some space or "
        f"set {MODELS_VARIABLE} to a folder that has it"
    )


@contextmanager
def disk_errors(folder: Path, needed: int) -> Iterator[None]:
    """Turn a full or forbidden disk into an OutputError that names the folder."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full(folder, needed) from error
        if error.errno in _FORBIDDEN:
            raise OutputError(
                f"{folder} cannot be written ({error.strerror}): set {MODELS_VARIABLE} to a "
                "folder that can"
            ) from error
        raise


class Arrival:
    """Takes the bytes of one file in order. Use as a context manager, then `finish`."""

    def __init__(self, folder: Path, file: ModelFile, origin: str = "") -> None:
        """`origin` tells apart unfinished files whose sha256 is not known."""
        self.file = file
        self.target = folder / file.name
        self._part = _part(folder, file, origin)
        self._stream: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self.size = 0
        """Bytes so far."""

    def __enter__(self) -> Arrival:
        self.open()
        return self

    def open(self) -> None:
        """Go on where an earlier attempt ended, if there was one."""
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
            # What a full disk refused to take is refused again when the buffer is flushed.
            with suppress(OSError):
                self._stream.close()

    def restart(self) -> None:
        """Forget what came so far."""
        assert self._stream is not None
        self._stream.truncate(0)
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Take the next bytes. Raises SourceFailedError when there are too many."""
        assert self._stream is not None
        size = self.size + len(data)
        if self.file.bytes is not None and size > self.file.bytes:
            raise WrongBytesError(f"{self.file.name} is longer than {self.file.bytes} bytes")
        self._stream.write(data)
        self._digest.update(data)
        self.size = size

    def finish(self) -> str:
        """Check what came, put it in its place, and give its sha256.

        Raises WrongBytesError and deletes what came, unless it is the manifest's file.
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
        """Delete what came so far."""
        self.__exit__()
        self._part.unlink(missing_ok=True)


def size_so_far(folder: Path, file: ModelFile, origin: str = "") -> int:
    """Bytes of a file that an earlier attempt left."""
    try:
        return _part(folder, file, origin).stat().st_size
    except OSError:
        return 0


def _part(folder: Path, file: ModelFile, origin: str) -> Path:
    target = folder / file.name
    identity = file.sha256 or hashlib.sha256(origin.encode()).hexdigest()
    return target.with_name(f".{target.name}.{identity[:12]}.part")


def remove_parts(folder: Path) -> None:
    """Delete unfinished files of a model's folder."""
    for part in folder.rglob(".*.part"):
        part.unlink(missing_ok=True)

"""The files and streams that FFmpeg writes into."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from stslocal.errors import output_error
from stslocal.storage import UnfinishedFile


class StreamSink:
    """The stream that FFmpeg writes into. After `discard` it accepts bytes and drops them, so that
    FFmpeg can be closed without a second failure.
    """

    def __init__(self, file: BinaryIO, name: object = None) -> None:
        self.name = str(name or getattr(file, "name", "the output"))
        self._file = file
        self._discarded = False

    def write(self, data: bytes) -> int:
        left = memoryview(b"" if self._discarded else data)
        while left:  # an unbuffered stream may take less than it is given
            left = left[self._file.write(left) :]
        return len(data)

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Turn an OSError of the block, which PyAV passes through, into an OutputError."""
        try:
            yield
        except OSError as error:
            raise output_error(self.name, error) from error

    def finish(self) -> None:
        self._file.flush()

    def discard(self) -> None:
        self._discarded = True


class _RegularFileSink(StreamSink):
    """A stream that is a regular file, such as stdout after `>`: a WAV header gets its length.

    What the stream held before stays in front.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._start = file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if self._discarded:
            return 0
        if whence == os.SEEK_SET:
            offset += self._start
        return self._file.seek(offset, whence) - self._start

    def tell(self) -> int:
        return 0 if self._discarded else self._file.tell() - self._start

    def finish(self) -> None:
        self._file.seek(0, os.SEEK_END)
        super().finish()


class FileSink(StreamSink):
    """A file that gets its name when it is finished, or later when the caller publishes it."""

    def __init__(self, target: Path | UnfinishedFile) -> None:
        self._publishes = isinstance(target, Path)
        self._unfinished = UnfinishedFile(target) if isinstance(target, Path) else target
        super().__init__(self._unfinished.stream, self._unfinished.path)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return 0 if self._discarded else self._file.seek(offset, whence)

    def tell(self) -> int:
        return 0 if self._discarded else self._file.tell()

    def finish(self) -> None:
        if self._publishes:
            self._unfinished.publish()
        else:
            self._unfinished.seal()

    def discard(self) -> None:
        super().discard()
        self._unfinished.discard()


def sink_for(target: Path | UnfinishedFile | BinaryIO) -> StreamSink:
    """What FFmpeg writes into for a path, an unfinished file or a stream."""
    if isinstance(target, Path | UnfinishedFile):
        return FileSink(target)
    return _RegularFileSink(target) if _is_regular_file(target) else StreamSink(target)


def _is_regular_file(stream: BinaryIO) -> bool:
    """Whether a stream is a file that may be sought in; one that is appended to may not."""
    try:
        number = stream.fileno()
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return False
        stream.seek(0, os.SEEK_CUR)
    except (OSError, ValueError, AttributeError):
        return False
    return not _is_appended_to(number)


def _is_appended_to(number: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows, where `>>` writes at the end only once
        return False
    return bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND)

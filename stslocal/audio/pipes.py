"""Pipes from which nothing may come for long, such as a microphone's program behind `-`."""

from __future__ import annotations

import select
import sys
from typing import BinaryIO

_LOOK_EVERY_S = 0.2
_READ_BYTES = 1 << 16


class PipeReader:
    """Reads a pipe until `stop`, which another thread may call while nothing comes.

    A read that waits for bytes cannot be interrupted, so this waits until there are some.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.name = getattr(stream, "name", "the input")
        self._stream = stream
        self._rest = b""
        self._is_empty = False
        """Whether the stream's own buffer is empty: then its descriptor says whether to wait."""
        self._stopped = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; none at the end and after `stop`."""
        if not self._rest:
            self._rest = self._some()
        if size < 0:
            size = len(self._rest)
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def stop(self) -> None:
        """End the stream here."""
        self._stopped = True

    def _some(self) -> bytes:
        while self._is_empty and not self._stopped:
            if select.select([self._stream], [], [], _LOOK_EVERY_S)[0]:
                break
        if self._stopped:
            return b""
        # Takes what is buffered, or what one read of the system gives, and leaves nothing behind.
        read1 = getattr(self._stream, "read1", self._stream.read)
        data: bytes = read1(_READ_BYTES)
        self._is_empty = True
        return data


def waiting_pipe(stream: BinaryIO) -> PipeReader | None:
    """Return a reader for a pipe, a terminal or a socket; None for everything else."""
    try:
        waits = not stream.seekable() and stream.fileno() >= 0
    except (OSError, AttributeError, ValueError):
        return None
    # Windows can wait for sockets only.
    return PipeReader(stream) if waits and sys.platform != "win32" else None

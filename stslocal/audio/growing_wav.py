"""A WAV file that can be read at any moment while it grows."""

from __future__ import annotations

import os
import struct
from io import FileIO
from pathlib import Path

from stslocal.audio.resample import to_int16
from stslocal.types import Samples

_HEADER = struct.Struct("<4sI4s 4sI28s 4sIHHIIHH 4sI")
_LARGEST = 0xFFFF_FFFF
"""Sizes from here on stand in the ds64 chunk, and the file is RF64 (EBU Tech 3306)."""


class GrowingWav:
    """Mono 16-bit samples, in the file as soon as `write` returns, with the header to match.

    However the program ends, the file opens and holds what was written; only an update of the
    header that was cut off in the middle leaves out the last piece.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        """Create `path`. Raises OSError, FileExistsError among them."""
        self.sample_rate = sample_rate
        self.position = 0
        """Samples written so far."""
        self._file = FileIO(path, "x")
        self._write(self._header())

    def write(self, samples: Samples) -> None:
        """Append samples, shape (n,); what exceeds [-1, 1] is clipped. Raises OSError.

        After an error the file holds what it held before.
        """
        self._file.seek(_HEADER.size + 2 * self.position)
        self._write(to_int16(samples).astype("<i2").tobytes())
        self.position += len(samples)
        self._file.seek(0)
        self._write(self._header())

    def sync(self) -> None:
        """Have the system put it on the disk, so that it outlives a loss of power."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]

    def _header(self) -> bytes:
        data = 2 * self.position
        whole = _HEADER.size - 8 + data
        large = whole >= _LARGEST
        sizes = struct.pack("<QQQI", whole, data, self.position, 0) if large else bytes(28)
        return _HEADER.pack(
            b"RF64" if large else b"RIFF", min(whole, _LARGEST), b"WAVE",
            b"ds64" if large else b"JUNK", 28, sizes,
            b"fmt ", 16, 1, 1, self.sample_rate, 2 * self.sample_rate, 2, 16,
            b"data", min(data, _LARGEST),
        )  # fmt: skip

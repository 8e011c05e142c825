"""A WAV file that can be read at any moment while it grows."""

from __future__ import annotations

import os
import shutil
import struct
from io import FileIO
from pathlib import Path

from stslocal.audio.resample import to_pcm16
from stslocal.types import Samples

_HEADER = struct.Struct("<4sI4s 4sI28s 4sIHHIIHH 4sI")
_LARGEST = 0xFFFF_FFFF
"""Sizes of this and more are written to the ds64 chunk, and the file is RF64 (EBU Tech 3306)."""


class GrowingWav:
    """A WAV file of mono 16-bit samples. After each `write` the header gives the right length.

    If the program is killed, the file can be opened and contains all written samples. If it is
    killed while it updates the header, the last piece may be missing.
    """

    def __init__(self, path: Path | FileIO, sample_rate: int) -> None:
        """Create `path`, or begin an empty file. Raises OSError, FileExistsError among them."""
        self.sample_rate = sample_rate
        self.position = 0
        """Samples written so far."""
        self._file = FileIO(path, "x") if isinstance(path, Path) else path
        self._write(self._header())

    def write(self, samples: Samples) -> None:
        """Append samples, shape (n,); values outside [-1, 1] are clipped. Raises OSError.

        After an error the file contains the same samples as before.
        """
        self._file.seek(_HEADER.size + 2 * self.position)
        self._write(to_pcm16(samples))
        self.position += len(samples)
        self._file.seek(0)
        self._write(self._header())

    def copied_to(self, file: FileIO) -> GrowingWav:
        """Begin `file`, which is empty, with the samples of this one. Raises OSError."""
        copy = GrowingWav(file, self.sample_rate)
        with Path(self._file.name).open("rb") as written:
            written.seek(_HEADER.size)
            shutil.copyfileobj(written, file)
        copy.position = self.position
        return copy

    def sync(self) -> None:
        """Make the system write the file to the disk, so that it survives a loss of power."""
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

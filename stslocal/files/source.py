"""The recording that is translated: opened once, so that one and the same bytes are decoded and
hashed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from stslocal.audio.decode import AudioInfo, probe
from stslocal.audio.opening import open_source
from stslocal.audio.tracks import SoundChoice
from stslocal.errors import AudioDecodeError
from stslocal.foreign_files import PathKind, kind_of
from stslocal.results.session import SessionSource
from stslocal.storage import sha256_of_stream


class OpenRecording:
    """An open recording."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self.path = path
        self.stream = stream
        self._before = os.fstat(stream.fileno())

    def probed(self, choice: SoundChoice) -> AudioInfo:
        """What the recording declares. Raises AudioDecodeError."""
        info = probe(self.stream, choice)
        self.stream.seek(0)
        return info

    def sha256(self) -> str:
        """The hash of the recording as it is now."""
        self.stream.seek(0)
        digest = sha256_of_stream(self.stream)
        self.stream.seek(0)
        return digest

    def described(self, duration_s: float, warnings: list[str]) -> SessionSource:
        """Describe the recording that was read. A change meanwhile becomes a warning.

        A recording whose bytes changed while it was read has no hash, so that no later run takes
        the result for its translation.
        """
        name = self.path.name
        sha256 = self.sha256()
        if _state(os.fstat(self.stream.fileno())) != _state(self._before):
            warnings.append(
                "the recording changed while it was read: translate it again when it is complete"
            )
            return SessionSource(name, duration_s)
        if not self._has_its_name():
            warnings.append(
                "the recording was replaced or removed while it was translated: this is the "
                "translation of the one that was there before"
            )
        return SessionSource(name, duration_s, self._before.st_size, sha256)

    def _has_its_name(self) -> bool:
        try:
            return os.path.samestat(self.path.stat(), self._before)
        except OSError:
            return False


@contextmanager
def opened(path: Path) -> Iterator[OpenRecording]:
    """Open a recording. Raises AudioDecodeError when it cannot be read."""
    if kind_of(path) is PathKind.PIPE:
        raise AudioDecodeError(
            f"{path} is a pipe: write it to a file first, or send it to `stslocal translate -`"
        )
    with open_source(path) as stream:
        yield OpenRecording(path, stream)


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns

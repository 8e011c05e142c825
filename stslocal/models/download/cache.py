"""Keeps downloads by their sha256, for other checkouts. The cache is optional.

Its files are hashed again before they are used. The folder is STSLOCAL_CACHE, else it is in the
person's cache folder; an empty STSLOCAL_CACHE disables the cache. On the same disk its files are
hard links, which take no space. Across disks files are copied only if STSLOCAL_CACHE is set.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from stslocal.models.download.arrival import IncomingFile
from stslocal.models.manifest import ModelFile
from stslocal.storage import CACHE_VARIABLE, cache_folder, sha256_of, temporary_path


class DownloadCache:
    """Files by their sha256, in one folder."""

    def __init__(self, root: Path | None, *, may_copy: bool = False) -> None:
        """`root=None` keeps nothing. `may_copy`: copy files that cannot be linked."""
        self._root = root
        self._may_copy = may_copy

    @classmethod
    def discover(cls) -> DownloadCache:
        """The cache that the environment sets, else the one in the person's cache folder."""
        folder = cache_folder()
        if folder is None or os.environ.get(CACHE_VARIABLE):
            return cls(folder, may_copy=True)
        return cls(folder / "downloads")

    def has(self, file: ModelFile) -> bool:
        """Whether the cache has a file. Its bytes are only checked by `take`."""
        path = self._path(file.sha256)
        return path is not None and path.is_file()

    def take(self, file: ModelFile, folder: Path) -> bool:
        """Put a file into a model's folder. Returns False if it is missing or damaged."""
        path = self._path(file.sha256)
        if path is None or not path.is_file():
            return False
        if sha256_of(path) != file.sha256:
            path.unlink(missing_ok=True)
            return False
        target = folder / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        link = temporary_path(target)
        try:
            os.link(path, link)
        except OSError:
            with path.open("rb") as source, IncomingFile(folder, file) as incoming:
                incoming.restart()
                while block := source.read(1 << 20):
                    incoming.write(block)
                incoming.finish()
        else:
            link.replace(target)
        return True

    def keep(self, path: Path, sha256: str) -> None:
        """Add a file whose hash was just computed."""
        kept = self._path(sha256)
        if kept is None or kept.exists():
            return
        temporary = temporary_path(kept)
        with suppress(OSError):  # the cache is optional, so a failure to write it is no error
            kept.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._link_or_copy(path, temporary)
                temporary.replace(kept)
            finally:
                temporary.unlink(missing_ok=True)

    def _link_or_copy(self, path: Path, temporary: Path) -> None:
        try:
            os.link(path, temporary)
        except OSError:
            if not self._may_copy:
                raise
            shutil.copyfile(path, temporary)

    def bytes_of(self, sha256: str) -> int:
        """The size of a file in the cache; 0 if it is not there."""
        path = self._path(sha256)
        return path.stat().st_size if path is not None and path.is_file() else 0

    def forget(self, sha256: str) -> None:
        """Delete a file from the cache."""
        path = self._path(sha256)
        if path is not None:
            path.unlink(missing_ok=True)

    def _path(self, sha256: str | None) -> Path | None:
        if self._root is None or not sha256:
            return None
        return self._root / sha256[:2] / sha256

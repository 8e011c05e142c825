"""Downloads kept for the next checkout, by sha256. Never needed, and never believed unhashed.

It lies in STSLOCAL_CACHE, else in the person's cache folder; an empty STSLOCAL_CACHE switches it
off. Files are hard links where the disk allows it and so cost nothing; across disks they are
copied only into a folder that was asked for by name.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from stslocal.models.download.arrival import Arrival
from stslocal.models.manifest import ModelFile
from stslocal.storage import CACHE_VARIABLE, cache_folder, sha256_of, temporary_path


class DownloadCache:
    """Files by their sha256, in one folder."""

    def __init__(self, root: Path | None, *, may_copy: bool = False) -> None:
        """`root=None` keeps nothing. `may_copy`: keep files that cannot be linked."""
        self._root = root
        self._may_copy = may_copy

    @classmethod
    def discover(cls) -> DownloadCache:
        """Open the cache that the environment names, else the person's own."""
        folder = cache_folder()
        if folder is None or os.environ.get(CACHE_VARIABLE):
            return cls(folder, may_copy=True)
        return cls(folder / "downloads")

    def has(self, file: ModelFile) -> bool:
        """Whether a file may be here; only `take` looks at its bytes."""
        path = self._path(file.sha256)
        return path is not None and path.is_file()

    def take(self, file: ModelFile, folder: Path) -> bool:
        """Put a file into a model's folder if it is here and whole."""
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
            with path.open("rb") as source, Arrival(folder, file) as arrival:
                arrival.restart()
                while block := source.read(1 << 20):
                    arrival.write(block)
                arrival.finish()
        else:
            link.replace(target)
        return True

    def keep(self, path: Path, sha256: str) -> None:
        """Remember a file that was just found to have this hash."""
        kept = self._path(sha256)
        if kept is None or kept.exists():
            return
        temporary = temporary_path(kept)
        with suppress(OSError):  # a cache that cannot be written is no cache
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

    def forget(self, sha256: str) -> None:
        """Delete a file from the cache."""
        path = self._path(sha256)
        if path is not None:
            path.unlink(missing_ok=True)

    def _path(self, sha256: str | None) -> Path | None:
        if self._root is None or not sha256:
            return None
        return self._root / sha256[:2] / sha256

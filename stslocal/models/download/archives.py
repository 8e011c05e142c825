"""Reads files from wheels, zips and tarballs without unpacking the archives to disk."""

from __future__ import annotations

import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from stslocal.models.download.arrival import IncomingFile, SourceFailedError
from stslocal.models.download.meter import Meter
from stslocal.models.manifest import ModelFile

SUFFIXES = (".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")

_DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, RuntimeError,
    ValueError, NotImplementedError,
)  # fmt: skip


class Archive:
    """An open archive and its members. Close it after use."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises SourceFailedError if the file is not a complete archive."""
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        self._tar: tarfile.TarFile | None = None
        self.members: dict[str, int] = {}
        """Names and sizes in bytes, in the order of the archive."""
        with damage_errors(path):
            if zipfile.is_zipfile(path):
                self._zip = zipfile.ZipFile(path)
                entries = sorted(self._zip.infolist(), key=lambda entry: entry.header_offset)
                self.members = {e.filename: e.file_size for e in entries if not e.is_dir()}
            else:
                self._tar = tarfile.open(path)  # noqa: SIM115 - closed by close()
                self.members = {m.name: m.size for m in self._tar.getmembers() if m.isfile()}

    def open(self, name: str) -> IO[bytes]:
        """Open a member for reading."""
        if self._zip is not None:
            return self._zip.open(name)
        assert self._tar is not None
        stream = self._tar.extractfile(name)
        assert stream is not None
        return stream

    def close(self) -> None:
        """Close the archive's file."""
        for archive in (self._zip, self._tar):
            if archive is not None:
                archive.close()


@contextmanager
def damage_errors(path: Path) -> Iterator[None]:
    """Turn the errors of a damaged archive into a SourceFailedError."""
    try:
        yield
    except tarfile.ReadError as error:  # its message lists every compression that was tried
        raise SourceFailedError(f"{path.name} is damaged, or no archive") from error
    except _DAMAGED as error:
        raise SourceFailedError(f"{path.name} is damaged: {_first_line(error)}") from error
    except OSError as error:
        if error.errno is not None:  # the disk's; bz2 raises one without a number for its own
            raise
        raise SourceFailedError(f"{path.name} is damaged: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def is_archive(path: Path) -> bool:
    """Whether a file's name is that of an archive."""
    return path.name.lower().endswith(SUFFIXES)


def archive_of(package: str, paths: Sequence[Path]) -> Path | None:
    """Find the archive of a pinned package (`name==1.0`, `@scope/name@1.0`) among files."""
    if "==" in package:
        name, _, version = package.partition("==")
        wanted = f"{_normalized(name)}-{version}-"
        found = [path for path in paths if path.suffix == ".whl" and _wheel_prefix(path) == wanted]
    else:
        name, _, version = package.rpartition("@")
        tarball = f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
        found = [path for path in paths if path.name == tarball]
    return found[0] if found else None


def _wheel_prefix(path: Path) -> str:
    name, version, *_ = [*path.name.split("-"), ""]
    return f"{_normalized(name)}-{version}-"


def _normalized(name: str) -> str:
    """A project's name in a form that is the same for all its spellings."""
    return re.sub(r"[-_.]+", "_", name).lower()


def install_members(
    paths: Sequence[Path],
    members: Mapping[str, tuple[str, ...]],
    files: Sequence[ModelFile],
    folder: Path,
    meter: Meter,
) -> None:
    """Write files from members of archives into a folder. A file may consist of several members.

    Raises SourceFailedError if a member is missing or a file's bytes are not the manifest's.
    """
    with ExitStack() as stack:
        places: dict[str, tuple[int, Archive]] = {}
        for path in paths:
            archive = Archive(path)
            stack.callback(archive.close)
            for name in archive.members:
                places.setdefault(name, (len(places), archive))
        missing = [part for file in files for part in members[file.name] if part not in places]
        if missing:
            names = ", ".join(path.name for path in paths)
            raise SourceFailedError(f"{missing[0]} is not in {names}")
        # In the order of the archive: to go back in a compressed tar, it is read from its start.
        for file in sorted(files, key=lambda file: places[members[file.name][0]][0]):
            with IncomingFile(folder, file) as incoming:
                incoming.restart()
                for part in members[file.name]:
                    archive = places[part][1]
                    with damage_errors(archive.path), archive.open(part) as stream:
                        while block := stream.read(1 << 20):
                            incoming.write(block)
                            meter.check()
                incoming.finish()

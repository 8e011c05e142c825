"""Whether the disk has room for a pull, and where what is fetched goes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from stslocal.errors import OutputError, output_error
from stslocal.models.download.arrival import disk_errors, disk_full, size_so_far
from stslocal.models.download.cache import DownloadCache
from stslocal.models.manifest import HubSource, Model, ModelFile
from stslocal.models.rebuilding import left_to_build_from
from stslocal.models.store import ModelStore
from stslocal.storage import MODELS_VARIABLE

SPARE_BYTES = 16_000_000
"""What a pull leaves free on the disk beyond what it needs."""


def check_space(store: ModelStore, models: Sequence[Model], cache: DownloadCache) -> None:
    """Refuse early what would fail late. Raises OutputError."""
    absent = [model for model in models if model.package is None and not store.installed(model.id)]
    needed = sum(_needed_bytes(store, model, cache) for model in absent)
    if not needed:
        return
    try:
        with disk_errors(store.root, needed):
            store.root.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(store.root).free < needed + SPARE_BYTES:
                raise disk_full(store.root, needed)
    except FileExistsError as error:
        raise OutputError(
            f"{store.root} is a file: set {MODELS_VARIABLE} to a folder for the models"
        ) from error
    except OSError as error:
        raise output_error(store.root, error) from error


def _needed_bytes(store: ModelStore, model: Model, cache: DownloadCache) -> int:
    """Room for a model: what is fetched, in its packages too, and what is made of it beside it."""
    missing = [file for file in model.files if not cache.has(file)]
    if model.build is None or not missing:
        fetched, made = missing, 0
    else:
        left = left_to_build_from(model, store.location(model))
        fetched = [] if left else [file for file in model.fetched if not cache.has(file)]
        made = model.bytes or sum(file.bytes or 0 for file in model.fetched)
    packed = 2 if any(not isinstance(source, HubSource) for source in model.sources) else 1
    folder = arrivals(store, model)
    return sum(_absent_bytes(folder, file) * packed for file in fetched) + made


def _absent_bytes(folder: Path, file: ModelFile) -> int:
    """What of a file an earlier pull did not bring, as far as its size is known."""
    path = folder / file.name
    here = path.stat().st_size if path.is_file() else size_so_far(folder, file)
    return max(0, (file.bytes or 0) - here)


def arrivals(store: ModelStore, model: Model) -> Path:
    """The folder that fetched files come into."""
    return store.location(model) if model.build is None else store.incoming(model) / "inputs"

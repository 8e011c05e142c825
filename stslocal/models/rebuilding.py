"""Which installed models were built by an older version of stslocal, and must be built again."""

from __future__ import annotations

from pathlib import Path

from stslocal.models.manifest import Model, ModelFile
from stslocal.models.records import ModelRecords


def must_be_built_again(model: Model, folder: Path, records: ModelRecords) -> bool:
    """Whether an older version installed what is in `folder`.

    It left the files that the model is now built from, or built with an older version of the step.
    What a person built here by hand stays.
    """
    if model.build is None:
        return False
    if not any((folder / file.name).exists() for file in model.files):
        return bool(left_to_build_from(model, folder))
    if any(record.built for record in records.files().values()):
        return False
    return records.build_version() not in (None, model.build.version)


def left_to_build_from(model: Model, folder: Path) -> tuple[ModelFile, ...]:
    """Files in `folder` that the model can be built from, by their names and sizes.

    Empty where they are not all there.
    """
    for files in () if model.build is None else model.build.choices:
        if all(file.sha256 and _has_size(folder / file.name, file.bytes) for file in files):
            return files
    return ()


def remove_what_it_was_built_from(model: Model, folder: Path) -> None:
    """Delete published files, and those of older versions, from a folder with the built ones.

    They would verify nothing, since the built files have a sha256 of their own, and of the starter
    pack they are a quarter.
    """
    loaded = {file.name for file in model.files}
    for files in () if model.build is None else model.build.choices:
        for file in files:
            if file.name not in loaded:
                (folder / file.name).unlink(missing_ok=True)


def _has_size(path: Path, size: int | None) -> bool:
    return path.is_file() and size in (None, path.stat().st_size)

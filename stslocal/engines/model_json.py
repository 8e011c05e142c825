"""Reads the JSON files of a model's folder and checks their type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stslocal.errors import ModelIntegrityError
from stslocal.foreign_files import UnreadableFileError, read_json


def read_object(path: Path) -> dict[str, Any]:
    """Read a file that holds an object. Raises ModelIntegrityError with the next command to run."""
    document = _read(path)
    if not isinstance(document, dict):
        raise damaged(path, "it holds no object")
    return document


def read_strings(path: Path) -> list[str]:
    """Read a file that holds a list of strings. Raises as `read_object`."""
    document = _read(path)
    if not isinstance(document, list) or not all(isinstance(entry, str) for entry in document):
        raise damaged(path, "it holds no list of strings")
    return document


def damaged(path: Path, why: object) -> ModelIntegrityError:
    """The error for a damaged file of a model's folder, with the next command to run."""
    return ModelIntegrityError(f"{path} is damaged ({why}): {how_to_get(path.parent)}")


def how_to_get(folder: Path) -> str:
    """The advice to run the command that fetches the model of a folder."""
    return f"run `stslocal models pull {folder.name}`"


def _read(path: Path) -> object:
    try:
        document: object = read_json(path)
    except UnreadableFileError as error:
        raise damaged(path, f"it {error}") from error
    return document

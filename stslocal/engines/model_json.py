"""JSON files beside a model's weights, read with a check that they hold what they should."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stslocal.errors import ModelIntegrityError


def read_object(path: Path) -> dict[str, Any]:
    """Read a file that holds an object. Raises ModelIntegrityError with the command that helps."""
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
    """Say that a file of a model's folder is not what it was, and what to run."""
    return ModelIntegrityError(f"{path} is damaged ({why}): {how_to_get(path.parent)}")


def how_to_get(folder: Path) -> str:
    """Name the command that fetches the model of a folder."""
    return f"run `stslocal models pull {folder.name}`"


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, error) from error

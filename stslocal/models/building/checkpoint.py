"""Reads the weights of a checkpoint in the layout of Hugging Face's transformers.

They are in `model.safetensors` or `pytorch_model.bin`, or in several such files that an index
lists. Arrays are views of the files, which are mapped into memory.

Source: transformers' `save_pretrained`; the safetensors repository's README.md for that format
(an int64 header length, a JSON header, then the arrays).
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError, ModelNotFoundError
from stslocal.foreign_files import parse_json, read_json
from stslocal.models.building.torch_legacy import read_legacy_checkpoint
from stslocal.models.building.torch_zip import read_zip_checkpoint

WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""Names of the weights' file, in order of preference."""

_SAFETENSORS_TYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "I64": np.dtype("<i8"),
}


def weight_files(folder: Path) -> list[Path]:
    """The files that contain a checkpoint's weights. Raises ModelNotFoundError."""
    for name in WEIGHTS:
        index = folder / f"{name}.index.json"
        if (folder / name).is_file():
            return [folder / name]
        if index.is_file():
            try:
                parts = set(read_json(index)["weight_map"].values())
                paths = sorted(folder / Path(part).name for part in parts)
            except Exception as error:
                raise ModelIntegrityError(f"{index} is damaged: {error!r}") from error
            for path in paths:
                if not path.is_file():
                    raise ModelNotFoundError(f"{folder} lacks {path.name}, a part of {index.name}")
            return paths
    raise ModelNotFoundError(f"{folder} holds neither {' nor '.join(WEIGHTS)}")


def read_weights(folder: Path) -> dict[str, NDArray[Any]]:
    """All arrays of a checkpoint, by the names that PyTorch gives them.

    They are read-only views of the files. bfloat16, which numpy lacks, is copied to float32.
    Raises ModelNotFoundError or ModelIntegrityError.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for path in weight_files(folder):
        arrays.update(read_file(path))
    return arrays


def read_file(path: Path) -> dict[str, NDArray[Any]]:
    """Read one file of a checkpoint, in any of the three formats. Raises ModelIntegrityError."""
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if zipfile.is_zipfile(path):
        return read_zip_checkpoint(path)
    return read_legacy_checkpoint(path)


def _read_safetensors(path: Path) -> dict[str, NDArray[Any]]:
    try:
        content = np.memmap(path, np.uint8, "r")
        start = 8 + int(content[:8].view("<u8")[0])
        header: dict[str, Any] = parse_json(content[8:start].tobytes())
        header.pop("__metadata__", None)
        return {name: _tensor(content[start:], **entry) for name, entry in header.items()}
    except Exception as error:
        raise ModelIntegrityError(f"{path} is not a safetensors file: {error}") from error


def _tensor(
    content: NDArray[np.uint8], *, dtype: str, shape: list[int], data_offsets: tuple[int, int]
) -> NDArray[Any]:
    first, end = data_offsets
    if not 0 <= first <= end <= len(content):
        raise ValueError("an array reaches beyond the file")
    values: NDArray[Any] = content[first:end].view(_SAFETENSORS_TYPES[dtype]).reshape(shape)
    if dtype == "BF16":  # the upper half of a float32
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return values

"""Reads the checkpoints that `torch.save` writes since version 1.6, without PyTorch.

Such a file is a zip archive: `NAME/data.pkl` is the saved object, and each `NAME/data/KEY` has the
raw values of a storage. The archive is not compressed, so the arrays are views of the file, which
is mapped into memory. Arrays that are not used are not read.

Source: torch/serialization.py, `_save` and `_load`; the zip format's local file header.
"""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError
from stslocal.models.building.torch_pickle import TensorUnpickler, flatten

_LOCAL_HEADER = struct.Struct("<26xHH")
"""The header before a member: 26 bytes, then the lengths of its name and of its extra fields."""


def read_zip_checkpoint(path: Path) -> dict[str, NDArray[Any]]:
    """Map every tensor of a checkpoint. Names and shapes are as in `read_legacy_checkpoint`.

    The arrays are read-only, and the file must exist while they are used. Raises
    ModelIntegrityError if the file is not in this format.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            (pickled,) = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            root = pickled.removesuffix("data.pkl")
            if f"{root}byteorder" in archive.NameToInfo and (
                archive.read(f"{root}byteorder") != b"little"
            ):
                raise ValueError("its values are not little-endian")
            unpickler = TensorUnpickler(io.BytesIO(archive.read(pickled)))
            saved = unpickler.load()
            members = {key: archive.getinfo(f"{root}data/{key}") for key in unpickler.storages}
        content = np.memmap(path, np.uint8, "r")
        for key, storage in unpickler.storages.items():
            raw = _member(content, members[key])
            if len(raw) != storage.numel * storage.dtype.itemsize:
                raise ValueError(f"storage {key} has {len(raw)} bytes, which does not fit its type")
            storage.values = raw.view(storage.dtype)
        tensors: dict[str, NDArray[Any]] = {}
        flatten(saved, tensors)
    except Exception as error:  # what unpickling, zip, decompression and mapping raise
        raise ModelIntegrityError(f"{path} is not a PyTorch checkpoint: {error}") from error
    return tensors


def _member(content: NDArray[np.uint8], member: zipfile.ZipInfo) -> NDArray[np.uint8]:
    """The bytes of an uncompressed member."""
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{member.filename} is compressed")
    header = content[member.header_offset :][: _LOCAL_HEADER.size].tobytes()
    start = member.header_offset + _LOCAL_HEADER.size + sum(_LOCAL_HEADER.unpack(header))
    return content[start : start + member.file_size]

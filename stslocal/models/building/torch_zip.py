"""Read the checkpoints of today's `torch.save` without PyTorch, and without reading them whole.

Since version 1.6 such a file is a zip archive: `NAME/data.pkl` is the saved object and
`NAME/data/KEY` each storage as raw values. The archive is not compressed, so the arrays are
views of the file mapped into memory: one that is not looked at costs nothing.

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
from stslocal.models.building.torch_pickle import NOT_SUCH_A_FILE, TensorUnpickler, flatten

_LOCAL_HEADER = struct.Struct("<26xHH")
"""What lies before a member: 26 bytes of it, then the lengths of its name and of extra fields."""


def read_zip_checkpoint(path: Path) -> dict[str, NDArray[Any]]:
    """Map every tensor of a checkpoint; names and shapes are as in `read_legacy_checkpoint`.

    The arrays are read-only and need the file to stay. Raises ModelIntegrityError for anything
    but such a file.
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
                raise ValueError(f"storage {key} has not the size that it should have")
            storage.values = raw.view(storage.dtype)
        tensors: dict[str, NDArray[Any]] = {}
        flatten(saved, "", tensors)
    except (*NOT_SUCH_A_FILE, zipfile.BadZipFile, struct.error) as error:
        raise ModelIntegrityError(f"{path} is not a PyTorch checkpoint: {error}") from error
    return tensors


def _member(content: NDArray[np.uint8], member: zipfile.ZipInfo) -> NDArray[np.uint8]:
    """The bytes of an uncompressed member."""
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{member.filename} is compressed")
    header = content[member.header_offset :][: _LOCAL_HEADER.size].tobytes()
    start = member.header_offset + _LOCAL_HEADER.size + sum(_LOCAL_HEADER.unpack(header))
    return content[start : start + member.file_size]

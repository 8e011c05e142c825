"""Reads PyTorch's legacy checkpoint format without PyTorch.

Before version 1.6, `torch.save` wrote five pickles one after the other (a magic number, a protocol
version, facts about the machine, the saved object, the keys of its storages). After them, each
storage is an int64 element count and raw little-endian values.

Source: torch/serialization.py, `_legacy_load` and `_legacy_save`.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError
from stslocal.models.building.torch_pickle import (
    UNPICKLING_ERRORS,
    Storage,
    TensorUnpickler,
    flatten,
)

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001


def _read_storages(file: BinaryIO, keys: list[str], storages: dict[str, Storage]) -> None:
    for key in keys:
        if key not in storages:
            raise pickle.UnpicklingError(f"no tensor refers to storage {key}")
        storage = storages[key]
        count = int.from_bytes(file.read(8), "little", signed=True)
        if count != storage.numel:
            raise pickle.UnpicklingError(f"storage {key} has {count} values, not {storage.numel}")
        size = count * storage.dtype.itemsize
        data = file.read(size)
        if len(data) != size:
            raise pickle.UnpicklingError("the file ends inside a storage")
        storage.values = np.frombuffer(data, storage.dtype)


def read_legacy_checkpoint(path: Path) -> dict[str, NDArray[Any]]:
    """Read every tensor of a legacy `.pt` file.

    Keys of nested dictionaries are joined with dots (`model_state.lstm.weight_ih_l0`). Values that
    are not tensors (step counters, settings) are left out. Arrays keep the shape and the type that
    they were saved with. Raises ModelIntegrityError if the file is not in this format.
    """
    try:
        with path.open("rb") as file:
            head = [TensorUnpickler(file).load() for _ in range(3)]
            if head[0] != _MAGIC or head[1] != _PROTOCOL:
                raise pickle.UnpicklingError("it starts with other values")
            if not head[2].get("little_endian", False):
                raise pickle.UnpicklingError("its values are not little-endian")
            unpickler = TensorUnpickler(file)
            saved = unpickler.load()
            keys = [str(key) for key in TensorUnpickler(file).load()]
            _read_storages(file, keys, unpickler.storages)
        tensors: dict[str, NDArray[Any]] = {}
        flatten(saved, tensors)
    except UNPICKLING_ERRORS as error:
        raise ModelIntegrityError(
            f"{path} is not a PyTorch checkpoint in the legacy format: {error}"
        ) from error
    return {name: np.array(values) for name, values in tensors.items()}

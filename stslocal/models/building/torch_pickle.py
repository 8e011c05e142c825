"""Reads the pickles inside PyTorch's checkpoints without PyTorch.

A tensor in them is a call of `torch._utils._rebuild_tensor_v2` on a view of a storage. The values
of the storage are elsewhere in the file.

A pickle may name any callable. So this unpickler accepts only three kinds of global: the tensor
rebuilder, the storage types and OrderedDict. It refuses any other before it calls anything.

Source: torch/serialization.py.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

STORAGE_TYPES = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
}


UNPICKLING_ERRORS = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)
"""The errors that unpickling raises for damaged or foreign bytes."""

_MOST_ENTRIES = 1_000_000
"""Tensors and dictionaries in a checkpoint. The largest one here has a few thousand."""
_LONGEST_NAME = 10_000


@dataclass(slots=True)
class Storage:
    """The values of one or more tensors. In the file they come after the pickled object."""

    dtype: np.dtype[Any]
    numel: int
    values: NDArray[Any] | None = None


@dataclass(slots=True)
class Tensor:
    """A view of a storage. It becomes an array after the storages have been read."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In elements, as PyTorch counts them."""

    def array(self) -> NDArray[Any]:
        """The tensor as a read-only view of the storage's values."""
        values = self.storage.values
        if values is None:
            raise pickle.UnpicklingError("a tensor refers to a storage that is not in the file")
        if min((self.offset, *self.shape, *self.strides)) < 0:
            raise pickle.UnpicklingError("a tensor has a negative size, stride or offset")
        if prod(self.shape) > len(values):
            raise pickle.UnpicklingError("a tensor is larger than its storage")
        if prod(self.shape) == 0:
            return np.empty(self.shape, values.dtype)
        last = self.offset + sum(
            (n - 1) * stride for n, stride in zip(self.shape, self.strides, strict=True)
        )
        if last >= len(values):
            raise pickle.UnpicklingError("a tensor reaches beyond its storage")
        return np.lib.stride_tricks.as_strided(
            values[self.offset :],
            self.shape,
            tuple(stride * values.itemsize for stride in self.strides),
            writeable=False,
        )


class _TensorRebuilder:
    """Makes a tensor. Each pickle gets a new one: it may set attributes of what it is given, and
    this has none.
    """

    __slots__ = ()

    def __call__(
        self,
        storage: object,
        offset: int,
        shape: tuple[int, ...],
        strides: tuple[int, ...],
        requires_grad: bool = False,
        backward_hooks: object = None,
    ) -> Tensor:
        if not isinstance(storage, Storage):
            raise pickle.UnpicklingError("a tensor is not built on a storage")
        return Tensor(storage, int(offset), tuple(shape), tuple(strides))


class TensorUnpickler(pickle.Unpickler):
    """Rebuilds tensors, plain containers and plain values, and refuses everything else."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="utf-8")
        self.storages: dict[str, Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _TensorRebuilder()
        if module == "torch" and name in STORAGE_TYPES:
            return STORAGE_TYPES[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is not a tensor")

    def persistent_load(self, pid: Any) -> Storage:
        kind, dtype, key, _location, numel, *view = pid  # only the legacy format has views
        if kind != "storage" or not isinstance(dtype, np.dtype) or view not in ([], [None]):
            raise pickle.UnpicklingError("it holds something other than plain storages")
        return self.storages.setdefault(str(key), Storage(dtype, int(numel)))


def flatten(value: object, into: dict[str, NDArray[Any]]) -> None:
    """Add the tensors of nested dictionaries to `into`, under their keys joined with dots.

    Raises UnpicklingError when there are more entries than a checkpoint has: a dictionary that is
    shared at each of 40 levels has 2 ** 40 of them in a few bytes.
    """
    entries = [(value, "")]
    visited = 0
    while entries:
        item, prefix = entries.pop()
        visited += 1
        if visited > _MOST_ENTRIES or len(prefix) > _LONGEST_NAME:
            raise pickle.UnpicklingError("it holds more entries than a checkpoint has")
        if isinstance(item, Tensor):
            into[prefix] = item.array()
        elif isinstance(item, dict):
            below = [
                (each, f"{prefix}.{key}" if prefix else str(key)) for key, each in item.items()
            ]
            entries.extend(reversed(below))

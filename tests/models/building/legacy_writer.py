"""Writes checkpoints in PyTorch's legacy format without PyTorch."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
TYPES = {
    "<f4": "FloatStorage",
    "<f8": "DoubleStorage",
    "<f2": "HalfStorage",
    "<i8": "LongStorage",
}


@dataclass(frozen=True)
class Global:
    """A global that the pickle refers to by its name."""

    module: str
    name: str


ORDERED_DICT = Global("collections", "OrderedDict")


@dataclass(frozen=True)
class Storage:
    key: str
    values: Any
    dtype: Global | None = None

    def persistent_id(self) -> tuple[Any, ...]:
        kind = self.dtype or Global("torch", TYPES[self.values.dtype.str])
        return ("storage", kind, self.key, "cpu", len(self.values), None)


@dataclass(frozen=True)
class Tensor:
    storage: Any
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


_Pickler: Any = pickle._Pickler  # written in Python: its table of writers can be extended


class Writer(_Pickler):  # type: ignore[misc]
    """Pickles the classes above as torch.save did."""

    dispatch: ClassVar[dict[Any, Any]] = dict(_Pickler.dispatch)

    def persistent_id(self, obj: object) -> tuple[Any, ...] | None:
        return obj.persistent_id() if isinstance(obj, Storage) else None

    def save_global_name(self, obj: Global) -> None:
        self.write(f"c{obj.module}\n{obj.name}\n".encode())

    def save_tensor(self, obj: Tensor) -> None:
        self.save(Global("torch._utils", "_rebuild_tensor_v2"))
        self.save((obj.storage, obj.offset, obj.shape, obj.strides, False, OrderedDict()))
        self.write(pickle.REDUCE)

    dispatch[Global] = save_global_name
    dispatch[Tensor] = save_tensor


def checkpoint(
    saved: object, storages: list[Storage], *, magic: int = MAGIC, facts: object = None
) -> bytes:
    file = io.BytesIO()
    facts = {"little_endian": True} if facts is None else facts
    for value in (magic, 1001, facts, saved, [storage.key for storage in storages]):
        Writer(file, 2).dump(value)
    for storage in storages:
        file.write(np.int64(len(storage.values)).tobytes() + storage.values.tobytes())
    return file.getvalue()

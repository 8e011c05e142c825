"""Reads CTranslate2's `model.bin`, and copies it with fewer rows of its arrays.

The file has a header (version, name and revision of the specification), then each array as name,
shape, type and raw bytes, then aliases of arrays. All integers are little-endian; strings end in a
zero byte.

Source: ctranslate2/specs/model_spec.py, `_serialize`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError

_VERSION = 6
_TYPE_BYTES = (4, 1, 2, 4, 2, 2)
"""Bytes per value of float32, int8, int16, int32, float16 and bfloat16."""
_ROW_PER_TOKEN = re.compile(r"(embeddings(_\d+)?|projection)/(weight|weight_scale|bias)$")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredArray:
    """The description of an array in the file."""

    name: str
    shape: tuple[int, ...]
    type: int
    """Its index in _TYPE_BYTES."""
    start: int
    """Offset of its bytes."""
    bytes: int

    def has_row_per_token(self, tokens: int) -> bool:
        """Whether it has one row for each token of the vocabulary."""
        return bool(self.shape and self.shape[0] == tokens and _ROW_PER_TOKEN.search(self.name))


@dataclass(frozen=True, slots=True)
class ModelBin:
    """The structure of a `model.bin`. Its arrays stay in the file."""

    path: Path
    head: bytes
    """The bytes before the number of arrays."""
    arrays: tuple[StoredArray, ...]
    tail: bytes
    """The bytes after the arrays: their aliases."""

    @classmethod
    def read(cls, path: Path) -> ModelBin:
        """Read the structure of a file. Raises ModelIntegrityError if it is no `model.bin`."""
        try:
            with path.open("rb") as file:
                (version,) = _unpack(file, "<I")
                if version != _VERSION:
                    raise ValueError(f"its version is {version} instead of {_VERSION}")
                _read_string(file)
                _unpack(file, "<I")
                head_end = file.tell()
                (count,) = _unpack(file, "<I")
                arrays = tuple(_read_array(file) for _ in range(count))
                tail = file.read()
                file.seek(0)
                return cls(path, file.read(head_end), arrays, tail)
        except (ValueError, LookupError, struct.error) as error:
            raise ModelIntegrityError(
                f"{path} is not a model of CTranslate2 that can be trimmed: {error}"
            ) from error

    def write_with_only(self, rows: Sequence[int], tokens: int, target: Path) -> None:
        """Write a copy. Arrays with one row for each of `tokens` tokens keep only `rows`."""
        kept_rows = np.asarray(rows)
        with self.path.open("rb") as source, target.open("wb") as out:
            out.write(self.head + struct.pack("<I", len(self.arrays)))
            for array in self.arrays:
                cut = array.has_row_per_token(tokens)
                _write_array_header(out, array, len(rows) if cut else None)
                source.seek(array.start)
                if cut:
                    _copy_rows(self.path, array, kept_rows, out)
                else:
                    _copy(source, out, array.bytes)
            out.write(self.tail)


def _unpack(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _read_string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<H")
    return file.read(length)[:-1].decode()


def _read_array(file: BinaryIO) -> StoredArray:
    name = _read_string(file)
    (rank,) = _unpack(file, "<B")
    shape = _unpack(file, f"<{rank}I")
    kind, size = _unpack(file, "<BI")
    if size != _TYPE_BYTES[kind] * int(np.prod(shape, dtype=np.int64)):
        raise ValueError(f"the size of {name} does not fit its shape")
    array = StoredArray(name, shape, kind, file.tell(), size)
    file.seek(size, 1)
    return array


def _write_array_header(out: BinaryIO, array: StoredArray, rows: int | None) -> None:
    shape = array.shape if rows is None else (rows, *array.shape[1:])
    size = _TYPE_BYTES[array.type] * int(np.prod(shape, dtype=np.int64))
    name = array.name.encode() + b"\0"
    out.write(struct.pack("<H", len(name)) + name)
    out.write(struct.pack(f"<B{len(shape)}I", len(shape), *shape))
    out.write(struct.pack("<BI", array.type, size))


def _copy(source: BinaryIO, out: BinaryIO, count: int) -> None:
    while count:
        block = source.read(min(count, _BLOCK))
        if not block:
            raise ModelIntegrityError("the model's file ends inside an array")
        out.write(block)
        count -= len(block)


def _copy_rows(path: Path, array: StoredArray, rows: NDArray[np.int64], out: BinaryIO) -> None:
    width = array.bytes // array.shape[0]
    table = np.memmap(path, np.uint8, "r", array.start, (array.shape[0], width))
    step = max(1, _BLOCK // width)
    for first in range(0, len(rows), step):
        out.write(table[rows[first : first + step]].tobytes())

"""Checkpoints of PyTorch 1.6 and later are read without PyTorch, and no code in them is called."""

from __future__ import annotations

import io
import os
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stslocal.errors import ModelIntegrityError
from stslocal.models.building.torch_zip import read_zip_checkpoint
from tests.models.building.legacy_writer import Storage, Tensor, Writer

pytestmark = pytest.mark.unit


class ZipStorage(Storage):
    """A storage as the zip format refers to it, which is without a view."""

    def persistent_id(self) -> tuple[Any, ...]:
        return super().persistent_id()[:-1]


def write(
    path: Path,
    saved: object,
    storages: list[Storage],
    *,
    compression: int = zipfile.ZIP_STORED,
    order: bytes = b"little",
) -> Path:
    pickled = io.BytesIO()
    Writer(pickled, 2).dump(saved)
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("model/data.pkl", pickled.getvalue())
        archive.writestr("model/byteorder", order)
        for storage in storages:
            archive.writestr(f"model/data/{storage.key}", storage.values.tobytes())
    return path


def storage(size: int = 12) -> ZipStorage:
    return ZipStorage("7", np.arange(size, dtype="<f4"))


def test_tensors_are_views_of_the_file(tmp_path: Path) -> None:
    weights = storage()
    saved = OrderedDict(
        {
            "whole": Tensor(weights, 0, (3, 4), (4, 1)),
            "transposed": Tensor(weights, 0, (4, 3), (1, 4)),
            "empty": Tensor(weights, 0, (0, 4), (4, 1)),
        }
    )
    found = read_zip_checkpoint(write(tmp_path / "m.bin", {"model": saved}, [weights]))
    grid = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(found["model.whole"], grid)
    np.testing.assert_array_equal(found["model.transposed"], grid.T)
    assert found["model.empty"].shape == (0, 4)
    assert not found["model.whole"].flags.writeable
    assert not found["model.whole"].flags.owndata


def test_a_call_of_another_function_is_refused_and_not_made(tmp_path: Path) -> None:
    class Attack:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.mkdir, (str(tmp_path / "attacked"),))

    with pytest.raises(ModelIntegrityError, match=r"asks for posix.mkdir|asks for nt.mkdir"):
        read_zip_checkpoint(write(tmp_path / "m.bin", {"x": Attack()}, []))
    assert not (tmp_path / "attacked").exists()


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.bin"
    tensor = {"x": Tensor(storage(), 0, (3,), (1,))}
    for make, message in [
        (lambda: path.write_bytes(b"no archive"), "not a PyTorch checkpoint"),
        (lambda: write(path, tensor, []), "data/7"),
        (lambda: write(path, tensor, [storage(11)]), "has 44 bytes, which does not fit its type"),
        (lambda: write(path, tensor, [storage()], order=b"big"), "not little-endian"),
        (
            lambda: write(path, tensor, [storage()], compression=zipfile.ZIP_DEFLATED),
            "is compressed",
        ),
        (
            lambda: write(path, {"x": Tensor(storage(), 10, (3,), (1,))}, [storage()]),
            "beyond its storage",
        ),
    ]:
        make()  # type: ignore[no-untyped-call]
        with pytest.raises(ModelIntegrityError, match=message):
            read_zip_checkpoint(path)

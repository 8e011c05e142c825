"""Legacy checkpoints of PyTorch are read without PyTorch, and no code in them is called."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.errors import ModelIntegrityError
from stslocal.models.building.torch_legacy import read_legacy_checkpoint
from tests.models.building.legacy_writer import ORDERED_DICT, Global, Storage, Tensor, checkpoint

pytestmark = pytest.mark.unit


def read(tmp_path: Path, data: bytes) -> dict[str, Any]:
    path = tmp_path / "model.pt"
    path.write_bytes(data)
    return read_legacy_checkpoint(path)


def storage(size: int = 12, dtype: str = "<f4") -> Storage:
    return Storage("7", np.arange(size, dtype=dtype))


def test_tensors_are_read_with_dotted_names(tmp_path: Path) -> None:
    weights = storage()
    saved = {
        "step": 12,
        "model": OrderedDict(
            {
                "whole": Tensor(weights, 0, (3, 4), (4, 1)),
                "transposed": Tensor(weights, 0, (4, 3), (1, 4)),
                "tail": Tensor(weights, 10, (2,), (1,)),
                "scalar": Tensor(weights, 5, (), ()),
                "empty": Tensor(weights, 0, (0, 4), (4, 1)),
            }
        ),
    }
    found = read(tmp_path, checkpoint(saved, [weights]))
    grid = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert set(found) == {f"model.{name}" for name in saved["model"]}  # type: ignore[attr-defined]
    np.testing.assert_array_equal(found["model.whole"], grid)
    np.testing.assert_array_equal(found["model.transposed"], grid.T)
    np.testing.assert_array_equal(found["model.tail"], [10, 11])
    assert found["model.scalar"] == 5
    assert found["model.empty"].shape == (0, 4)


@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<f2", "<i8"])
def test_the_type_is_kept(tmp_path: Path, dtype: str) -> None:
    values = storage(3, dtype)
    found = read(tmp_path, checkpoint({"x": Tensor(values, 0, (3,), (1,))}, [values]))
    assert found["x"].dtype == np.dtype(dtype)


def test_a_call_of_another_function_is_refused_and_not_made(tmp_path: Path) -> None:
    class Attack:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.mkdir, (str(tmp_path / "attacked"),))

    with pytest.raises(ModelIntegrityError, match=r"asks for posix.mkdir|asks for nt.mkdir"):
        read(tmp_path, checkpoint({"x": Attack()}, []))
    assert not (tmp_path / "attacked").exists()


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (Tensor(storage(), 0, (13,), (1,)), "larger than its storage"),
        (Tensor(storage(), 0, (1 << 40,), (0,)), "larger than its storage"),
        (Tensor(storage(), 10, (3,), (1,)), "beyond its storage"),
        (Tensor(storage(), -1, (3,), (1,)), "negative"),
        (Tensor(storage(), 11, (3,), (-1,)), "negative"),
        (Tensor(storage(), 0, (2, 2), (1,)), "legacy format"),
        (Tensor(None, 0, (2,), (1,)), "not built on a storage"),
        (Tensor(Storage("9", np.zeros(2, "f")), 0, (2,), (1,)), "no tensor refers to storage 7"),
        (Tensor(Storage("7", np.zeros(2), Global("torch", "nn.Module")), 0, (2,), (1,)), "nn.Mod"),
        (Tensor(Storage("7", np.zeros(2), ORDERED_DICT), 0, (2,), (1,)), "plain storages"),
    ],
)
def test_a_tensor_that_does_not_fit_its_storage_is_refused(
    tmp_path: Path, tensor: Tensor, message: str
) -> None:
    with pytest.raises(ModelIntegrityError, match=message):
        read(tmp_path, checkpoint({"x": tensor}, [storage()]))


def test_a_missing_storage_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelIntegrityError, match="not in the file"):
        read(tmp_path, checkpoint({"x": Tensor(storage(), 0, (3,), (1,))}, []))


def test_other_files_are_refused(tmp_path: Path) -> None:
    weights = storage()
    tensor = {"x": Tensor(weights, 0, (3,), (1,))}
    for data, message in [
        (b"", "legacy format"),
        (b"PK\x03\x04 a newer checkpoint", "legacy format"),
        (checkpoint(tensor, [weights], magic=1), "it starts with other values"),
        (checkpoint(tensor, [weights], facts={"little_endian": False}), "not little-endian"),
        (checkpoint(tensor, [weights], facts=3), "legacy format"),
        (checkpoint(tensor, [weights])[:-1], "ends inside a storage"),
        (checkpoint(tensor, [storage(11)]), "has 11 values, not 12"),
    ]:
        with pytest.raises(ModelIntegrityError, match=message):
            read(tmp_path, data)


@given(st.data())
def test_a_changed_byte_raises_an_integrity_error_or_gives_arrays(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    weights = storage()
    whole = bytearray(checkpoint({"x": Tensor(weights, 0, (3, 4), (4, 1))}, [weights]))
    position = data.draw(st.integers(0, len(whole) - 1))
    whole[position] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.pt"
    path.write_bytes(bytes(whole))
    try:
        found = read_legacy_checkpoint(path)
    except ModelIntegrityError:
        return
    assert all(isinstance(array, np.ndarray) for array in found.values())

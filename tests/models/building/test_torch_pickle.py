"""Checkpoints whose size in the file says nothing about the work that they ask for."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stslocal.models.building.torch_pickle import Storage, Tensor, flatten

pytestmark = pytest.mark.unit


def tensor(value: float) -> Tensor:
    storage = Storage(np.dtype(np.float32), 1, np.array([value], np.float32))
    return Tensor(storage, 0, (1,), (1,))


def test_nested_dictionaries_become_names_with_dots() -> None:
    arrays: dict[str, NDArray[Any]] = {}
    flatten({"a": {"b": tensor(1), "c": tensor(2)}, "d": tensor(3), "step": 4}, arrays)
    assert {name: float(values[0]) for name, values in arrays.items()} == {
        "a.b": 1.0, "a.c": 2.0, "d": 3.0,
    }  # fmt: skip
    assert list(arrays) == ["a.b", "a.c", "d"]


@pytest.mark.parametrize("shape", ["shared", "endless"])
def test_dictionaries_that_contain_one_another_are_refused(shape: str) -> None:
    nested: dict[str, Any] = {}
    if shape == "endless":
        nested["a"] = nested
    for _ in range(40):
        nested = {"a": nested, "b": nested}
    with pytest.raises(pickle.UnpicklingError, match="more entries than a checkpoint has"):
        flatten(nested, {})

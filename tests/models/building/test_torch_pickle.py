"""Checkpoints whose size in the file says nothing about the work that they ask for."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stslocal.models.building.torch_pickle import (
    UNPICKLING_ERRORS,
    Storage,
    Tensor,
    TensorUnpickler,
    flatten,
)

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


@pytest.mark.parametrize("name", ["torch._utils _rebuild_tensor_v2", "collections OrderedDict"])
@pytest.mark.parametrize("attribute", ["__defaults__", "__call__", "x"])
@pytest.mark.parametrize("form", ["slots", "dictionary"])
def test_a_pickle_changes_nothing_that_outlives_it(name: str, attribute: str, form: str) -> None:
    """BUILD sets attributes of any object that the pickle has, a global too."""
    module, name = name.split()
    state = pickle.dumps({attribute: (1, 2)}, protocol=2)[2:-1]
    if form == "slots":
        state = b"N" + state + b"\x86"  # (None, {...})
    program = b"\x80\x02c" + f"{module}\n{name}\n".encode() + state + b"b."
    with pytest.raises(UNPICKLING_ERRORS):
        TensorUnpickler(io.BytesIO(program)).load()
    made = TensorUnpickler(io.BytesIO(b"\x80\x02c" + f"{module}\n{name}\n.".encode())).load()
    assert getattr(made, attribute, None) != (1, 2)

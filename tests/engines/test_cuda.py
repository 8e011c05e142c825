"""`auto` computes on a GPU only where it can."""

from __future__ import annotations

import pytest

from stslocal.engines import cuda
from stslocal.errors import EngineError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("wanted", "devices", "problem", "device"),
    [
        ("auto", 0, "", "cpu"),
        ("auto", 1, "", "cuda"),
        ("auto", 1, "libcublas is missing", "cpu"),
        ("cpu", 1, "", "cpu"),
        ("cuda", 1, "", "cuda"),
        ("cuda", 0, "libcublas is missing", "cuda"),
    ],
)
def test_the_device_is_one_that_works(
    wanted: str, devices: int, problem: str, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuda, "cuda_devices", lambda: devices)
    monkeypatch.setattr(cuda, "cublas_problem", lambda: problem)
    assert cuda.device_for(wanted) == device


def test_a_wanted_gpu_without_its_library_is_refused_before_it_computes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cuda, "cuda_devices", lambda: 1)
    monkeypatch.setattr(cuda, "cublas_problem", lambda: "libcublas is missing: install it")
    with pytest.raises(EngineError, match="libcublas is missing: install it"):
        cuda.device_for("cuda")

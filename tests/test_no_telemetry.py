from __future__ import annotations

import re
from importlib.metadata import distribution

import pytest

pytestmark = pytest.mark.unit


def test_the_installed_onnxruntime_has_no_telemetry_to_send() -> None:
    """A library with telemetry (1.29 and later) contains the name of its makers' collector."""
    files = [
        file
        for file in distribution("onnxruntime").files or []
        if re.search(r"onnxruntime_pybind11_state.*\.(so|pyd)$", file.name)
    ]
    assert files
    for file in files:
        assert b"OneCollector" not in file.locate().read_bytes()  # type: ignore[attr-defined]

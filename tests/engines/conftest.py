"""Engines on tiny models, made once for all tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tiny_xtts import load_tiny


@pytest.fixture(scope="session")
def tiny_xtts(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An `XttsSynthesizer` of random weights; it stops after `tiny_xtts.STOPS_AFTER` tokens."""
    return load_tiny(tmp_path_factory.mktemp("tiny-xtts"))

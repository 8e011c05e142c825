"""Skips the tests that need an extra (PyTorch, coqui-tts) which is missing, except in CI."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest


def need(module: str) -> Any:
    """Import a module of stslocal or of an extra; without the extra, skip the test or its file."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if os.environ.get("CI") == "true":
            raise
        reason = f"{error.name} is not installed: it comes with an extra of stslocal"
        pytest.skip(reason, allow_module_level=True)

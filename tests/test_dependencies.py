"""The base install has only packages that stslocal imports."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parent.parent
IMPORTED_AS = {"protobuf": "google"}


def imported() -> set[str]:
    """The top-level names of all imports in stslocal, also those inside functions."""
    names: set[str] = set()
    for module in (CHECKOUT / "stslocal").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names


def test_every_dependency_is_imported_by_the_package() -> None:
    document = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    required = [
        re.split(r"[\[<>=;~! ]", line)[0].lower() for line in document["project"]["dependencies"]
    ]
    expected = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in required}
    assert not expected - imported()

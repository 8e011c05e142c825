"""Damaged recordings of every container give sound or one error, and never end the process.

`scripts/fuzz/recordings.py` does the same with thousands of mutations.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

FUZZ = Path(__file__).parents[2] / "scripts" / "fuzz" / "recordings.py"


def test_a_few_mutations_of_every_format() -> None:
    done = subprocess.run(
        [sys.executable, str(FUZZ), "--once", "6", "--seed", "600"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0, "\n".join(lines[-5:])
    assert lines[-1].startswith("all: ")
    assert int(lines[-1].split()[1]) > 150

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(sys.platform != "linux", reason="libgomp is Linux's OpenMP"),
]

SETTINGS = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


def openmp_settings(**chosen: str) -> str:
    """What the OpenMP that CTranslate2 brings says of itself when the package loads it."""
    environ = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    done = subprocess.run(
        [sys.executable, "-c", "import stslocal.engines.nllb.translator"],
        env={**environ, **chosen, "OMP_DISPLAY_ENV": "VERBOSE"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_helpers_of_a_busy_processor_wait_awake_for_a_moment() -> None:
    said = openmp_settings()
    assert "OMP_WAIT_POLICY = 'ACTIVE'" in said
    assert "GOMP_SPINCOUNT = '300000'" in said


def test_what_a_person_chose_for_openmp_stays() -> None:
    said = openmp_settings(OMP_WAIT_POLICY="PASSIVE")
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in said
    assert "GOMP_SPINCOUNT = '0'" in said

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.unit

PROGRAM = """
    import os, sys
    from stslocal.cli.native_noise import native_noise_hidden
    os.write(2, b"before ")
    with native_noise_hidden():
        os.write(2, b"Expression failed in pa_linux_alsa.c ")
        print("printed", file=sys.stderr, end=" ")
    os.write(2, b"after ")
    print("printed again", file=sys.stderr)
"""


def test_only_native_output_is_hidden() -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)], capture_output=True, text=True, check=True
    )
    assert done.stderr == "before printed after printed again\n"


def test_without_standard_error_nothing_happens() -> None:
    program = "import os; os.close(2); exec(open(0).read())"
    lines = (
        "from stslocal.cli.native_noise import *\nwith native_noise_hidden():\n    print('on')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=lines, capture_output=True, text=True, check=True
    )
    assert done.stdout == "on\n"

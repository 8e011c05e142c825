"""Run all checks with one command: lint, format, types, layers, installs and tests.

    python scripts/check.py              all checks; fetches the starter pack on the first run
    python scripts/check.py --fast       only the tests without weights and without PyTorch
    python scripts/check.py -k subtitles other arguments go to pytest; --cov shows what tests reach

Runs from any folder, makes .venv when there is none, goes on after a failure and exits with 1
if a check failed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from environment import CHECKOUT, enter

NO_TESTS = 5
"""pytest's exit code when nothing was chosen."""


def main() -> int:
    """Run all checks and print a summary."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fast", action="store_true", help="only tests that need no weights")
    options, pytest_arguments = parser.parse_known_args()
    # The full pack's engines are tested on small models, which need PyTorch; a cluster needs Ray.
    enter("dev", *([] if options.fast else ["convert", "ray", "xtts"]))
    python = [sys.executable, "-m"]
    pytest = [*python, "pytest", *pytest_arguments]
    quick = "unit or contract"
    steps = {
        "models": [*python, "stslocal", "models", "pull", "starter"],
        "ruff": [*python, "ruff", "check", "."],
        "format": [*python, "ruff", "format", "--check", "."],
        "mypy": [*python, "mypy"],
        "layers": [str(Path(sys.executable).with_name("lint-imports"))],
        "resolve": [sys.executable, "scripts/resolve.py"],
        # On all cores. The others need the cores for themselves: they keep up with speech.
        "quick tests": [*pytest, "-m", quick, "-n", "auto", "--dist", "loadfile"],
        "real tests": [*pytest, "-m", f"not ({quick})"],
    }
    if options.fast:
        del steps["models"], steps["resolve"], steps["real tests"]
    if sys.version_info < (3, 11):
        # The last numpy for Python 3.10 types its arrays differently from the one after it.
        del steps["mypy"]
    failed = []
    summary = []
    without_tests = 0
    for name, command in steps.items():
        print(f"== {name}", flush=True)
        start = time.perf_counter()
        code = subprocess.run(command, cwd=CHECKOUT, check=False).returncode
        seconds = time.perf_counter() - start
        if code == NO_TESTS and pytest_arguments:  # `-k` may choose only tests of the other kind
            without_tests += 1
            code = 0 if without_tests == 1 else code
        summary.append(f"{name} {'ok' if code == 0 else 'FAILED'} ({seconds:.0f} s)")
        failed += [name] * (code != 0)
    print(f"== {', '.join(summary)}")
    print(f"{len(steps) - len(failed)} of {len(steps)} checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

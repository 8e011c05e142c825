"""The command line: one thin module per command, and the only place that prints."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (`sys.argv` by default) and return its exit code."""
    try:
        from stslocal.cli.app import main as run

        return run(argv)
    except KeyboardInterrupt:  # while the program itself is still loading
        print("stslocal: stopped", file=sys.stderr)
        return 130

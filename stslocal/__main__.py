"""`python -m stslocal` is the `stslocal` command."""

from __future__ import annotations

import sys

from stslocal.cli import main

if __name__ == "__main__":
    sys.exit(main())

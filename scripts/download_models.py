"""Fetch models into this checkout, as `stslocal models pull` does.

    python scripts/download_models.py            the starter pack
    python scripts/download_models.py full       another pack, or single models by name

Runs from any folder. Makes .venv first where there is none. `--help` shows the options.
"""

from __future__ import annotations

import sys

from environment import enter


def main() -> int:
    """Pass all arguments on to `stslocal models pull`."""
    enter()

    from stslocal.cli import main as stslocal

    options = sys.argv[1:]
    names_or_help = [word for word in options if not word.startswith("-") or word in _HELP]
    return stslocal(["models", "pull", *([] if names_or_help else ["starter"]), *options])


_HELP = ("-h", "--help")

if __name__ == "__main__":
    sys.exit(main())

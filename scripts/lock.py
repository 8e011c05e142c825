"""Write constraints.txt and the lock files, after a change to the dependencies in pyproject.toml.

    python scripts/lock.py              keep the versions, add new packages
    python scripts/lock.py --upgrade    take the newest versions

constraints.txt has the version of every package, all extras included. The lock files also have the
hashes of the files on the package index. They leave out the extras `xtts` and `convert`, because
PyTorch also comes from other places (a CPU build, a GPU vendor's), whose files have other hashes.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from environment import CHECKOUT, CONSTRAINTS, DEV_LOCK, LOCK, OLDEST, enter
from resolve import UnreachableError, run_uv

INSTALLERS = ("pip", "editables")
"""Packages that install the checkout, with the build system. hatchling needs editables for `-e`."""


def main() -> int:
    """Resolve for all Pythons and platforms together, and write the three files."""
    enter("dev")
    with tempfile.TemporaryDirectory() as folder:
        installers = Path(folder) / "installers.in"
        installers.write_text("\n".join((*INSTALLERS, *build_system())), encoding="utf-8")
        try:
            old = () if "--upgrade" in sys.argv[1:] else ("--constraints", str(CONSTRAINTS))
            pins = compiled(str(installers), "--all-extras", *old)
            write(CONSTRAINTS, "The version of every package that stslocal is tested with.", pins)
            kept = ("--constraints", str(CONSTRAINTS), "--generate-hashes")
            base = blocks(compiled(str(installers), *kept))
            dev = blocks(compiled(str(installers), *kept, "--extra", "dev"))
        except UnreachableError:
            sys.exit("cannot reach the package index")
    write(LOCK, "The base install and what installs it, with hashes.", "".join(base))
    added = "".join(block for block in dev if block not in base)
    write(DEV_LOCK, "What the extra `dev` adds to requirements.lock.", added)
    return 0


def build_system() -> list[str]:
    """The requirements of pyproject's build system."""
    document = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(document["build-system"]["requires"])


def compiled(*arguments: str) -> str:
    """The pinned requirements of the checkout, each with its hashes."""
    oldest = ".".join(map(str, OLDEST))
    # Without the address of the index and without comments about the dependents.
    plain = ("--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header")
    done = run_uv(["pyproject.toml", "--universal", "--python-version", oldest, *plain, *arguments])
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def blocks(text: str) -> list[str]:
    """Cut `text` into requirements, each with the lines of its hashes."""
    return re.findall(r"^\S.*\n(?:^ .*\n)*", text, re.MULTILINE)


def write(file: Path, title: str, text: str) -> None:
    """Write a file of requirements."""
    file.write_text(
        f"# {title}\n# Written by scripts/lock.py: do not edit.\n\n{text}",
        encoding="utf-8",
        newline="\n",
    )
    print(f"{file.name}: {len(blocks(text))} requirements")


if __name__ == "__main__":
    sys.exit(main())

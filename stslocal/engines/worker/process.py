"""Our side of a process that works for us: starts it, asks it, ends it.

    with WorkerProcess("stslocal.engines.sherpa.worker", "finds the speakers") as worker:
        reply = worker.ask(Message({"seconds": 8}, (samples,)), "talk.mp3")

`serving` is the other side. Each request has one answer. Any thread may ask; several wait for each
other. Nothing is opened but pipes: for requests, for answers, for what the process prints, which is
logged, and one that tells the process that ours lives, so that it ends with ours in any way.
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
from typing import BinaryIO, cast

from stslocal.engines.worker.messages import Message, RefusedError, read_message, write_message
from stslocal.errors import EngineError

_log = logging.getLogger(__name__)

_END_S = 2.0
"""Seconds that the process gets to end by itself."""
_LONGEST_LINE = 1000
"""Bytes of what the process prints that are logged at a time."""
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[3:]; "
    "import importlib; importlib.import_module(sys.argv[1]).main()"
)


class _EndedError(Exception):
    """The process has ended."""


class WorkerProcess:
    """A process that answers requests. It is started at the first one."""

    def __init__(self, module: str, does: str, *, attempts: int = 1) -> None:
        """`module` is that of which the process runs `main()`, `does` what it does, for a person:
        `translates`, for "the process that translates has ended".

        `attempts` says how often a request is sent where the process ends before it has answered.
        With more than 1 the process must remember nothing between requests.
        """
        self._module = module
        self._name = f"the process that {does}"
        self._attempts = attempts
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._printed: threading.Thread | None = None
        self._alive = -1
        """The end of a pipe that is closed when we end, in whatever way."""
        self._owner = 0

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The id of the process; None where none runs."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def ask(
        self, request: Message, about: str, announce: Callable[[str], None] = lambda text: None
    ) -> Message:
        """The answer to a request.

        `about` says for a person what is requested; `announce` is called with a sentence for the
        person where the process is started again. Raises RefusedError where the process says that
        it cannot do it or the request is too long, and EngineError where it ends each time, or
        cannot be started.
        """
        how = ""
        with self._lock:
            for attempt in range(self._attempts):
                try:
                    return self._exchange(request)
                except _EndedError as ended:
                    how = str(ended)
                if attempt + 1 < self._attempts:
                    sentence = (
                        f"{self._name} has ended ({how}): it is started again, and nothing is lost"
                    )
                    _log.warning("%s", sentence)
                    announce(sentence)
        raise EngineError(self._sentence(about, how))

    def close(self) -> None:
        """End the process. A later request starts a new one."""
        with self._lock:
            if self._process is not None:
                self._end(self._process)

    def _sentence(self, about: str, how: str) -> str:
        ends = "ends each time with" if self._attempts > 1 else "has ended at"
        step = "check the models with `stslocal models verify`"
        if how == "SIGKILL":  # nobody else kills it
            step = "memory may be short, so close other programs and try again"
        return f"{self._name} {ends} {about} ({how}): {step}"

    def _exchange(self, request: Message) -> Message:
        process = self._running()
        try:
            reply = _exchanged(process, request)
        except RefusedError:
            raise
        except BaseException:
            # Ctrl-C: nobody waits for the end of what it does, and an answer that nobody read would
            # be taken for the next one.
            process.kill()
            self._end(process)
            raise
        if reply is None:
            raise _EndedError(self._end(process))
        if "refused" in reply.fields:
            raise RefusedError(str(reply.fields["refused"]))
        return reply

    def _running(self) -> subprocess.Popen[bytes]:
        """The process; it is started where it is not there, or is that of a parent process."""
        if self._process is None or self._owner != os.getpid():
            self._process = self._start()
            self._owner = os.getpid()
            self._printed = threading.Thread(
                target=_log_lines,
                args=(self._process.stderr, self._name),
                name="printed by a process",
                daemon=True,  # else a program that ends would wait for it, and it for the program
            )
            self._printed.start()
            atexit.register(self.close)
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        theirs = ours = -1
        try:
            if sys.platform != "win32":
                theirs, ours = os.pipe()
            process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, self._module, str(theirs), *_import_paths()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                start_new_session=True,
                pass_fds=() if theirs < 0 else (theirs,),
            )
        except OSError as error:
            _close(ours)
            raise EngineError(f"{self._name} cannot be started: {error}") from error
        finally:
            _close(theirs)
        _close(self._alive)  # that of a parent process
        self._alive = ours
        return process

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
        _close(self._alive)
        self._alive = -1
        if self._printed is not None:
            self._printed.join()
        return _how_it_ended(code)


def _close(descriptor: int) -> None:
    if descriptor >= 0:
        os.close(descriptor)


def _exchanged(process: subprocess.Popen[bytes], request: Message) -> Message | None:
    """The answer of a process; None where it has ended. Raises RefusedError for a long request."""
    try:
        write_message(cast("BinaryIO", process.stdin), request)
    except OSError:
        return None
    except ValueError as error:
        raise RefusedError(str(error)) from error
    try:
        return read_message(cast("BinaryIO", process.stdout))
    except (OSError, ValueError):
        return None


def _log_lines(pipe: BinaryIO, name: str) -> None:
    """Log what a process prints, until it ends."""
    with pipe:
        while line := pipe.readline(_LONGEST_LINE):
            _log.debug("%s prints: %s", name, line.decode(errors="replace").rstrip())


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

"""Ctrl-C and the other signals that end a command: in order, and answered at once.

Python handles a signal in the main thread, between two of its steps. An engine call that runs there
delays that for seconds, and one that loads a model keeps all other threads waiting too. So a small
process beside this one reads the signals as they arrive, and answers them.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from stslocal.storage import delete_open_parts

_ANSWER_AFTER_S = 0.1
"""Most commands have ended by then, and need no answer."""
_END_WITHIN_S = 0.3
"""Time to end by itself after a second Ctrl-C."""
_HANDLED = 0x80
"""Added to a signal's number in the pipe: this one was answered by somebody else."""
_STOPPING = "stopping: the step that runs is finished first"
_AGAIN = " (Ctrl-C again to end at once)"
HANG_UP = getattr(signal, "SIGHUP", None)
"""The signal of a terminal that is closed; None on Windows."""
_CLEAR_LINE = "\r\x1b[2K"
_SHOW_CURSOR = "\x1b[?25h"


class Stopped(KeyboardInterrupt):
    """A signal asks the program to end, as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number


class _Answers:
    """The process that answers signals, and the pipe to it. Use it as a context manager.

    Python writes the number of each signal to the pipe at once, whatever runs.
    """

    def __init__(self, expected: frozenset[int], *, quiet: bool) -> None:
        self._expected = expected
        self._quiet = quiet

    def __enter__(self) -> _Answers:
        reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._child = os.fork()
        if self._child == 0:
            with suppress(BaseException):
                os.close(self._writing)
                self._answer(reading)
            os._exit(0)
        os.close(reading)
        self._fd_before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.set_wakeup_fd(self._fd_before)
        os.close(self._writing)  # the child reads that, and ends
        with suppress(OSError):
            os.waitpid(self._child, 0)

    def handled(self, number: int) -> None:
        """Let no answer be given to the signal that came last."""
        with suppress(OSError):
            os.write(self._writing, bytes([_HANDLED | number]))

    def _answer(self, reading: int) -> None:
        """Answer until the pipe is closed. Runs in the child, with nothing else in it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for descriptor in (0, 1):  # who reads our output need not wait for the child
            os.close(descriptor)
        parent = os.getppid()
        open_signals: Counter[int] = Counter()
        stopping = False
        while _read(reading, None, open_signals):
            while _is_readable(reading, _ANSWER_AFTER_S):
                if not _read(reading, 0, open_signals):
                    return
            interrupts = open_signals[signal.SIGINT]
            if interrupts > 1:
                if not _closes(reading, _END_WITHIN_S):
                    _write_to_terminal(_SHOW_CURSOR)
                    os.kill(parent, signal.SIGKILL)
                return
            if not stopping and any(open_signals[number] > 0 for number in self._expected):
                stopping = True
                if not self._quiet:
                    # A bar may stand in this line; it is drawn again below.
                    clear = _CLEAR_LINE if os.isatty(2) else ""
                    again = _AGAIN if interrupts else ""
                    os.write(2, f"{clear}{_STOPPING}{again}\n".encode())


def _read(reading: int, timeout_s: float | None, counts: Counter[int]) -> bool:
    """Count what is in the pipe; False when it is closed."""
    data = os.read(reading, 64) if _is_readable(reading, timeout_s) else b""
    for byte in data:
        counts[byte & ~_HANDLED] += -1 if byte & _HANDLED else 1
    return bool(data)


def _closes(reading: int, within_s: float) -> bool:
    return _is_readable(reading, within_s) and not os.read(reading, 64)


def _is_readable(descriptor: int, timeout_s: float | None) -> bool:
    return bool(select.select([descriptor], [], [], timeout_s)[0])


def _write_to_terminal(text: str) -> None:
    if os.isatty(2):
        os.write(2, text.encode())


_answers: _Answers | None = None


@contextmanager
def signals_end_in_order(*, alone: bool = False, quiet: bool = False) -> Iterator[None]:
    """Let the first signal to end the program end it in order, and a later Ctrl-C at once.

    Ending in order removes what is half written, and waits for the engine call that runs, because
    it cannot be interrupted. SIGTERM comes from `timeout`, `docker stop` and services, SIGHUP from
    a terminal that is closed; the latter often twice. What the caller has set, such as `nohup`,
    stays.

    `alone`: the process runs nothing but this command, so a child may be made that says at once
    what happens; unless `quiet`.
    """
    global _answers
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        if not stopped:
            stopped.append(number)
            raise Stopped(number)
        if number == signal.SIGINT:
            end_at_once(number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            default = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
            if number is not None and signal.getsignal(number) is default:
                before[number] = signal.signal(number, stop)
    try:
        if alone and before and hasattr(os, "fork"):
            with _Answers(frozenset(before), quiet=quiet) as _answers:
                yield
        else:
            yield
    finally:
        _answers = None
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def session_stopped_by_signals(
    stop_session: Callable[[], None], report: Callable[[str], None]
) -> Iterator[list[int]]:
    """Let the first signal to end the session end it in order, and a later Ctrl-C at once.

    The signals are Ctrl-C, SIGTERM and the SIGHUP of a terminal that is closed, unless the caller
    had it ignored, as `nohup` does. Yields the list of those that came.
    """
    received: list[int] = []

    def stop(signum: int, frame: FrameType | None) -> None:
        received.append(signum)
        signal_is_handled(signum)
        signal.signal(signal.SIGINT, next_interrupt)
        stop_session()
        report("ending: speech so far is still translated and played; Ctrl-C again ends at once")

    next_interrupt = signal.getsignal(signal.SIGINT)
    numbers = {signal.SIGINT, signal.SIGTERM}
    if HANG_UP and signal.getsignal(HANG_UP) is not signal.SIG_IGN:
        numbers.add(HANG_UP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def signal_is_handled(number: int) -> None:
    """Say, in a signal handler of one's own, that this signal was handled and answered."""
    if _answers is not None:
        _answers.handled(number)


def end_at_once(number: int) -> None:
    """End the process without waiting for anything, and leave no half-written file."""
    delete_open_parts()
    with suppress(OSError):
        _write_to_terminal(_SHOW_CURSOR)  # a bar may have hidden it
    os._exit(128 + number)

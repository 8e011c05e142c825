"""The side of the process that works: it reads requests from its input and answers on its output.

An engine's module has a `main()` for it:

    def answer(request: Message) -> Message: ...    # raises RefusedError for what cannot be done

    def main() -> None:
        run(answer)

There is one thread and nothing else to do. Any other fault than RefusedError ends the process: the
other side says so, or starts a new one. The process ends when its input ends, so it cannot outlive
the one that started it. On Linux and macOS it ends then also in the middle of a call that holds
Python's lock; on Windows at the end of that call.
"""

from __future__ import annotations

import faulthandler
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeAlias

from stslocal.engines.worker.messages import Message, RefusedError, read_message, write_message

if sys.platform != "win32":
    import fcntl

Answer: TypeAlias = Callable[[Message], Message]


def run(answer: Answer, *, longest_s: float | None = None) -> None:
    """Answer the requests of the process that started this one, until there are no more.

    A request that takes longer than `longest_s` ends this process. `process` starts it, with the
    pipe that says whether the other side lives as its second argument.
    """
    _end_with(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    try:
        serve(sys.stdin.buffer, answers, answer, longest_s=longest_s)
    except BrokenPipeError:
        os._exit(0)  # nobody reads the answers any more


def serve(
    requests: BinaryIO, answers: BinaryIO, answer: Answer, *, longest_s: float | None = None
) -> None:
    """Answer requests until they end."""
    while (request := read_message(requests)) is not None:
        with _ended_after(longest_s):
            try:
                reply = answer(request)
            except RefusedError as error:
                reply = Message({"refused": str(error)})
        write_message(answers, reply)


@contextmanager
def _ended_after(seconds: float | None) -> Iterator[None]:
    """End this process where the block takes longer.

    The watch is a thread in C, which needs no lock of Python: it ends also a call that hangs.
    """
    if seconds is None:
        yield
        return
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _end_with(alive: int) -> None:
    """End this process when the other end of the pipe `alive` is closed, whoever holds the lock.

    The system sends a signal then, whose default is to end the process. Nothing is ever written to
    the pipe: the signal for a request that was just read may come after it.
    """
    if sys.platform == "win32" or alive < 0:
        return
    flags = fcntl.fcntl(alive, fcntl.F_GETFL)
    fcntl.fcntl(alive, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(alive, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([alive], [], [], 0)[0]:  # it was closed before
        os._exit(0)

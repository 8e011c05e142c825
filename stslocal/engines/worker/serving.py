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

    A request that takes longer than `longest_s` ends this process.
    """
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
        with _ended_with(requests), _ended_after(longest_s):
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


@contextmanager
def _ended_with(requests: BinaryIO) -> Iterator[None]:
    """End this process where its input ends during the block, whoever holds Python's lock.

    The system sends a signal then, whose default is to end the process. Nothing else arrives: the
    next request comes behind the answer.
    """
    if sys.platform == "win32" or not _is_pipe(requests):
        yield
        return
    pipe = requests.fileno()
    flags = fcntl.fcntl(pipe, fcntl.F_GETFL)
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([pipe], [], [], 0)[0]:  # it has ended before
        os._exit(0)
    try:
        yield
    finally:
        fcntl.fcntl(pipe, fcntl.F_SETFL, flags)


def _is_pipe(requests: BinaryIO) -> bool:
    try:
        requests.fileno()
    except OSError:  # bytes in memory
        return False
    return True

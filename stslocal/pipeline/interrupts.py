"""Defers Ctrl-C while a block runs that must not be interrupted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts_deferred() -> Iterator[None]:
    """Defer Ctrl-C during the few microseconds of the block, and raise it afterwards.

    Python raises KeyboardInterrupt between any two steps of the main thread. Without this, a thread
    that is being started would never be joined, or only some of the rings would be aborted.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = False

    def remember(signum: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True

    signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if interrupted and callable(handler):
            handler(signal.SIGINT, None)  # raising the signal again would count it twice
        elif interrupted:
            signal.raise_signal(signal.SIGINT)

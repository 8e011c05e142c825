"""The runs that are open, so that none outlives the main thread.

At its end Python waits for every thread that is not a daemon. The threads of a run wait for a
consumer, which may be a suspended generator that nobody will ask again: without more, the program
would never end. Daemon threads would be no cure, because Python ends them inside a model's code,
which may crash. So one daemon thread waits for the end of the main thread and aborts what is open.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_aborts: dict[object, Callable[[], None]] = {}
"""How to abort each open run, by its key."""
_watcher: threading.Thread | None = None


def add(key: object, abort: Callable[[], None]) -> None:
    """Let `abort` be called, in another thread, when the main thread ends before `remove(key)`.

    `abort` must end all waits of the run's threads, and must not raise.
    """
    global _watcher
    with _lock:
        _aborts[key] = abort
        if _watcher is None or not _watcher.is_alive():  # not alive: this process was forked
            _watcher = threading.Thread(target=_watch, name="end of program", daemon=True)
            _watcher.start()


def remove(key: object) -> None:
    """Forget a run, which is over. Does nothing when it is not there."""
    with _lock:
        _aborts.pop(key, None)


@contextmanager
def aborted_at_exit(abort: Callable[[], None]) -> Iterator[None]:
    """Let `abort` be called when the main thread ends during the block."""
    key = object()
    add(key, abort)
    try:
        yield
    finally:
        remove(key)


def _watch() -> None:
    threading.main_thread().join()
    with _lock:
        aborts = list(_aborts.values())
    for abort in aborts:
        abort()

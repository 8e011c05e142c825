"""Detects whether this process uses the network."""

from __future__ import annotations

import sys
from functools import cache
from types import TracebackType
from typing import Any

_WITHOUT_NETWORK = frozenset({"socket.gethostname"})
"""Events of calls that use no network: this one asks the system for the machine's name."""

_watching: list[SocketWatch] = []


class SocketWatch:
    """Records the names of all `socket` audit events during a block, of all threads.

    Native libraries raise no audit events. For them, a test of this project makes the kernel end
    the program at its first socket.
    """

    def __init__(self) -> None:
        self.events: list[str] = []
        """Names such as `socket.connect`, in order."""

    def __enter__(self) -> SocketWatch:
        _install()
        _watching.append(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _watching.remove(self)


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event.startswith("socket.") and event not in _WITHOUT_NETWORK:
        for watch in tuple(_watching):
            watch.events.append(event)


@cache
def _install() -> None:
    """Install the audit hook once, because it cannot be removed."""
    sys.addaudithook(_record)

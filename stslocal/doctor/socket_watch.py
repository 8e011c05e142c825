"""Tells whether this process asks for the network."""

from __future__ import annotations

import sys
from functools import cache
from types import TracebackType
from typing import Any

_HARMLESS = frozenset({"socket.gethostname"})
"""Asks the system for the machine's own name."""

_watching: list[SocketWatch] = []


class SocketWatch:
    """Keeps the names of all `socket` audit events of the block, of any thread.

    What a native library does by itself raises none; for that, a test of this project has the
    kernel end the program at its first socket.
    """

    def __init__(self) -> None:
        self.events: list[str] = []
        """Such as `socket.connect`, in order."""

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


def _notice(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event.startswith("socket.") and event not in _HARMLESS:
        for watch in tuple(_watching):
            watch.events.append(event)


@cache
def _install() -> None:
    """An audit hook stays until the process ends, so there is one."""
    sys.addaudithook(_notice)

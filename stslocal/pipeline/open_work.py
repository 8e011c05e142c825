"""Work that was begun and is still held by somebody, so that it can be ended from outside."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol, TypeVar
from weakref import WeakSet

from stslocal.errors import StslocalError


class _Open(Protocol):
    """Work that has begun and can be ended."""

    def close(self) -> None: ...


T = TypeVar("T", bound=_Open)


class OpenWork:
    """The iterators and streams that one object has begun."""

    def __init__(self) -> None:
        self._works: WeakSet[_Open] = WeakSet()
        self._closed = False

    def add(self, work: T) -> T:
        """Remember work that has begun, as long as somebody holds it."""
        self._works.add(work)
        return work

    def check(self) -> None:
        """Raise StslocalError where nothing can be begun any more."""
        if self._closed:
            raise StslocalError("this translator is closed: load another one")

    def close(self) -> None:
        """End all work, but for an iterator from which another thread takes its next item."""
        self._closed = True
        for work in list(self._works):
            with suppress(ValueError):  # another thread is in it
                work.close()

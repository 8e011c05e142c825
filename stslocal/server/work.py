"""Lets requests do long work in threads: few at once, a bounded number waiting, none for nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.requests import Request

from stslocal.server.errors import Refusal
from stslocal.server.options import Limits

T = TypeVar("T")

_END = object()


class Stopped(Exception):  # noqa: N818 - nobody waits for the result any more, which is no error
    """Raised by `Workers.run`, and by work that was asked to stop."""


class Workers:
    """The threads of requests for recordings and texts. Used by one event loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._limiter: CapacityLimiter | None = None
        """Made by the event loop that uses it."""
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it. Raises Refusal where too many wait already."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._limits.requests_at_once)
        is_free = self._limiter.available_tokens >= 1 and not self._waiting
        if not is_free and self._waiting >= self._limits.requests_waiting:
            raise Refusal(503, "overloaded", "too many requests are waiting: try again in a minute")
        self._waiting += 1
        try:
            await self._limiter.acquire_on_behalf_of(place := object())
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._limiter.release_on_behalf_of(place)

    async def run(self, request: Request, work: Callable[[threading.Event], T]) -> T:
        """Do `work` in a thread. Its event is set when nobody waits for it; it then should stop.

        That is when the client has gone, and when the server ends. Raises what `work` raises;
        Stopped where it was asked to stop.
        """
        stop = threading.Event()
        async with self.place():
            watcher = asyncio.create_task(_set_when_gone(request, stop))
            try:
                return await to_thread.run_sync(work, stop, abandon_on_cancel=True)
            except asyncio.CancelledError:
                stop.set()
                raise
            except Exception as error:
                if stop.is_set():
                    raise Stopped from error
                raise
            finally:
                watcher.cancel()
                with suppress(asyncio.CancelledError):
                    await watcher

    async def begun(self, items: Iterator[T]) -> AsyncIterator[T]:
        """The items of an iterator that works, each made in a thread.

        The first one is made now: raises what it raises, before a response is begun. The caller
        holds a `place`.
        """
        first = await to_thread.run_sync(next, items, _END)
        return _others(first, items)


async def _others(item: T | object, items: Iterator[T]) -> AsyncIterator[T]:
    """Yield `item` and those after it, and close the iterator, also when the client goes."""
    try:
        while item is not _END:
            yield item  # type: ignore[misc]
            item = await to_thread.run_sync(next, items, _END)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            with CancelScope(shield=True):
                await to_thread.run_sync(close)


async def _set_when_gone(request: Request, gone: threading.Event) -> None:
    """Wait until the client has gone. The body was read to its end before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()

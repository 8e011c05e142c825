"""A live session for a program that runs in an event loop (asyncio).

The session has its own threads. What the program gives, an async iterable of chunks and the
function that takes the speech, is only called in its event loop, which never waits for a thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
)
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from inspect import isawaitable
from typing import Any, TypeAlias, TypeVar

from stslocal.live.options import LiveOptions
from stslocal.live.stream import StreamedSession
from stslocal.loading.engines import Engines
from stslocal.metrics import Event
from stslocal.pipeline.open_runs import aborted_at_exit
from stslocal.rings import RingClosed
from stslocal.types import Samples

T = TypeVar("T")

TakeSpeech: TypeAlias = Callable[[Samples], Awaitable[None] | None]
"""A function, async or not, that takes speech to play."""

_END = object()
"""Stands for the end of an async iterable."""


class AsyncStream:
    """Translates chunks live; `events` yields the events. See `SpeechTranslator.astream`."""

    def __init__(
        self,
        engines: Engines,
        options: LiveOptions,
        chunks: AsyncIterable[object] | Iterable[object],
        sample_rate: int,
        on_audio: TakeSpeech,
    ) -> None:
        self._loop = _Loop()
        self._session = StreamedSession(
            engines,
            options,
            self._loop.each(chunks) if isinstance(chunks, AsyncIterable) else chunks,
            sample_rate,
            lambda samples: self._loop.call(_passed(on_audio, samples)),
            on_change=self._loop.wake,
        )
        self._closed = False

    async def events(self) -> AsyncGenerator[Event, None]:
        """Begin the session and yield its events. Closing the iterator ends the session."""
        self._loop.enter()
        with aborted_at_exit(self._abort):
            if not self._closed:
                self._session.start()
            try:
                while True:
                    self._loop.changed.clear()
                    try:
                        event = self._session.events.get(timeout=0)
                    except TimeoutError:
                        await self._loop.changed.wait()
                    except RingClosed:
                        break
                    else:
                        yield event
            finally:
                self._abort()
                while not self._session.is_over:  # an engine's call may take seconds
                    await self._loop.changed.wait()
                    self._loop.changed.clear()
                self._session.close()
        if not self._closed:
            self._session.raise_failure()

    def close(self) -> None:
        """End the session, from any thread, and wait until its threads have ended."""
        self._closed = True
        self._abort()
        self._session.close()

    def _abort(self) -> None:
        self._loop.leave()
        self._session.abort()


class _Loop:
    """The program's event loop, for the threads of a session."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        """Set by `wake`. Only the loop waits for it."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[Future[Any]] = set()
        """The calls that a thread waits for."""
        self._left = False
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Take the running loop."""
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """Set `changed`, from any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self.changed.set)

    def leave(self) -> None:
        """End all calls and each later one: the threads that wait for them get RingClosed."""
        with self._lock:
            self._left = True
            waiting = list(self._waiting)
        if self._loop is not None and not self._loop.is_closed():
            for future in waiting:
                future.cancel()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and wait for its result, in another thread.

        Raises what it raises, and RingClosed when the session is over.
        """
        with self._lock:
            if self._left or self._loop is None or self._loop.is_closed():
                coroutine.close()
                raise RingClosed("the session is over")
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
            self._waiting.add(future)
        try:
            return future.result()
        except CancelledError:
            if not self._left:
                raise
            raise RingClosed("the session is over") from None
        finally:
            with self._lock:
                self._waiting.discard(future)

    def each(self, chunks: AsyncIterable[object]) -> Iterator[object]:
        """The chunks of an async iterable, for another thread. They are taken in the loop."""
        iterator = aiter(chunks)
        while (chunk := self.call(_next(iterator))) is not _END:
            yield chunk


async def _next(iterator: AsyncIterator[object]) -> object:
    try:
        return await anext(iterator)
    except StopAsyncIteration:
        return _END


async def _passed(on_audio: TakeSpeech, samples: Samples) -> None:
    result = on_audio(samples)
    if isawaitable(result):
        await result

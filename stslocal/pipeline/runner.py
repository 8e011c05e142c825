"""Runs stages, each in its own thread, with rings between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from types import TracebackType
from typing import Any, Generic, TypeVar

from stslocal.errors import StageError
from stslocal.metrics import Emit, StageBusy, ignore
from stslocal.pipeline import open_runs
from stslocal.pipeline.inline import SOURCE, close, from_source, linked
from stslocal.pipeline.interrupts import interrupts_deferred
from stslocal.pipeline.stage import Chain
from stslocal.rings import MessageRing, RingClosed

In = TypeVar("In")
Out = TypeVar("Out")

_WAIT_SLICE_S = 0.2
"""Seconds of one wait for the end of a thread: short, so that Ctrl-C arrives on every platform."""


class PipelineRunner(Generic[In, Out]):
    """Runs a source and its stages, each in its own thread, with a MessageRing between neighbours.

        with PipelineRunner(chunks, flow) as run:
            for result in run:
                ...

    The caller's thread takes the results. At the first error every ring is aborted, the results
    that are finished are still returned, every thread is joined, and StageError is raised from the
    original exception. Later errors are dropped. Leaving the block early, by `break` or by an
    exception such as KeyboardInterrupt, aborts and joins too. Both wait only for the engine calls
    that are running. A second Ctrl-C during that wait is raised at once; the threads then end
    after their current call.

    A runner runs once.
    """

    def __init__(
        self,
        source: Iterable[In],
        chain: Chain[In, Out],
        *,
        pulling: int = 0,
        ring_capacity: int = 8,
        name: str = "pipeline",
        emit: Emit = ignore,
        on_stop: Callable[[], None] | None = None,
        on_abort: Callable[[], None] | None = None,
    ) -> None:
        """Prepare a run, which starts with the `with` block.

        The first `pulling` stages work in the source's thread and take its next item when they
        have finished the one before. This is for a sound card, whose own ring then gives all sound
        that has arrived meanwhile. The thread has the name of the last pulling stage.

        `emit` gets a StageBusy from the source and from each stage when it ends. `on_stop` ends a
        source that waits for something other than a ring, such as a sound card; `stop` and an
        abort call it. `on_abort` ends such waits of stages. Both may be called from any thread and
        more than once, and must not raise.
        """
        pulled, stages = chain.stages[:pulling], chain.stages[pulling:]
        self._rings: list[MessageRing[Any]] = [
            MessageRing(ring_capacity) for _ in range(len(stages) + 1)
        ]
        self._results: MessageRing[Out] = self._rings[-1]
        self._workers = [
            _Worker(
                pulled[-1].name if pulled else SOURCE,
                linked(from_source(source), pulled),
                None,
                self._rings[0],
            )
        ]
        for stage, inbox, outbox in zip(stages, self._rings, self._rings[1:], strict=False):
            self._workers.append(_Worker(stage.name, linked(iter(inbox), [stage]), inbox, outbox))
        self._threads = [
            threading.Thread(target=self._work, args=(worker,), name=f"{name}:{worker.name}")
            for worker in self._workers
        ]
        self._emit = emit
        self._on_stop = on_stop
        self._on_abort = on_abort
        self._ending = threading.Lock()
        self._over = False
        self._failure: StageError | None = None

    def __enter__(self) -> PipelineRunner[In, Out]:
        try:
            with interrupts_deferred():
                open_runs.add(self, self._abort_at_exit)
                for thread in self._threads:
                    thread.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave()
        if exc_type is None:
            self._raise_failure()

    def __iter__(self) -> Iterator[Out]:
        return self

    def __next__(self) -> Out:
        """Return the next result. After the last one, raise StageError if a stage failed."""
        try:
            return self._results.get()
        except RingClosed:
            pass
        self._join()
        with self._ending:
            self._over = True
        self._raise_failure()
        raise StopIteration

    def stop(self) -> None:
        """End in order: items that the source has given are still worked on and returned.

        The source ends by `on_stop` if that was given. Otherwise its next item is refused and it
        is closed. May be called from any thread and from a signal handler.
        """
        if self._on_stop is None:
            self._rings[0].close()
        else:
            self._on_stop()

    def busy(self) -> list[StageBusy]:
        """The time that the source and each stage have spent so far, in the pipeline's order."""
        return [worker.busy() for worker in self._workers]

    def _work(self, worker: _Worker) -> None:
        """The body of each thread."""
        try:
            for step in (worker.run, lambda: self._emit(worker.busy())):
                try:
                    step()
                except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                    self._end(_as_stage_error(worker.name, error))
        finally:
            worker.outbox.close()
            worker.ended.set()

    def _end(self, failure: StageError | None = None) -> None:
        """Abort the run, once: after the first error, or when the consumer has left the block.

        Later errors of workers come from the abort itself, or come too late to be reported.
        """
        with interrupts_deferred():
            with self._ending:
                if self._over:
                    return
                self._over = True
                self._failure = failure
            for ring in self._rings[:-1]:
                ring.abort()
            if failure is None:
                self._results.abort()
            else:
                self._results.close()
            for wake in (self._on_stop, self._on_abort):
                if wake is not None:
                    wake()

    def _leave(self) -> None:
        self._end()
        self._join()
        open_runs.remove(self)

    def _abort_at_exit(self) -> None:
        at_exit = RuntimeError("the program's main thread has ended: let it wait for the result")
        self._end(_as_stage_error(SOURCE, at_exit))

    def _join(self) -> None:
        for thread, worker in zip(self._threads, self._workers, strict=True):
            if thread.ident is None:  # it could not be started
                continue
            # Thread.join alone is not enough: when Ctrl-C interrupts it, the thread counts as
            # ended although it still runs.
            while not worker.ended.wait(_WAIT_SLICE_S):
                pass
            thread.join()

    def _raise_failure(self) -> None:
        # Dropped when it is raised, because it keeps the failed frames and their audio in memory.
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure


def _as_stage_error(stage: str, error: BaseException) -> StageError:
    if isinstance(error, StageError):
        return error
    failure = StageError(stage, None, error)
    failure.__cause__ = error
    return failure


class _Worker:
    """Moves the results of one link of the chain into the ring after it."""

    def __init__(
        self,
        name: str,
        link: Iterator[Any],
        inbox: MessageRing[Any] | None,
        outbox: MessageRing[Any],
    ) -> None:
        self.name = name
        self.outbox = outbox
        self._link = link
        self._inbox = inbox
        self.ended = threading.Event()
        """Set by the last step of the thread."""
        self._began: float | None = None
        self._finished: float | None = None

    def run(self) -> None:
        self._began = perf_counter()
        try:
            for result in self._link:
                try:
                    self.outbox.put(result)
                except RingClosed:  # `stop` ended the source, or the run is over
                    break
        finally:
            close(self._link)
            self._finished = perf_counter()

    def busy(self) -> StageBusy:
        elapsed_s = 0.0
        if self._began is not None:
            elapsed_s = (perf_counter() if self._finished is None else self._finished) - self._began
        inbox, outbox = self._inbox, self.outbox
        starved_s = 0.0 if inbox is None else inbox.get_waited_s
        return StageBusy(
            stage=self.name,
            items=outbox.put_count if inbox is None else inbox.got_count,
            elapsed_s=elapsed_s,
            busy_s=max(0.0, elapsed_s - starved_s - outbox.put_waited_s),
            starved_s=starved_s,
            blocked_s=outbox.put_waited_s,
            queued_s=0.0 if inbox is None else inbox.queued_s,
        )

"""A machine with a processor for each stage, on virtual time.

Every engine call takes the processor time that it took here. So other programs on the machine
hardly change the figures, and ten minutes of speech take less than ten minutes. Two things are not
modelled: stages that compete for a processor, and engines that use several processors.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

from stslocal.pipeline.inline import run_inline
from stslocal.pipeline.stage import Chain

SOURCE = "source"


class Lanes:
    """A Clock that gives each stage its own time. For one thread."""

    def __init__(self) -> None:
        self._times: dict[str, float] = {SOURCE: 0.0}
        self.busy_s: dict[str, float] = {}
        """Processor time by stage."""
        self._lane = SOURCE

    def now(self) -> float:
        return self._times[self._lane]

    def sleep_until(self, time_s: float) -> None:
        self._times[self._lane] = max(self.now(), time_s)

    def work(self, duration_s: float) -> None:
        self._times[self._lane] += duration_s
        self.busy_s[self._lane] = self.busy_s.get(self._lane, 0.0) + duration_s

    def run(self, source: Iterable[Any], chain: Chain[Any, Any]) -> Iterator[Any]:
        """Run stages like `run_inline`, each on its own lane; the first is on the source's."""
        first, *behind = chain.stages
        return run_inline(source, Chain([first, *(_OnLane(stage, self) for stage in behind)]))

    def step(self, lane: str, generator: Iterator[Any]) -> Iterator[Any]:
        """Run a generator on `lane`, which starts no earlier than the time of the caller's lane."""
        caller, arrived_s = self._lane, self.now()
        while True:
            self._lane = lane
            self._times[lane] = max(self._times.get(lane, 0.0), arrived_s)
            try:
                item = next(generator)
            except StopIteration:
                self._lane = caller
                return
            yield item


class _OnLane:
    def __init__(self, stage: Any, lanes: Lanes) -> None:
        self.name = stage.name
        self._stage = stage
        self._lanes = lanes

    def process(self, item: Any) -> Iterator[Any]:
        return self._lanes.step(self.name, iter(self._stage.process(item)))

    def finish(self) -> Iterator[Any]:
        return self._lanes.step(self.name, iter(self._stage.finish()))


class Timed:
    """An engine whose calls take their processor time, divided by `speedup`, on the lanes.

    With `call_s`, each call takes so long instead, on any machine.
    """

    def __init__(
        self, engine: Any, lanes: Lanes, *, speedup: float = 1.0, call_s: float | None = None
    ) -> None:
        self._engine = engine
        self._lanes = lanes
        self._speedup = speedup
        self._call_s = call_s

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._engine, name)
        return self._timed(value) if callable(value) and name not in _FREE else value

    def _timed(self, function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            began = time.process_time()
            result = function(*arguments, **options)
            if self._call_s is not None:
                self._lanes.work(self._call_s)
                return result
            self._pass(began)
            return self._each(result) if isinstance(result, Iterator) else result

        return call

    def _each(self, results: Iterator[Any]) -> Iterator[Any]:
        while True:
            began = time.process_time()
            result = next(results, None)
            self._pass(began)
            if result is None:
                return
            yield result

    def _pass(self, began: float) -> None:
        self._lanes.work((time.process_time() - began) / self._speedup)


_FREE = frozenset({"initial_state", "voice", "voice_names"})
"""Calls whose time is not counted."""

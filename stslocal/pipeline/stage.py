"""The protocol of a stage, and chains of stages.

A stage is a single-threaded object: one step of the way from sound to sound, with the memory
that it needs between items. It uses no thread, queue or other stage, so one line tests it:
`list(stage.process(item))`.

A stage that reports more than its results takes an `emit: Emit` (`stslocal.metrics`) in its
constructor and calls it. A stage that needs the time takes a `clock: Clock` (`stslocal.clock`) and
uses no other clock. The runner gives neither, and a stage works without a runner.

A stage that holds a resource (a file, a device) may have a method `close()` without arguments.
The runner calls it once, in the stage's own thread, after its last item and also after an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
Next = TypeVar("Next")


class Stage(Protocol[In, Out]):
    """One step of a pipeline."""

    @property
    def name(self) -> str:
        """The stage's name in errors, threads and metrics, such as `recognize`."""
        ...

    def process(self, item: In) -> Iterator[Out]:
        """Yield the results that `item` completes: none, one or many. May be a generator."""
        ...

    def finish(self) -> Iterator[Out]:
        """Yield the results that are still pending at the end of the input."""
        ...


class Chain(Generic[In, Out]):
    """Stages in order, each of which takes the results of the one before it.

        flow = chain(Recognize(...)).then(Translate(...)).then(Synthesize(...))

    The type checker checks that each stage takes the results of the one before.
    """

    def __init__(self, stages: Sequence[Stage[Any, Any]]) -> None:
        """Take stages without a check of their types. `chain` and `then` check them."""
        self.stages = tuple(stages)

    def then(self, stage: Stage[Out, Next]) -> Chain[In, Next]:
        """Return a chain that ends with `stage`."""
        return Chain((*self.stages, stage))


def chain(stage: Stage[In, Out]) -> Chain[In, Out]:
    """Begin a chain with its first stage."""
    return Chain((stage,))

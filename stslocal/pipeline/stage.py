"""What a stage is, and how stages are joined.

A stage is a single-threaded object: one step of the way from audio to audio, with the memory
that step needs between items. It knows no thread, queue or other stage, so a test of it is a
line: `list(stage.process(item))`.

A stage that has something to report besides its results takes an `emit: Emit` in its
constructor (`stslocal.metrics`) and calls it; one that needs the time takes a `clock: Clock`
(`stslocal.clock`) and asks only that. The runner brings neither, and a stage works without
a runner.

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
        """A word for errors, thread names and metrics, such as `recognize`."""
        ...

    def process(self, item: In) -> Iterator[Out]:
        """Yield what `item` makes ready: nothing, one result or many. May be a generator."""
        ...

    def finish(self) -> Iterator[Out]:
        """Yield what is still pending at the end of the input."""
        ...


class Chain(Generic[In, Out]):
    """Stages in order, each of which takes what the one before it yields.

        flow = chain(Recognize(...)).then(Translate(...)).then(Synthesize(...))

    The type checker follows what passes from stage to stage.
    """

    def __init__(self, stages: Sequence[Stage[Any, Any]]) -> None:
        """Take stages that fit together, unchecked. Use `chain` and `then` where types matter."""
        self.stages = tuple(stages)

    def then(self, stage: Stage[Out, Next]) -> Chain[In, Next]:
        """Return a chain that ends with `stage`."""
        return Chain((*self.stages, stage))


def chain(stage: Stage[In, Out]) -> Chain[In, Out]:
    """Begin a chain."""
    return Chain((stage,))

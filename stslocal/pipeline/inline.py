"""Chains stages as generators, in the thread that takes the results.

The runner's threads use the same generators, so a test of a chain tests them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from stslocal.errors import StageError
from stslocal.pipeline.stage import Chain, Stage

In = TypeVar("In")
Out = TypeVar("Out")

SOURCE = "source"
"""The stage name for errors of the source."""


def run_inline(source: Iterable[In], chain: Chain[In, Out]) -> Iterator[Out]:
    """Yield the results of the last stage, with every stage in the caller's thread.

    Each item goes through the whole chain before the next one is taken from the source. Raises
    StageError like PipelineRunner. Stages and source are closed at every end of the generator.
    """
    return linked(from_source(source), chain.stages)


def linked(items: Iterator[Any], stages: Iterable[Stage[Any, Any]]) -> Iterator[Any]:
    """Chain stages: the results of the last one, for the items that the first one takes."""
    for stage in stages:
        items = _through(stage, items)
    return items


def from_source(source: Iterable[Any]) -> Iterator[Any]:
    """The items of a source. Its errors are raised as StageErrors of SOURCE."""
    with _raising_stage_error(SOURCE, None):
        yield from source


def _through(stage: Stage[Any, Any], items: Iterator[Any]) -> Iterator[Any]:
    """The results of one stage for `items`. Closes both at the end."""
    try:
        for item in items:
            with _raising_stage_error(stage.name, item):
                yield from stage.process(item)
        with _raising_stage_error(stage.name, None):
            yield from stage.finish()
    except BaseException:
        with suppress(Exception):  # the first error wins
            close(stage)
        raise
    else:
        with _raising_stage_error(stage.name, None):
            close(stage)
    finally:
        close(items)


@contextmanager
def _raising_stage_error(stage: str, item: object) -> Iterator[None]:
    """Raise any error of the block as a StageError that names the stage and the segment."""
    try:
        yield
    except Exception as error:
        index = getattr(item, "index", None)
        segment = index if isinstance(index, int) else None  # str and list have a method `index`
        raise StageError(stage, segment, error) from error


def close(resource: object) -> None:
    """Close a resource, if it has a method `close`."""
    close = getattr(resource, "close", None)
    if close is not None:
        close()

"""Stages chained as generators, in the thread that asks for the results.

The runner's threads drive the same generators, so a test of a chain is a test of their work.
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
"""The stage that an error of the source itself is reported under."""


def run_inline(source: Iterable[In], chain: Chain[In, Out]) -> Iterator[Out]:
    """Yield what the last stage yields, with every stage in the caller's thread.

    Each result is pulled through the whole chain before the next item is taken from the source.
    Raises StageError like PipelineRunner. Stages and source are closed when the generator ends,
    however it ends.
    """
    return linked(from_source(source), chain.stages)


def linked(items: Iterator[Any], stages: Iterable[Stage[Any, Any]]) -> Iterator[Any]:
    """What the last of `stages` yields of `items`."""
    for stage in stages:
        items = _through(stage, items)
    return items


def from_source(source: Iterable[Any]) -> Iterator[Any]:
    """The items of a source, whose errors are blamed on SOURCE."""
    with _blamed_on(SOURCE, None):
        yield from source


def _through(stage: Stage[Any, Any], items: Iterator[Any]) -> Iterator[Any]:
    """One link of the chain: what `stage` makes of `items`. Closes both at its end."""
    try:
        for item in items:
            with _blamed_on(stage.name, item):
                yield from stage.process(item)
        with _blamed_on(stage.name, None):
            yield from stage.finish()
    except BaseException:
        with suppress(Exception):  # the first error wins
            close(stage)
        raise
    else:
        with _blamed_on(stage.name, None):
            close(stage)
    finally:
        close(items)


@contextmanager
def _blamed_on(stage: str, item: object) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        index = getattr(item, "index", None)
        segment = index if isinstance(index, int) else None  # str and list have a method `index`
        raise StageError(stage, segment, error) from error


def close(resource: object) -> None:
    """Close what can be closed."""
    close = getattr(resource, "close", None)
    if close is not None:
        close()

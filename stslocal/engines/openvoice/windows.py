"""A network run over a stream in windows, with the results of one run over the whole.

A convolution's result depends on the frames around it. So a window is run together with as many
frames before and after it as its results depend on, and of the result only the window is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]


class Windows:
    """One network over one stream."""

    def __init__(
        self,
        run: Callable[[Floats], Floats],
        *,
        context: int,
        sizes: tuple[int, ...],
        most: int = 0,
    ) -> None:
        """`run` takes frames, shape (n, ...), and gives k results for each, shape (n * k, ...).

        `context` is the number of frames on either side on which the result of a frame depends.
        `sizes` are the frames that the first windows wait for; the last one is that of all others.
        A window takes up to `most` frames where more than it waits for are there.
        """
        self._run = run
        self._context = context
        self._sizes = list(sizes)
        self._most = most
        self._before = 0
        """Frames at hand of which the results were already given."""
        self._frames: Floats | None = None

    def push(self, frames: Floats, *, last: bool = False) -> Iterator[Floats]:
        """Yield the results of all windows for which there are frames enough.

        `last` ends the stream: what is left then needs no frames after it.
        """
        held = frames if self._frames is None else np.concatenate([self._frames, frames])
        while True:
            ready = len(held) - self._before - (0 if last else self._context)
            size = self._sizes[0]
            if ready <= 0 or (ready < size and not last):
                break
            # A short rest costs its own context, so it goes with the window before it.
            count = ready if last and ready < 2 * size else min(ready, max(size, self._most))
            end = self._before + count
            made = self._run(held[: end + self._context])
            each = len(made) // min(len(held), end + self._context)
            yield made[self._before * each : end * each]
            self._sizes = self._sizes[1:] or self._sizes
            dropped = max(0, end - self._context)
            held, self._before = held[dropped:], end - dropped
        self._frames = held

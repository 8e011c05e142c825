"""Takes the place of synthesis where a live translation is text alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from stslocal.clock import Clock
from stslocal.live.playhead import Playhead
from stslocal.live.speak import SpeechChunk
from stslocal.types import TranslatedSegment


class LeaveUnspoken:
    """Ends each segment without a sound as soon as it is translated."""

    name = "leave unspoken"

    def __init__(
        self,
        playhead: Playhead,
        *,
        clock: Clock,
        on_begin: Callable[[TranslatedSegment], None] = lambda item: None,
    ) -> None:
        """`on_begin` is called with each segment."""
        self._playhead = playhead
        self._clock = clock
        self._on_begin = on_begin

    def process(self, item: TranslatedSegment) -> Iterator[SpeechChunk]:
        self._on_begin(item)
        self._playhead.completed(item.segment, 0.0, self._clock.now())
        silence = np.zeros(0, np.float32)
        yield SpeechChunk(item, silence, voice="", speed=1.0, pause_scale=1.0, last=True)

    def finish(self) -> Iterator[SpeechChunk]:
        yield from ()

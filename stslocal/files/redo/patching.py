"""Replaces pieces of a finished sound file: what is not replaced keeps its samples, bit for bit.

A translation is sentences with pauses between them. The session has their times to a millisecond,
so a sentence is cut out with a margin, which lies in the pauses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from stslocal.results.session_segment import Span
from stslocal.types import Samples

_MARGIN_S = 0.001
"""Times in a session are rounded to half a millisecond; the pauses are much longer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of the new sound; one that is left out has neither a place nor samples."""

    start_s: float
    """Where it starts in the new sound."""
    old: Span | None = None
    """Where it is in the old sound; None where it has other samples now."""
    samples: Samples | None = None
    """Its samples where they are new, at the rate of the file."""


def patched(
    blocks: Iterator[Samples],
    rate: int,
    pieces: Sequence[Piece],
    *,
    least_s: float,
    last_s: float,
    beneath: Callable[[int, int], Samples],
) -> Iterator[Samples]:
    """The new sound in blocks, made of the old one's `blocks` and of new samples.

    `pieces` are in the order of both sounds, and do not overlap. The pause between two pieces that
    stay side by side where they were is copied. In any other, and under new samples, is what
    `beneath` gives between two positions. The new sound lasts at least `least_s`, and as long as
    the old one where that is longer than its last sentence, which ended at `last_s`.
    """
    old, margin = _OldSound(blocks), ceil(_MARGIN_S * rate)
    position = 0
    """Samples of the new sound so far."""
    at_same_place = True
    """Whether the old sound at this position goes on in the new one."""
    for piece in pieces:
        start = round(piece.start_s * rate)
        if piece.samples is not None or piece.old is None:
            samples = np.zeros(0, np.float32) if piece.samples is None else piece.samples
            yield from _between(beneath, position, start, rate)
            position = max(position, start)
            if len(samples):
                yield samples + beneath(position, position + len(samples))
            position, at_same_place = position + len(samples), False
            continue
        first = max(old.position, round(piece.old.start_s * rate) - margin)
        behind = round(piece.old.end_s * rate) + margin
        shift = start - round(piece.old.start_s * rate)
        if shift == 0 and at_same_place and old.position == position:
            first = position
        else:
            yield from _between(beneath, position, first + shift, rate)
            position = max(position, first + shift)
        for block in old.between(first, behind):
            yield block
            position += len(block)
        at_same_place = shift == 0
    for block in old.rest_from(position, is_same=at_same_place):
        yield block
        position += len(block)
    ends_with_pause = old.length > round(last_s * rate) + margin
    least = round(least_s * rate)
    if abs(least - old.length) <= margin:
        least = old.length  # the old sound had the whole recording, whose length is rounded too
    end = max(old.length if ends_with_pause else 0, least)
    yield from _between(beneath, position, end, rate)


class _OldSound:
    """The old sound, read once from its start to its end."""

    def __init__(self, blocks: Iterator[Samples]) -> None:
        self._blocks = blocks
        self._block: Samples = np.zeros(0, np.float32)
        self.position = 0
        """Samples that were given or passed over."""
        self.length = 0
        """Samples of the whole sound, when it is read to its end."""

    def between(self, start: int, end: int) -> Iterator[Samples]:
        """The samples from `start` to `end`; what comes before `start` is passed over."""
        while self.position < end:
            if not len(self._block) and not self._next():
                return
            skipped = min(len(self._block), max(0, start - self.position))
            taken = self._block[skipped : max(skipped, end - self.position)]
            self.position += skipped + len(taken)
            self._block = self._block[skipped + len(taken) :]
            if len(taken):
                yield taken

    def rest_from(self, position: int, *, is_same: bool) -> Iterator[Samples]:
        """Read to the end. The samples are given where the new sound goes on with them."""
        given = is_same and self.position == position
        while len(self._block) or self._next():
            rest, self._block = self._block, self._block[:0]
            self.position += len(rest)
            if given:
                yield rest
        self.length = self.position

    def _next(self) -> bool:
        self._block = next(self._blocks, self._block[:0])
        return len(self._block) > 0


def _between(
    beneath: Callable[[int, int], Samples], start: int, end: int, rate: int
) -> Iterator[Samples]:
    """What is beneath between two positions, a second at a time; nothing if they are the same."""
    for first in range(start, end, rate):
        yield beneath(first, min(end, first + rate))

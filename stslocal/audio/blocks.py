"""Cuts samples into blocks of one length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stslocal.types import Samples


def in_blocks(pieces: Iterator[Samples], size: int) -> Iterator[Samples]:
    """Cut pieces of any length into blocks of `size` samples; the last one may be shorter.

    Pieces have the shape (n,) or (n, channels), all of them the same.
    """
    block, filled = np.empty(0, np.float32), 0
    for piece in pieces:
        taken = 0
        while taken < len(piece):
            if not filled:
                block = np.empty((size, *piece.shape[1:]), np.float32)
            count = min(size - filled, len(piece) - taken)
            block[filled : filled + count] = piece[taken : taken + count]
            filled, taken = filled + count, taken + count
            if filled == size:
                yield block
                filled = 0
    if filled:
        yield block[:filled]


def silence(count: int, size: int, channels: int = 1) -> Iterator[Samples]:
    """Yield `count` samples of silence in blocks of at most `size`."""
    for start in range(0, count, size):
        length = min(size, count - start)
        yield np.zeros(length if channels == 1 else (length, channels), np.float32)

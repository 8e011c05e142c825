"""Tensors of one length cut into tiles of rows, for loops whose step fits the cache.

A tensor of shape (1, channels, length) becomes (tiles, rows, channels). A loop's step then reads
its own tile, and of other tensors a few rows before and after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stslocal.models.building.onnx_graph import GraphEditor

TILE_VALUES = 49_152
"""float32 in a tile: 192 KiB, of which a step holds some four in a cache of 1 MiB."""

_FLOAT = 1


@dataclass(frozen=True, slots=True)
class Reach:
    """The rows that a convolution's windows cover in each tile; shapes are (tiles, ...)."""

    first: str
    end: str
    """Rows that exist, int64, shapes (tiles, 1)."""
    missing: str
    """Pads for those that do not, int64, shape (tiles, 4)."""


class Tiling:
    """How the rows of all tensors with `channels` channels lie in tiles.

    In the generator's residual blocks, the number of channels tells the length.
    """

    def __init__(self, editor: GraphEditor, channels: int, name: str) -> None:
        """Take the length from the tensor `name`, shape (1, channels, length)."""
        self._editor = editor
        self._channels = channels
        self.rows = TILE_VALUES // channels
        """Rows of a tile."""
        self._reaches: dict[tuple[int, int], Reach] = {}
        constant = editor.constant
        self._length = editor.add("Shape", [name], start=2, end=3)
        span = [constant(np.array(0)), editor.add("Squeeze", [self._length])]
        starts = editor.add("Range", [*span, constant(np.array(self.rows))])
        self._starts = editor.add("Unsqueeze", [starts, constant([1])])
        row = editor.add("Add", [self._starts, constant(np.arange(self.rows)[None])])
        counts = editor.add("Cast", [editor.add("Less", [row, self._length])], to=_FLOAT)
        share = editor.add("Div", [counts, editor.add("Cast", [self._length], to=_FLOAT)])
        self.shares = editor.add("Unsqueeze", [share, constant([1])])
        """What each row counts in a mean over the length, shape (tiles, 1, rows).

        Nothing, for those that fill up the last tile: what they hold is never used.
        """

    def enter(self, name: str) -> str:
        """Lay `name`, shape (1, channels, length), in tiles."""
        editor, constant = self._editor, self._editor.constant
        rows = editor.add("Transpose", [name], perm=[0, 2, 1])
        tiles = editor.add("Shape", [self._starts], start=0, end=1)
        whole = editor.add("Mul", [tiles, constant([self.rows])])
        missing = editor.add("Sub", [whole, self._length])
        zeros = constant([0] * 4)
        pads = editor.add("Concat", [zeros, missing, constant([0])], axis=0)
        padded = editor.add("Pad", [rows, pads])
        return editor.add("Reshape", [padded, constant([-1, self.rows, self._channels])])

    def leave(self, tiles: str, name: str) -> None:
        """Make `name`, shape (1, channels, length), of tiles."""
        editor, constant = self._editor, self._editor.constant
        rows = editor.add("Reshape", [tiles, constant([1, -1, self._channels])])
        cut = editor.add("Slice", [rows, constant([0]), self._length, constant([1])])
        editor.add("Transpose", [cut], output=name, perm=[0, 2, 1])

    def flat(self, tiles: str) -> str:
        """All rows in one piece, shape (rows, channels)."""
        shape = self._editor.constant([-1, self._channels])
        return self._editor.add("Reshape", [tiles, shape])

    def reach(self, before: int, after: int) -> Reach:
        """Of windows that begin `before` rows before their tile and end `after` rows after it."""
        if (before, after) not in self._reaches:
            add, constant = self._editor.add, self._editor.constant
            wanted = add("Sub", [self._starts, constant([before])])
            wanted_end = add("Add", [self._starts, constant([self.rows + after])])
            first = add("Max", [wanted, constant([0])])
            end = add("Min", [wanted_end, self._length])
            lacks = add("Sub", [first, wanted]), add("Sub", [wanted_end, end])
            none = add("Sub", [first, first])
            missing = add("Concat", [lacks[0], none, lacks[1], none], axis=1)
            self._reaches[before, after] = Reach(first, end, missing)
        return self._reaches[before, after]

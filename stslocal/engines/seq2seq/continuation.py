"""Continues the translation of a sentence after words that were spoken, by a forced prefix.

The decoder is given the pieces of the spoken words and writes what follows. While the sentence goes
on, the words from the first piece on whose attention is on the last source word are held: more of
the sentence may change them.

Source: AlignAtt (Papi 2023, https://arxiv.org/abs/2305.11408), here on text. The attention is the
last layer's as CTranslate2 gives it, without the language code and the `</s>`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

SPACE = "\u2581"
"""The sign with which sentencepiece begins a word."""
_STOPS = ",.;:!? "


def split(
    pieces: Sequence[str],
    spoken: Sequence[str],
    decode: Callable[[Sequence[str]], str],
    *,
    hold_from: int,
    spaced: bool,
) -> tuple[str, str] | None:
    """The text to speak and the text to hold, of `pieces` that were written after `spoken`.

    Pieces from `hold_from` on are held. `spaced` says that the language writes spaces between
    words: then None if the first piece goes on with the last spoken word.
    """
    first = next((piece for piece in pieces if piece.strip(_STOPS)), "")
    if spaced and spoken and first and not first.startswith(SPACE):
        return None
    end = hold_from
    while spaced and 0 < end < len(pieces) and not pieces[end].startswith(SPACE):
        end -= 1
    texts = [decode(part).strip() for part in (pieces[:end], pieces[end:])]
    return texts[0].lstrip(_STOPS) if spoken else texts[0], texts[1]


def held_from(attention: Sequence[Sequence[float]], source: Sequence[str]) -> int:
    """The first of the written pieces that looks at the last word of the source.

    `attention` has a row for each written piece, with a value for each piece of `source`.
    """
    last = max((at for at, piece in enumerate(source) if piece.startswith(SPACE)), default=0)
    if not len(attention):
        return 0
    rows: NDArray[np.float32] = np.asarray(attention, np.float32)
    looks_at = rows[:, : len(source)].argmax(axis=1)
    return next((row for row, at in enumerate(looks_at) if at >= last), len(rows))

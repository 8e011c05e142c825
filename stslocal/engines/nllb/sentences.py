"""Text to the sentences that NLLB is given one at a time, each within its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stslocal.text.sentences import break_before, split_sentences

MOST_PIECES = 160
"""A longer sentence is cut, so that the longest translation that is believed has its place too."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the model translates at once."""

    text: str
    pieces: list[str]
    """Its tokens. Empty when there is nothing to translate: no letter in it."""


def cut_sentences(
    text: str, language: str, to_pieces: Callable[[str], list[str]]
) -> Iterator[Sentence]:
    """Cut a text of a language into sentences and, where these are too long, into parts of them.

    `to_pieces` is the sentencepiece model's. The pieces spell the text out.
    """
    for sentence in split_sentences(text, language):
        if not any(letter.isalpha() for letter in sentence):
            yield Sentence(sentence, [])
            continue
        rest = sentence
        while rest:
            taken, pieces = rest, to_pieces(rest)
            if len(pieces) > MOST_PIECES:
                # Pieces spell the text out, so their letters say where it has to be cut.
                fitting = len("".join(pieces[:MOST_PIECES]))
                taken = rest[: break_before(rest, min(fitting, len(rest) - 1))]
                pieces = to_pieces(taken)
            yield Sentence(taken, pieces)
            rest = rest[len(taken) :].lstrip()

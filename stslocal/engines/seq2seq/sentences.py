"""Cuts a text into the sentences that a model translates one at a time, each within its limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stslocal.text.sentences import break_before, split_sentences

MOST_PIECES = 160
"""A longer sentence is cut. The longest translation that no guard doubts then fits too."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or a part of one, that the model translates at once."""

    text: str
    pieces: list[str]
    """Its tokens; empty when the text has no letter and is not translated."""


def cut_sentences(
    text: str, language: str, to_pieces: Callable[[str], list[str]]
) -> Iterator[Sentence]:
    """Cut a text into sentences, and sentences that are too long into parts.

    `to_pieces` encodes a text with the sentencepiece model; its pieces joined are the text.
    """
    for sentence in split_sentences(text, language):
        yield from cut_long(sentence, to_pieces)


def cut_long(sentence: str, to_pieces: Callable[[str], list[str]]) -> Iterator[Sentence]:
    """Cut one sentence into parts if it is too long."""
    if not any(letter.isalpha() for letter in sentence):
        if sentence:
            yield Sentence(sentence, [])
        return
    rest = sentence
    while rest:
        taken, pieces = rest, to_pieces(rest)
        if len(pieces) > MOST_PIECES:
            # The pieces joined are the text, so the length of those that fit is where to cut.
            fitting = len("".join(pieces[:MOST_PIECES]))
            taken = rest[: break_before(rest, min(fitting, len(rest) - 1))]
            pieces = to_pieces(taken)
        yield Sentence(taken, pieces)
        rest = rest[len(taken) :].lstrip()

"""How a text is given to the student models of Firefox Translations: sentence by sentence.

Everyday utterances that the models translate wrongly are looked up (`everyday.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from stslocal.engines.bergamot import everyday
from stslocal.text.sentences import split_sentences

_MAX_CHARACTERS = 600
"""A longer sentence is cut at a word: the models translate long sentences badly."""
_EVERYDAY_PAIRS = (("en", "pt"), ("pt", "en"))

TranslateSentence: TypeAlias = Callable[[str], str]
"""Gives a sentence to the model."""


def sentences_of(text: str, language: str) -> list[str]:
    """The sentences of a text, in pieces that the models translate well."""
    return [piece for sentence in split_sentences(text, language) for piece in pieces_of(sentence)]


def translate_piece(
    piece: str, source: str, target: str, translate_sentence: TranslateSentence
) -> str:
    """The translation of a sentence: that of the table of everyday utterances, else the model's."""
    if (source, target) not in _EVERYDAY_PAIRS:
        return _in_case(translate_sentence(piece), piece)
    if known := everyday.utterance(piece, source):
        return known
    if opened := everyday.opening(piece, source):
        rest = translate_piece(opened[1], source, target, translate_sentence)
        if opened[1][0].islower() and rest[1:2].islower():
            rest = rest[0].lower() + rest[1:]
        return f"{opened[0]} {rest}"
    reworded = everyday.reworded(piece, source)
    return _in_case(translate_sentence(reworded), reworded)


def _in_case(translation: str, sentence: str) -> str:
    """The translation with a capital, where the model has left that of the sentence out."""
    if sentence[:1].isupper() and translation[:1].islower():
        return translation[0].upper() + translation[1:]
    return translation


def pieces_of(sentence: str) -> list[str]:
    """One sentence in pieces of at most `_MAX_CHARACTERS`, cut after a word."""
    pieces = []
    while len(sentence) > _MAX_CHARACTERS:
        at = sentence.rfind(" ", 1, _MAX_CHARACTERS)
        at = at if at > 0 else _MAX_CHARACTERS
        pieces.append(sentence[:at])
        sentence = sentence[at:].lstrip()
    return [*pieces, sentence] if sentence else pieces

"""Cuts a text into pieces for Pocket TTS and writes them as the model knows texts.

Pure functions. The model speaks sentences with a full stop; a piece is as many of them as fit its
limit, or a part of a long one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stslocal.engines.pocket.languages import LANGUAGES
from stslocal.text.chunks import within_limit
from stslocal.text.sentences import split_sentences
from stslocal.text.spoken.text import spoken_text

MOST_TOKENS = 50
"""In a piece; with more, the model skips words."""
_FEW_WORDS = 4
_FRAMES_AFTER_FEW, _FRAMES_AFTER = 5, 3
"""Frames that are spoken after the model says that a text of few words, or of more, ends."""
_ENDS, _WEAK, _CLOSERS = ".!?…", ",;:-–—", "\"'”’)]» "
_MARK_AFTER_END = re.compile(r"([.!?…])\s*[,;:]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text for one run of the model."""

    text: str
    tokens: tuple[int, ...]

    @property
    def frames_after(self) -> int:
        """Frames of sound after the one with which the text ends."""
        return _FRAMES_AFTER_FEW if len(self.text.split()) <= _FEW_WORDS else _FRAMES_AFTER


def pieces(text: str, language: str, encode: Callable[[str], list[int]]) -> list[Piece]:
    """The pieces of `text` in order; empty when it has no word. `encode` gives its tokens."""
    joined: list[Piece] = []
    for sentence in split_sentences(spoken_text(text, language), language):
        for part in _parts(sentence, language, encode):
            both = f"{joined[-1].text} {part.text}" if joined else ""
            tokens = encode(both) if both else []
            if both and len(tokens) <= MOST_TOKENS:
                joined[-1] = Piece(both, tuple(tokens))
            else:
                joined.append(part)
    return joined


def written(text: str, replaced: Mapping[str, str]) -> str:
    """A sentence as the model knows sentences: a capital letter first, a full stop last.

    Empty when it has no word.
    """
    text = " ".join("".join(replaced.get(letter, letter) for letter in text).split())
    text = _MARK_AFTER_END.sub(r"\1", text).strip(" ,;:")
    if not any(letter.isalnum() for letter in text):
        return ""
    text = text[0].upper() + text[1:]
    core = text.rstrip(_CLOSERS)
    closers = text[len(core) :].strip()
    if core[-1] in _ENDS:
        return text
    if core[-1] in _WEAK:
        return core.rstrip(_WEAK + " ") + "." + closers
    return text + "."


def _parts(text: str, language: str, encode: Callable[[str], list[int]]) -> list[Piece]:
    """A sentence as one piece, or in parts that are short enough for the model."""
    sentence = written(text, LANGUAGES[language].replaced)
    tokens = encode(sentence) if sentence else []
    if len(tokens) <= MOST_TOKENS:
        return [Piece(sentence, tuple(tokens))] if tokens else []
    halves = within_limit(text, len(text) // 2 + 1)
    if len(halves) < 2:
        return [Piece(sentence, tuple(tokens))]
    return [part for half in halves for part in _parts(half, language, encode)]

"""Joins Whisper's tokens to words, and gives the words times from the alignment.

A token is a part of a word; the first one of a word mostly begins with the space before it. Here
a word reaches from one space to the next, so `3.5`, `don't` and `twenty-five` stay whole.
Punctuation that stands alone (French `Quoi ?`) is joined to its word. In languages written
without spaces each piece of text that can be decoded alone is a word.

The alignment is dynamic time warping over the decoder's cross-attention
(https://github.com/openai/whisper, timing.py). It gives the start of each token. A pause has
no token, so the alignment adds it to a word beside it; `with_times` removes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from stslocal.types import Word

WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages whose words are not separated by spaces."""
STEP_S = 0.02
"""Seconds between two encoder frames, the unit of alignments."""

_CLOSING = frozenset(".,;:!?…%»”’)]}。，、！？：；।؟،")
_LONGEST_MEDIAN_S = 0.7
_CHARACTER_S = 0.1
"""Seconds a character. A longer word includes a pause."""


@dataclass(slots=True)
class WordTokens:
    """The tokens of one word."""

    text: str
    """As written, with the spaces around it."""
    tokens: list[int]
    first: int
    """Position of its first token among all tokens of the text."""


def join_subwords(subwords: Iterable[tuple[str, Sequence[int]]], language: str) -> list[WordTokens]:
    """Join the smallest decodable pieces, as (text, tokens) in reading order, to words."""
    pieces: list[WordTokens] = []
    position = 0
    for text, tokens in subwords:
        starts_word = text.startswith(" ") or (language in WITHOUT_SPACES and _spoken(text))
        if pieces and not starts_word:
            _append(pieces[-1], text, tokens)
        else:
            pieces.append(WordTokens(text, list(tokens), position))
        position += len(tokens)
    return _with_punctuation(pieces)


def _with_punctuation(pieces: list[WordTokens]) -> list[WordTokens]:
    words: list[WordTokens] = []
    opening: WordTokens | None = None
    for piece in pieces:
        if opening is not None:
            _append(opening, piece.text, piece.tokens)
            if _spoken(piece.text):
                words.append(opening)
                opening = None
        elif _spoken(piece.text):
            words.append(piece)
        elif words and piece.text.strip()[:1] in _CLOSING:
            _append(words[-1], piece.text, piece.tokens)
        else:
            opening = piece
    if opening is not None and words:
        _append(words[-1], opening.text, opening.tokens)
    return words


def _append(piece: WordTokens, text: str, tokens: Iterable[int]) -> None:
    piece.text += text
    piece.tokens.extend(tokens)


def _spoken(text: str) -> bool:
    return any(character.isalnum() for character in text)


def with_times(
    pieces: Sequence[WordTokens],
    alignment: Sequence[tuple[int, int]],
    token_probabilities: Sequence[float],
    duration_s: float,
) -> tuple[Word, ...]:
    """The words with times from `alignment`, pairs of (token position, encoder frame).

    The token after the last one (end of text) is aligned too and ends the last word. No word
    ends after `duration_s`.
    """
    starts: dict[int, float] = {}
    for token, frame in alignment:
        starts.setdefault(token, min(frame * STEP_S, duration_s))
    words = []
    for piece in pieces:
        after = piece.first + len(piece.tokens)
        probabilities = token_probabilities[piece.first : after]
        start_s = starts.get(piece.first, duration_s)
        words.append(
            Word(
                text=piece.text.strip(),
                start_s=start_s,
                end_s=max(start_s, starts.get(after, duration_s)),
                probability=sum(probabilities) / max(1, len(probabilities)),
            )
        )
    return _without_pauses(words)


def _without_pauses(words: list[Word]) -> tuple[Word, ...]:
    if not words:
        return ()
    usual_s = min(_LONGEST_MEDIAN_S, median(word.end_s - word.start_s for word in words))
    trimmed = []
    pause_before = True
    for word in words:
        start_s, end_s = word.start_s, word.end_s
        longest_s = max(2 * usual_s, _CHARACTER_S * len(word.text))
        ends_clause = word.text[-1] in _CLOSING
        if end_s - start_s > longest_s:
            # After punctuation the pause is in the punctuation; elsewhere it is in the next word.
            if ends_clause and not pause_before:
                end_s = start_s + longest_s
            else:
                start_s = end_s - longest_s
        trimmed.append(Word(word.text, round(start_s, 3), round(end_s, 3), word.probability))
        pause_before = ends_clause
    return tuple(trimmed)

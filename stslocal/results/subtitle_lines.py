"""Divides a text into subtitles of at most two lines, at the places that disturb a reader least."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import inf

from stslocal.text.sentences import ends_sentence

LINE_COLUMNS = 42
"""Columns in a line; a Chinese, Japanese or Korean character takes two."""
LINES = 2


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece that is never divided: a word, or a character of a script without spaces."""

    text: str
    width: int
    spaced: bool
    """Whether a space goes before it, unless it starts a line."""


class Line:
    """The tokens of a cue as one long line, to be cut into parts of one or two lines."""

    def __init__(self, text: str, language: str) -> None:
        """Take a cleaned text."""
        tokens = _tokens(text)
        self.length = len(tokens)
        self._tokens = tokens
        self._ends = [0, *accumulate(token.width + token.spaced for token in tokens)]
        self._costs = [_break_cost(tokens, cut, language) for cut in range(self.length + 1)]
        self._reach: list[int] = []
        """For each token, the end of the longest line that starts with it."""
        end = 0
        for start in range(self.length):
            while end < self.length and self.width(start, end + 1) <= LINE_COLUMNS:
                end += 1
            self._reach.append(end)
        self._reach.append(self.length)

    def width(self, start: int, end: int) -> int:
        """Columns that tokens start..end take on a line of their own."""
        if start == end:
            return 0
        return self._ends[end] - self._ends[start] - self._tokens[start].spaced

    def parts(self, limit: float) -> list[tuple[int, int]]:
        """The cheapest division into parts that fit two lines and, where possible, `limit` columns.

        Few, well filled parts that end at good places are cheap. Dynamic programming over the ends
        of parts.
        """
        best: list[tuple[float, int]] = [(0.0, 0)] + [(inf, 0)] * self.length
        for start in range(self.length):
            for end in range(start + 1, self._reach[self._reach[start]] + 1):
                width = self.width(start, end)
                if width > limit and end > start + 1:
                    break
                cost = best[start][0] + self._part_cost(start, end)
                if cost < best[end][0]:
                    best[end] = (cost, start)
        parts = []
        end = self.length
        while end:
            parts.append((best[end][1], end))
            end = best[end][1]
        return parts[::-1]

    def parts_in_number(self, count: int) -> list[tuple[int, int]]:
        """The cheapest division into `count` parts, at least as many as `parts` gives.

        A text of fewer tokens has one token a part, and empty parts behind them.
        """
        number = min(count, self.length)
        costs = [0.0] + [inf] * self.length
        begins: list[list[int]] = []
        """For each number of parts and each end, where the last of these parts begins."""
        for _ in range(number):
            before, costs = costs, [inf] * (self.length + 1)
            begins.append([0] * (self.length + 1))
            for start in range(self.length):
                for end in range(start + 1, self._reach[self._reach[start]] + 1):
                    cost = before[start] + self._part_cost(start, end)
                    if cost < costs[end]:
                        costs[end], begins[-1][end] = cost, start
        parts = [(self.length, self.length)] * (count - number)
        end = self.length
        for begin in reversed(begins):
            parts.insert(0, (begin[end], end))
            end = begin[end]
        return parts

    def _part_cost(self, start: int, end: int) -> float:
        slack = 1 - self.width(start, end) / (LINES * LINE_COLUMNS)
        return 6 + 4 * slack * slack + self._costs[end]

    def wrapped(self, start: int, end: int) -> str:
        """The text of a part: one line, or two of similar length with a good break between."""
        if start == end:
            return ""
        if self.width(start, end) <= LINE_COLUMNS:
            return self._text(start, end)
        cuts = [cut for cut in range(start + 1, self._reach[start] + 1) if self._reach[cut] >= end]
        cut = min(cuts, key=lambda cut: self._wrap_cost(start, cut, end))
        return f"{self._text(start, cut)}\n{self._text(cut, end)}"

    def _wrap_cost(self, start: int, cut: int, end: int) -> float:
        difference = abs(self.width(start, cut) - self.width(cut, end))
        return self._costs[cut] + 6 * difference / LINE_COLUMNS

    def _text(self, start: int, end: int) -> str:
        first, *others = self._tokens[start:end]
        return first.text + "".join(" " * token.spaced + token.text for token in others)


_CLAUSE_END = re.compile(r"""(?:[,;:،؛，、；：–—…]|\.{3})["'”’»)\]」』]*$""")
_ABBREVIATION = re.compile(r"""[^\W\d_]\.$""")
# Words that belong to the next one. Words of up to three letters (the, of, de, la, um, der, ...)
# count as such without a list.
_LEANING = frozenset(
    "with from into onto over than that this para pelo pela pelos pelas como desde entre hasta"
    " sobre avec dans pour sans chez elle dell della delle degli nella sulla eine einen einem"
    " einer über unter nach beim".split()
)


def _break_cost(tokens: Sequence[_Token], cut: int, language: str) -> float:
    """The cost of a break before token `cut`: the more it disturbs a reader, the higher."""
    if cut in (0, len(tokens)):
        return 0.0
    before = tokens[cut - 1].text
    if ends_sentence(before, tokens[cut].text, language):
        return 0.0
    if _CLAUSE_END.search(before):
        return 1.0
    if not tokens[cut].spaced:
        return 4.0
    letters = before.strip("\"'“”‘’«»([")
    if len(letters) <= 3 or letters.lower() in _LEANING or _ABBREVIATION.search(letters):
        return 8.0
    return 4.0


# No-break spaces stay; other separators and control characters become one plain space.
_SPACE = re.compile(r"(?:[^\S\u00a0\u202f]|[\x00-\x1f\x7f-\x9f])+")
# Text in scripts without spaces breaks between any two characters, but not before closing and
# not after opening marks.
_UNSPACED = "\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_OPENING = "「『（【〈《〔［｛"
_CLOSING = "」』）】〉》〕］｝、。，．！？：；・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々"
_PIECE = re.compile(
    f"[{_OPENING}]*(?:[{_UNSPACED}]|[^{_UNSPACED}]+)[{_CLOSING}\u0300-\u036f\ufe00-\ufe0f]*"
)


def clean(text: str) -> str:
    """The text on one line, without control characters."""
    return _SPACE.sub(" ", text).strip(" ")


def _tokens(text: str) -> list[_Token]:
    """The tokens of a cleaned text."""
    tokens = []
    for word in text.split(" "):
        spaced = True
        for piece in _PIECE.findall(word):
            for bit in _cut_to_width(piece):
                tokens.append(_Token(bit, width_of(bit), spaced))
                spaced = False
    return tokens


def _cut_to_width(piece: str) -> Iterator[str]:
    """Cut a piece that is wider than a line into pieces that fit."""
    start = used = 0
    for at, character in enumerate(piece):
        used += _character_width(character)
        if used > LINE_COLUMNS:
            yield piece[start:at]
            start, used = at, _character_width(character)
    yield piece[start:]


def width_of(text: str) -> int:
    """The columns of a text on one line."""
    return sum(map(_character_width, text))


@lru_cache(maxsize=4096)
def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1

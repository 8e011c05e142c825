"""Writes timed text as SubRip (SRT) and WebVTT, with the layout of professional subtitles.

A cue has at most two lines of 42 columns. A longer one is divided where a sentence or a clause
ends, and its time is divided in proportion to the text. Cues stay long enough to be read where
there is room, and never overlap. The figures are common to the Netflix and BBC guidelines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise
from math import inf

from stslocal.text.sentences import ends_sentence

VTT_HEAD = "WEBVTT\n\n"
LINE_COLUMNS = 42
"""Columns in a line; a Chinese, Japanese or Korean character takes two."""
LINES = 2
READING_SPEED = 17.0
"""Columns a second that a viewer reads with ease."""
SHORTEST_S = 1.0
"""A cue lasts at least this where the next one leaves room."""
LONGEST_S = 7.0
_FLASH_MS = 200
"""Shortest time of a cue, in milliseconds; the next cue is moved where it leaves less."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A piece of text and the time to show it. The `text` of an arranged cue has its lines."""

    start_s: float
    end_s: float
    text: str
    language: str = ""
    """Code of the text's language, whose abbreviations end no line; empty when it is not known."""
    speaker: str = ""
    """The name of the person who says it; empty where speakers are not distinguished."""


def to_srt(cues: Iterable[Cue]) -> str:
    """Arrange cues and write them as SubRip. Store the text as UTF-8."""
    return srt_blocks(arrange(with_names(cues)))


def srt_blocks(arranged: Iterable[Cue], first: int = 1) -> str:
    """Arranged cues as a piece of SubRip, numbered from `first`."""
    return "".join(
        f"{number}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n{cue.text}\n\n"
        for number, cue in enumerate(arranged, first)
    )


def to_vtt(cues: Iterable[Cue]) -> str:
    """Arrange cues and write them as WebVTT. Store the text as UTF-8."""
    return VTT_HEAD + vtt_blocks(arrange(cues))


def vtt_blocks(arranged: Iterable[Cue]) -> str:
    """Arranged cues as a piece of WebVTT, which comes after VTT_HEAD."""
    return "".join(
        f"{_clock(cue.start_s, '.')} --> {_clock(cue.end_s, '.')}\n{_voiced(cue)}\n\n"
        for cue in arranged
    )


def with_names(cues: Iterable[Cue]) -> Iterator[Cue]:
    """The cues with the name of who speaks before the text, for formats without names."""
    for cue in cues:
        yield replace(cue, text=f"{cue.speaker}: {cue.text}") if cue.speaker and cue.text else cue


def arrange(cues: Iterable[Cue]) -> list[Cue]:
    """Divide, wrap and time cues: in order, at whole milliseconds, without overlap.

    Cues without text are left out; no other text is lost.
    """
    divided = [part for cue in _in_sequence(cues) for part in _divide(cue)]
    arranged: list[Cue] = []
    free_ms = 0
    for cue, following in pairwise([*divided, _NEVER]):
        start_ms = max(round(1000 * cue.start_s), free_ms)
        shown_ms = max(1000 * cue.end_s - start_ms, 1000 * SHORTEST_S, 1000 * _reading_s(cue.text))
        end_ms = start_ms + min(shown_ms, 1000 * LONGEST_S)
        end_ms = round(min(end_ms, max(1000 * following.start_s, start_ms + _FLASH_MS)))
        arranged.append(replace(cue, start_s=start_ms / 1000, end_s=end_ms / 1000))
        free_ms = end_ms
    return arranged


_NEVER = Cue(inf, inf, "")


def _in_sequence(cues: Iterable[Cue]) -> Iterator[Cue]:
    """Order the cues. Extend each one for reading, but at most to the start of the next."""
    cleaned = (replace(cue, text=_clean(cue.text)) for cue in cues)
    ordered = sorted((cue for cue in cleaned if cue.text), key=lambda cue: cue.start_s)
    for cue, following in pairwise([*ordered, _NEVER]):
        start_s = max(cue.start_s, 0.0)
        readable_s = max(cue.end_s, start_s + _reading_s(cue.text))
        end_s = max(start_s, min(readable_s, following.start_s))
        yield replace(cue, start_s=start_s, end_s=end_s)


def _reading_s(text: str) -> float:
    return _width(text) / READING_SPEED


def _clock(time_s: float, point: str) -> str:
    seconds, ms = divmod(round(1000 * time_s), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"


def _voiced(cue: Cue) -> str:
    """The text of a cue for WebVTT, in a voice span where the speaker has a name."""
    text = _escaped(cue.text)
    return f"<v {_escaped(cue.speaker)}>{text}" if cue.speaker else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece that is never divided: a word, or a character of a script without spaces."""

    text: str
    width: int
    spaced: bool
    """Whether a space goes before it, unless it starts a line."""


def _divide(cue: Cue) -> Iterator[Cue]:
    """Cut a cue into parts of at most two lines, each with its share of the time."""
    line = _Line(_tokens(cue.text), cue.language)
    total, span_s = line.width(0, line.length), cue.end_s - cue.start_s
    # Slow speech: a part that could stay for longer than LONGEST_S is divided further.
    limit = max(total * LONGEST_S / span_s, LINE_COLUMNS / 2) if span_s > LONGEST_S else inf
    parts = line.parts(limit)
    shares = list(accumulate(line.width(*part) for part in parts))
    start_s = cue.start_s
    for part, share in zip(parts, shares, strict=True):
        end_s = cue.start_s + span_s * share / max(shares[-1], 1)
        yield replace(cue, start_s=start_s, end_s=end_s, text=line.wrapped(*part))
        start_s = end_s


class _Line:
    """The tokens of a cue as one long line, to be cut into parts of one or two lines."""

    def __init__(self, tokens: Sequence[_Token], language: str) -> None:
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
                slack = 1 - width / (LINES * LINE_COLUMNS)
                cost = best[start][0] + 6 + 4 * slack * slack + self._costs[end]
                if cost < best[end][0]:
                    best[end] = (cost, start)
        parts = []
        end = self.length
        while end:
            parts.append((best[end][1], end))
            end = best[end][1]
        return parts[::-1]

    def wrapped(self, start: int, end: int) -> str:
        """The text of a part: one line, or two of similar length with a good break between."""
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


def _clean(text: str) -> str:
    return _SPACE.sub(" ", text).strip(" ")


def _tokens(text: str) -> list[_Token]:
    """The tokens of a cleaned text."""
    tokens = []
    for word in text.split(" "):
        spaced = True
        for piece in _PIECE.findall(word):
            for bit in _cut_to_width(piece):
                tokens.append(_Token(bit, _width(bit), spaced))
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


def _width(text: str) -> int:
    return sum(map(_character_width, text))


@lru_cache(maxsize=4096)
def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1

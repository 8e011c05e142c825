"""Arranges timed text as professional subtitles are, and writes it as SubRip (SRT) and WebVTT.

A cue has at most two lines of 42 columns, or four where it shows two languages. A longer one is
divided where a sentence or a clause ends, and its time is divided in proportion to the text. Cues
stay long enough to be read where there is room, and never overlap. The figures are common to the
Netflix and BBC guidelines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import inf

from stslocal.results.subtitle_lines import LINE_COLUMNS, Line, clean, width_of
from stslocal.types import Word

VTT_HEAD = "WEBVTT\n\n"
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
    second: str = ""
    """The same in another language, shown beneath the text; empty where only one is shown."""
    second_language: str = ""
    words: tuple[Word, ...] = ()
    """The words of the text, where their times are known."""
    speaker: str = ""
    """The name of the person who says it; empty where speakers are not distinguished."""

    @property
    def lines(self) -> str:
        """Both texts of an arranged cue, the second one beneath the first."""
        return "\n".join(filter(None, (self.text, self.second)))


def to_srt(cues: Iterable[Cue]) -> str:
    """Arrange cues and write them as SubRip. Store the text as UTF-8."""
    return srt_blocks(arrange(map(_with_bound_name, cues)))


def srt_blocks(arranged: Iterable[Cue], first: int = 1) -> str:
    """Arranged cues as a piece of SubRip, numbered from `first`."""
    return "".join(
        f"{number}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n"
        f"{cue.lines.replace(_bound(f'{cue.speaker}: '), f'{cue.speaker}: ', 1)}\n\n"
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


def with_name(cue: Cue) -> Cue:
    """The cue with the name of who speaks before the text, for formats that have no names."""
    return replace(cue, text=f"{cue.speaker}: {cue.text}") if cue.speaker and cue.text else cue


def _with_bound_name(cue: Cue) -> Cue:
    """As `with_name`; the name and the first word are not parted."""
    named = with_name(cue)
    if named is cue:
        return cue
    return replace(cue, text=_bound(f"{cue.speaker}: ") + cue.text)


def _bound(text: str) -> str:
    return text.replace(" ", "\u00a0")


def without_name(text: str, speaker: str) -> str:
    """A text of a subtitle without the name that `with_names` puts before it."""
    return text.removeprefix(f"{speaker}:").lstrip() if speaker else text


def arrange(cues: Iterable[Cue]) -> list[Cue]:
    """Divide, wrap and time cues: in order, at whole milliseconds, without overlap.

    Cues without text are left out; no other text is lost.
    """
    divided = [part for cue in _in_sequence(cues) for part in _divide(cue)]
    arranged: list[Cue] = []
    free_ms = 0
    for cue, following in pairwise([*divided, _NEVER]):
        start_ms = max(round(1000 * cue.start_s), free_ms)
        shown_ms = max(1000 * cue.end_s - start_ms, 1000 * SHORTEST_S, 1000 * _reading_s(cue))
        end_ms = start_ms + min(shown_ms, 1000 * LONGEST_S)
        end_ms = round(min(end_ms, max(1000 * following.start_s, start_ms + _FLASH_MS)))
        arranged.append(replace(cue, start_s=start_ms / 1000, end_s=end_ms / 1000))
        free_ms = end_ms
    return arranged


_NEVER = Cue(inf, inf, "")


def _in_sequence(cues: Iterable[Cue]) -> Iterator[Cue]:
    """Order the cues. Extend each one for reading, but at most to the start of the next.

    Where two persons speak at once, the next one waits until the first can be read, but at most
    until that person is silent.
    """
    free_s = 0.0
    for cue, following in pairwise([*in_order(cues), _NEVER]):
        start_s = max(cue.start_s, free_s)
        readable_s = max(cue.end_s, start_s + _reading_s(cue))
        end_s = max(start_s, min(readable_s, following.start_s))
        if cue.speaker != following.speaker and following.start_s < cue.end_s:
            end_s = free_s = max(end_s, min(cue.end_s, start_s + _reading_s(cue)))
        yield replace(cue, start_s=start_s, end_s=end_s)


def in_order(cues: Iterable[Cue]) -> list[Cue]:
    """The cues that have a text, each on one line, in the order of their starts."""
    cleaned = (replace(cue, text=clean(cue.text), second=clean(cue.second)) for cue in cues)
    return sorted((cue for cue in cleaned if cue.lines), key=lambda cue: cue.start_s)


def _reading_s(cue: Cue) -> float:
    """Seconds that a viewer needs for the cue, who reads one of its texts."""
    return max(width_of(cue.text), width_of(cue.second)) / READING_SPEED


def _clock(time_s: float, point: str) -> str:
    seconds, ms = divmod(round(1000 * time_s), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"


def _voiced(cue: Cue) -> str:
    """The text of a cue for WebVTT, in a voice span where the speaker has a name."""
    text = _escaped(cue.lines)
    return f"<v {_escaped(cue.speaker)}>{text}" if cue.speaker else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _divide(cue: Cue) -> Iterator[Cue]:
    """Cut a cue into parts of at most two lines a text, each with its share of the time."""
    texts = [Line(cue.text, cue.language), Line(cue.second, cue.second_language)]
    span_s = cue.end_s - cue.start_s
    divisions = []
    for text in texts:
        # Slow speech: a part that could stay for longer than LONGEST_S is divided further.
        total = text.width(0, text.length)
        limit = max(total * LONGEST_S / span_s, LINE_COLUMNS / 2) if span_s > LONGEST_S else inf
        divisions.append(text.parts(limit))
    count = max(map(len, divisions))
    if cue.text and cue.second:
        divisions = [text.parts_in_number(count) for text in texts]
    widths = [0] * count
    for text, parts in zip(texts, divisions, strict=True):
        for number, part in enumerate(parts):
            widths[number] += text.width(*part)
    shares = list(accumulate(widths))
    start_s = cue.start_s
    for number, share in enumerate(shares):
        end_s = cue.start_s + span_s * share / max(shares[-1], 1)
        first, second = (
            text.wrapped(*parts[number]) if parts else ""
            for text, parts in zip(texts, divisions, strict=True)
        )
        yield replace(cue, start_s=start_s, end_s=end_s, text=first, second=second)
        start_s = end_s

"""The report of a translation: one page that shows what became of each sentence.

It needs no network, no other file and no script, and its policy allows none. All text in it comes
from recordings and models, so it is escaped, and characters that change the direction of the text
around them are left out.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from math import ceil
from pathlib import Path
from string import Template

from stslocal.languages import UNDETERMINED, name_of
from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment, Span
from stslocal.text.figures import clock

_FOLDER = Path(__file__).parent
_ROW_S = 60.0
_MOST_ROWS = 12
"""A longer recording has longer rows."""
_COLUMNS = 600
"""Peaks in a row."""
_WIDTH, _HEIGHT = 1200, 100
"""Size of one track in a row, in the units of the picture."""
_LEAST_PEAK = 0.05
"""A track is drawn as high as its loudest peak, but noise is not drawn as speech."""


@dataclass(frozen=True, slots=True)
class Track:
    """The picture of a sound: the peak (0 to 1) of each step of `step_s` seconds."""

    peaks: Sequence[float]
    step_s: float

    @property
    def duration_s(self) -> float:
        return len(self.peaks) * self.step_s


def report_page(session: Session, original: Track, translation: Track | None) -> str:
    """The page of a session, as HTML, in UTF-8. `translation` is None where nothing is spoken."""
    translation = Track((), original.step_s) if translation is None else translation
    style = (_FOLDER / "report.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    page = Template((_FOLDER / "report.html").read_text(encoding="utf-8"))
    return page.substitute(
        style=style,
        style_hash=f"sha256-{digest}",
        title=f"{_text(session.source.name)}: report of its translation",
        name=_text(session.source.name),
        figures="\n".join(_figures(session)),
        warnings=_section("warnings", "Warnings", session.warnings),
        rows="\n".join(_rows(session, original, translation)),
        dropped=_section(
            "dropped",
            "Missing or doubtful in the translation",
            [
                f"{clock(int(one.start_s))} to {clock(int(one.end_s))}: {one.reason}"
                + (f" ({one.text})" if one.text else "")
                for one in session.dropped
            ],
        ),
        sentences=_sentences(session),
        program=_text(session.program),
    )


def _text(text: str) -> str:
    """Text from a recording, as HTML."""
    return escape("".join(letter if _is_plain(letter) else " " for letter in text))


def _is_plain(letter: str) -> bool:
    """Whether a character is shown, or joins letters as some scripts need."""
    return unicodedata.category(letter)[0] != "C" or letter in "\u200c\u200d"


def _figures(session: Session) -> Iterator[str]:
    rows = session.segments
    late = [row.late_s for row in rows if row.late_s is not None]
    faulty = sum(bool(row.check and row.check.fault) for row in rows)
    again = sum(bool(row.check and row.check.said_again) for row in rows)
    source = session.source_language
    figures = {
        "Languages": f"{'?' if source == UNDETERMINED else name_of(source)} → "
        f"{name_of(session.target_language)}",
        "Length": clock(round(session.source.duration_s)),
        "Voice": session.voice.name or "none",
        "Sentences": str(len(rows)),
        "Doubtful": str(faulty),
        "Said again": str(again),
        "Latest": f"{max(late):+.1f} s" if late else "–",
        "Fastest": f"{max((row.speed for row in rows), default=1.0):.2f} ×",
    }
    for name, value in figures.items():
        yield f"    <div><dt>{name}</dt><dd><bdi>{_text(value)}</bdi></dd></div>"


def _section(name: str, title: str, lines: Iterable[str]) -> str:
    """A list with a heading; nothing where the list is empty."""
    items = "".join(f"<li><bdi>{_text(line)}</bdi></li>\n" for line in lines)
    if not items:
        return ""
    return (
        f'<section class="{name}" aria-labelledby="{name}">\n<h2 id="{name}">{title}</h2>\n'
        f'<ul class="list">\n{items}</ul>\n</section>'
    )


def _rows(session: Session, original: Track, translation: Track) -> Iterator[str]:
    """The pictures of both tracks, a row for each stretch of time."""
    total_s = max(original.duration_s, translation.duration_s, 1.0)
    count = min(_MOST_ROWS, ceil(total_s / _ROW_S))
    row_s = total_s / count
    for at in range(count):
        start_s, end_s = at * row_s, (at + 1) * row_s
        parts = []
        for row in session.segments:
            fault = " fault" if row.check and row.check.fault else ""
            parts += _block(row.source, start_s, end_s, 0, "")
            if row.target is not None:
                parts += _block(row.target, start_s, end_s, _HEIGHT, fault)
        for track, kind, top in ((original, "source", 0), (translation, "target", _HEIGHT)):
            parts.append(_wave(track, start_s, end_s, top, kind))
        yield (
            f'<figure><svg viewBox="0 0 {_WIDTH} {2 * _HEIGHT}" preserveAspectRatio="none" '
            f'aria-hidden="true">{"".join(parts)}</svg>'
            f"<figcaption><span>{clock(int(start_s))}</span><span>{clock(ceil(end_s))}</span>"
            "</figcaption></figure>"
        )


def _block(span: Span, start_s: float, end_s: float, top: int, fault: str) -> list[str]:
    """The place of a sentence in a row, if it is in it."""
    if span.end_s <= start_s or span.start_s >= end_s:
        return []
    scale = _WIDTH / (end_s - start_s)
    left = max(0.0, (span.start_s - start_s) * scale)
    right = min(float(_WIDTH), (span.end_s - start_s) * scale)
    return [
        f'<rect class="span{fault}" x="{left:.1f}" y="{top + 4}" width="{right - left:.1f}" '
        f'height="{_HEIGHT - 8}" rx="4"/>'
    ]


def _wave(track: Track, start_s: float, end_s: float, top: int, kind: str) -> str:
    """The outline of a sound in a row: its peaks to the right, and back beneath the middle."""
    highest = max(max(track.peaks, default=0.0), _LEAST_PEAK)
    step_s = (end_s - start_s) / _COLUMNS
    middle = top + _HEIGHT / 2
    above, beneath = [], []
    for column in range(_COLUMNS):
        first = int((start_s + column * step_s) / track.step_s)
        last = max(first + 1, int((start_s + (column + 1) * step_s) / track.step_s))
        peak = max(track.peaks[first:last], default=0.0) / highest
        reach = max(0.6, (_HEIGHT / 2 - 8) * peak**0.7)
        x = column * _WIDTH / _COLUMNS
        above.append(f"{x:g},{middle - reach:.1f}")
        beneath.append(f"{x:g},{middle + reach:.1f}")
    return f'<polygon class="{kind}" points="{" ".join([*above, *reversed(beneath)])}"/>'


def _sentences(session: Session) -> str:
    if not session.segments:
        return "<p>Nobody speaks in this recording.</p>"
    items = "\n".join(
        _sentence(number, row, session.target_language)
        for number, row in enumerate(session.segments, 1)
    )
    return f'<ol class="sentences">\n{items}\n</ol>'


def _sentence(number: int, row: SessionSegment, target: str) -> str:
    check = row.check
    fault = ' class="fault"' if check and check.fault else ""
    notes = ""
    if check and check.fault:
        notes += f'<p class="note fault"><b>Doubtful:</b> {_text(check.fault)}.</p>'
    if check and check.said_again:
        times = "once" if check.said_again == 1 else f"{check.said_again} times"
        notes += f'<p class="note">Said again {times}.</p>'
    if check and check.recognized and (check.fault or check.said_again):
        notes += (
            '<p class="note">Recognized in the speech: '
            f'<bdi lang="{_text(target)}">{_text(check.recognized)}</bdi></p>'
        )
    head = "".join(f"<span>{one}</span>" for one in _places(row))
    return (
        f'<li id="s{number}"{fault}><div class="head"><h3>{number}</h3>{head}</div>'
        f'<div class="texts"><p lang="{_text(row.language)}" dir="auto">{_text(row.text)}</p>'
        f'<p lang="{_text(target)}" dir="auto">{_text(row.translation)}</p></div>{notes}</li>'
    )


def _places(row: SessionSegment) -> Iterator[str]:
    """Who says a sentence, when and how, for its head."""
    if row.speaker:
        yield f"<bdi>{_text(row.who)}</bdi>"
    yield f"{_time(row.source.start_s)} to {_time(row.source.end_s)}"
    if row.target is None:
        yield "not spoken"
        return
    yield f"spoken {_time(row.target.start_s)} to {_time(row.target.end_s)}"
    yield f"starts {row.target.start_s - row.source.start_s:+.1f} s"
    yield f"speed {row.speed:.2f} ×"


def _time(seconds: float) -> str:
    tenths = round(max(0.0, seconds) * 10)
    return f"{clock(tenths // 10)}.{tenths % 10}"

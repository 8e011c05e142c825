"""The kinds of subtitle files, and how each is written.

SubRip, WebVTT and ASS (Advanced SubStation Alpha) have arranged cues. The other kinds have one
sentence a row and are laid out as openai-whisper writes them, so that scripts which read those
read ours:

    txt    a sentence a line
    tsv    start and end in whole milliseconds and the text, with a line of names above them
    json   {text, segments: [{id, start, end, text, words}], language}, with times in seconds. The
           words, [{word, start, end, probability}], are there where their times are known

Where speakers have names, ASS has them in its field Name, txt before the line, json as `speaker`.

Where a cue has a second text, ASS shows it in a style of its own; txt has it in a line beneath and
an empty line after it; tsv has a fourth column `original`, and so has a segment of json.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from stslocal.languages import UNDETERMINED
from stslocal.results.subtitles import Cue, arrange, in_order, to_srt, to_vtt, with_name

_ASS_HEAD = """\
[Script Info]
ScriptType: v4.00+
PlayResX: 1920
PlayResY: 1080
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,60,&H00FFFFFF,&H000000FF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,3,1,2,\
60,60,50,1
Style: Original,Arial,44,&H0000E6FF,&H000000FF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,3,1,2,\
60,60,50,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_ASS_ESCAPES = str.maketrans({"{": r"\{", "}": r"\}", "\\": "\\\u2060", "\n": r"\N"})
"""A word joiner behind a backslash keeps it from beginning a command."""


def to_ass(cues: Iterable[Cue]) -> str:
    """Arrange cues and write them as ASS. Store the text as UTF-8."""
    return _ASS_HEAD + "".join(
        f"Dialogue: 0,{_ass_clock(cue.start_s)},{_ass_clock(cue.end_s)},Default,"
        f"{_ass_name(cue)},0,0,0,,{_ass_text(cue)}\n"
        for cue in arrange(cues)
    )


def to_txt(cues: Iterable[Cue]) -> str:
    """Write the texts alone, a sentence a line."""
    return "".join(
        f"{cue.text}\n{cue.second}\n\n" if cue.second else f"{cue.text}\n"
        for cue in in_order(map(with_name, cues))
    )


def to_tsv(cues: Iterable[Cue]) -> str:
    """Write a table with tabs between its columns: start and end in milliseconds, and the text."""
    ordered = in_order(cues)
    has_second = any(cue.second for cue in ordered)
    rows = [("start", "end", "text", "original")]
    for cue in ordered:
        times = (str(round(1000 * cue.start_s)), str(round(1000 * cue.end_s)))
        rows.append((*times, cue.text, cue.second))
    return "".join("\t".join(row[: 4 if has_second else 3]) + "\n" for row in rows)


def to_json(cues: Iterable[Cue]) -> str:
    """Write the sentences with their times as JSON."""
    ordered = in_order(cues)
    document = {
        "text": " ".join(cue.text for cue in ordered),
        "segments": [_json_segment(number, cue) for number, cue in enumerate(ordered)],
        "language": ordered[0].language if ordered else UNDETERMINED,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


SUBTITLE_FORMATS: dict[str, Callable[[Iterable[Cue]], str]] = {
    "srt": to_srt,
    "vtt": to_vtt,
    "ass": to_ass,
    "txt": to_txt,
    "tsv": to_tsv,
    "json": to_json,
}
"""The function that writes each kind, by the suffix of its files."""


def _ass_clock(time_s: float) -> str:
    seconds, hundredths = divmod(round(100 * time_s), 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{hundredths:02}"


def _ass_name(cue: Cue) -> str:
    """The name of the speaker, in a field that ends at a comma."""
    return cue.speaker.replace(",", ";").translate(_ASS_ESCAPES)


def _ass_text(cue: Cue) -> str:
    text, second = cue.text.translate(_ASS_ESCAPES), cue.second.translate(_ASS_ESCAPES)
    if not second:
        return text
    return rf"{text}\N{{\rOriginal}}{second}" if text else rf"{{\rOriginal}}{second}"


def _json_segment(number: int, cue: Cue) -> dict[str, Any]:
    segment: dict[str, Any] = {
        "id": number,
        "start": round(cue.start_s, 3),
        "end": round(cue.end_s, 3),
        "text": cue.text,
        **({"speaker": cue.speaker} if cue.speaker else {}),
    }
    if cue.second:
        segment["original"] = cue.second
    if words := _json_words(cue):
        segment["words"] = words
    return segment


def _json_words(cue: Cue) -> list[dict[str, Any]]:
    """The words, each with the space before it: joined they give the text, as Whisper's do.

    None for a text that was corrected.
    """
    words, at = [], 0
    for word in cue.words:
        found = cue.text.find(word.text, at)
        if found < 0:
            return []
        behind = found + len(word.text)
        words.append(
            {
                "word": cue.text[at:behind],
                "start": round(word.start_s, 3),
                "end": round(word.end_s, 3),
                "probability": round(word.probability, 3),
            }
        )
        at = behind
    return words

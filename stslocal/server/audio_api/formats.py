"""Recognized and translated text in the forms that OpenAI's clients know."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from stslocal.languages import name_of_form
from stslocal.results.subtitles import Cue, to_srt, to_vtt
from stslocal.types import Segment, Word

FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
GRANULARITIES = ("segment", "word")


@dataclass(frozen=True, slots=True)
class Line:
    """A segment with the text that is wanted: its own, or its translation."""

    segment: Segment
    text: str


@dataclass(frozen=True, slots=True)
class TextResult:
    """What became of a recording."""

    lines: Sequence[Line]
    language: str
    """Code of the text's language."""
    spoken: str
    """Code of the language of the speech."""
    duration_s: float
    warnings: Sequence[str] = ()

    @property
    def text(self) -> str:
        """All of the text."""
        return " ".join(line.text for line in self.lines)


def answer(result: TextResult, form: str, granularities: Sequence[str] = ()) -> Response:
    """The response in one of FORMATS."""
    if form == "text":
        return PlainTextResponse(result.text + "\n")
    if form in ("srt", "vtt"):
        cues = [
            Cue(line.segment.start_s, line.segment.end_s, line.text, result.language)
            for line in result.lines
        ]
        if form == "srt":
            return PlainTextResponse(to_srt(cues), media_type="application/x-subrip")
        return PlainTextResponse(to_vtt(cues), media_type="text/vtt")
    body: dict[str, Any] = {"text": result.text}
    if form == "verbose_json":
        body |= {
            "task": "transcribe" if result.language == result.spoken else "translate",
            "language": name_of_form(result.language, "").lower(),
            "duration": round(result.duration_s, 3),
            "segments": [_segment(number, line) for number, line in enumerate(result.lines)],
        }
        if "word" in granularities:
            body["words"] = [_word(word) for line in result.lines for word in line.segment.words]
    if result.warnings:
        body["warnings"] = list(result.warnings)
    body["usage"] = {"type": "duration", "seconds": round(result.duration_s, 3)}
    return JSONResponse(body)


def _segment(number: int, line: Line) -> dict[str, Any]:
    """A segment as Whisper's interface has it; what we have no figure for has its neutral value.

    `avg_logprob` is the mean over the words, and there are no tokens.
    """
    segment = line.segment
    logs = [math.log(max(word.probability, 1e-6)) for word in segment.words]
    data = line.text.encode(errors="replace")
    return {
        "id": number,
        "seek": 0,
        "start": round(segment.start_s, 3),
        "end": round(segment.end_s, 3),
        "text": line.text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(sum(logs) / len(logs), 4) if logs else 0.0,
        "compression_ratio": round(len(data) / max(1, len(zlib.compress(data))), 4),
        "no_speech_prob": 0.0,
    }


def _word(word: Word) -> dict[str, Any]:
    return {"word": word.text, "start": round(word.start_s, 3), "end": round(word.end_s, 3)}

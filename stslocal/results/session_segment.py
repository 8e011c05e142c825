"""Writes and reads the segments of a session file. `session` describes the format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stslocal.results.corrections import (
    NOTHING,
    Correction,
    Made,
    correction_row,
    parse_correction,
)
from stslocal.types import Dropped, Word


@dataclass(frozen=True, slots=True)
class Span:
    """A time span in a stream."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SpeechCheck:
    """What was found when the speech of a segment was checked."""

    fault: str = ""
    """What is wrong with it, for a person; empty if nothing is."""
    recognized: str = ""
    """What was recognized in it; empty where it was not recognized again."""
    said_again: int = 0
    """How often it was spoken in another way, of which the best one is kept."""


@dataclass(frozen=True, slots=True)
class SessionSegment:
    """One segment: source text, translation, and its places in both streams."""

    index: int
    language: str
    source: Span
    text: str
    words: Sequence[Word]
    translation: str
    target: Span | None
    """None when the segment has no sound, such as an empty translation."""
    voice: str
    speed: float
    timings: Mapping[str, float]
    """Seconds of work: recognition_s, translation_s, synthesis_s."""
    speaker: str = ""
    """The name of the person who speaks; empty where speakers are not distinguished."""
    also: tuple[str, ...] = ()
    """The names of the others who speak at the same time: its text may be of them too."""
    correction: Correction = NOTHING
    """What a person wants otherwise."""
    redone: Correction = NOTHING
    """The correction with which the files were made."""
    made: Made | None = None
    """The texts that the program made by itself, where `redone` has others."""
    check: SpeechCheck | None = None
    """None where the speech was not checked."""

    @property
    def is_changed(self) -> bool:
        """Whether a person wants something that is not in the files yet."""
        return self.correction != self.redone

    @property
    def by_program(self) -> Made:
        """The texts that the program made by itself."""
        return self.made or Made(self.text, self.translation)

    @property
    def who(self) -> str:
        """Who speaks, for a person: `S1`, or `S1 + S2` where two persons speak at once."""
        return " + ".join(filter(None, (self.speaker, *self.also)))

    @property
    def late_s(self) -> float | None:
        """Seconds from the start of the source to the start of its translation; None if silent."""
        return None if self.target is None else self.target.start_s - self.source.start_s


def segment_line(segment: SessionSegment) -> str:
    """The segment as a session file has it: a line break and a line, without a comma."""
    return "\n  " + json.dumps(segment_row(segment), ensure_ascii=False)


def segment_row(segment: SessionSegment) -> dict[str, Any]:
    """The segment as JSON values."""
    return {
        "index": segment.index,
        "language": segment.language,
        **({"speaker": segment.speaker} if segment.speaker else {}),
        **({"also": list(segment.also)} if segment.also else {}),
        "source": {
            **_span_row(segment.source),
            "text": segment.text,
            "words": [
                [w.text, round(w.start_s, 3), round(w.end_s, 3), round(w.probability, 3)]
                for w in segment.words
            ],
        },
        "translation": segment.translation,
        "target": None if segment.target is None else _span_row(segment.target),
        "late_s": None if segment.late_s is None else round(segment.late_s, 3),
        "voice": segment.voice,
        "speed": round(segment.speed, 3),
        "timings": {name: round(seconds, 4) for name, seconds in segment.timings.items()},
        **_corrected(segment),
        **({"check": asdict(segment.check)} if segment.check else {}),
    }


def parse_segment(row: Mapping[str, Any]) -> SessionSegment:
    """Read the values of `segment_row`. Raises KeyError, TypeError or ValueError for others."""
    source, target = row["source"], row["target"]
    return SessionSegment(
        index=int(row["index"]),
        language=str(row["language"]),
        source=Span(float(source["start_s"]), float(source["end_s"])),
        text=str(source["text"]),
        words=[
            Word(str(text), float(start_s), float(end_s), float(probability))
            for text, start_s, end_s, probability in source["words"]
        ],
        translation=str(row["translation"]),
        target=None if target is None else Span(float(target["start_s"]), float(target["end_s"])),
        voice=str(row["voice"]),
        speed=float(row["speed"]),
        timings={name: float(seconds) for name, seconds in row["timings"].items()},
        speaker=str(row.get("speaker", "")),
        also=tuple(str(name) for name in row.get("also", ())),
        check=_parse_check(row["check"]) if "check" in row else None,
        correction=parse_correction(row.get("correction", {})),
        redone=parse_correction(row.get("redone", {})),
        made=_parse_made(row.get("made")),
    )


def as_written(segment: SessionSegment) -> SessionSegment:
    """The segment as a session file gives it back: its times are rounded.

    What is made of it is then the same when it is made again from the file.
    """
    return parse_segment(segment_row(segment))


def dropped_row(one: Dropped) -> dict[str, Any]:
    """A stretch of speech that was dropped, as JSON values."""
    return {
        "start_s": round(one.start_s, 3),
        "end_s": round(one.end_s, 3),
        "reason": one.reason,
        "text": one.text,
    }


def parse_dropped(row: Mapping[str, Any]) -> Dropped:
    """Read the values of `dropped_row`. Raises KeyError, TypeError or ValueError for others."""
    return Dropped(float(row["start_s"]), float(row["end_s"]), str(row["reason"]), str(row["text"]))


def _corrected(segment: SessionSegment) -> dict[str, Any]:
    """What a person corrected; empty where nothing."""
    made = segment.made
    rows = {
        "correction": correction_row(segment.correction),
        "redone": correction_row(segment.redone),
        "made": {"text": made.text, "translation": made.translation} if made else None,
    }
    return {name: row for name, row in rows.items() if row}


def _parse_made(row: Mapping[str, Any] | None) -> Made | None:
    return None if row is None else Made(str(row["text"]), str(row["translation"]))


def _parse_check(row: Mapping[str, Any]) -> SpeechCheck:
    return SpeechCheck(str(row["fault"]), str(row["recognized"]), int(row["said_again"]))


def _span_row(span: Span) -> dict[str, float]:
    return {"start_s": round(span.start_s, 3), "end_s": round(span.end_s, 3)}

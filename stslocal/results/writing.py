"""Turns segments into rows of a session file and cues of subtitles, in files and live."""

from __future__ import annotations

from dataclasses import replace

from stslocal.results.session import SessionVoice
from stslocal.results.session_segment import SessionSegment, Span
from stslocal.results.subtitles import Cue
from stslocal.types import Segment, TranslatedSegment, VoiceProfile


def recognized_row(segment: Segment) -> SessionSegment:
    """The row of a segment when it is recognized."""
    return SessionSegment(
        index=segment.index,
        language=segment.language,
        source=Span(segment.start_s, segment.end_s),
        text=segment.text,
        words=segment.words,
        translation="",
        target=None,
        voice="",
        speed=1.0,
        timings={"recognition_s": segment.recognition_s},
    )


def translated_row(row: SessionSegment, item: TranslatedSegment) -> SessionSegment:
    """The row of a segment when it is translated."""
    timings = {**row.timings, "translation_s": item.translation_s}
    return replace(row, translation=item.text, timings=timings)


def spoken_row(
    row: SessionSegment, target: Span | None, *, voice: str, speed: float, synthesis_s: float
) -> SessionSegment:
    """The row of a segment when it is spoken. `target` is its place; None if it has no sound."""
    timings = {**row.timings, "synthesis_s": synthesis_s}
    return replace(row, target=target, voice=voice, speed=speed, timings=timings)


def source_cue(row: SessionSegment) -> Cue:
    """The cue of the source text."""
    return Cue(row.source.start_s, row.source.end_s, row.text)


def target_cue(row: SessionSegment) -> Cue:
    """The cue of the translation, at the time of its speech, else of its source."""
    span = row.target or row.source
    return Cue(span.start_s, span.end_s, row.translation)


def session_voice(voice: VoiceProfile | None, *, requested: str = "") -> SessionVoice:
    """Describe the voice that spoke; by the name in the request while none has spoken."""
    if voice is None:
        return SessionVoice(requested)
    return SessionVoice(voice.name, voice.pitch_semitones, dict(voice.provenance))

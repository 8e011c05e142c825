"""Segments to the rows of a session file and the cues of subtitles, in files and live."""

from __future__ import annotations

from dataclasses import replace

from stslocal.results.session import SessionVoice
from stslocal.results.session_segment import SessionSegment, Span
from stslocal.results.subtitles import Cue
from stslocal.types import Segment, TranslatedSegment, VoiceProfile


def recognized_row(segment: Segment) -> SessionSegment:
    """What is known of a segment once it is recognized."""
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
    """The row of a segment once it is translated."""
    timings = {**row.timings, "translation_s": item.translation_s}
    return replace(row, translation=item.text, timings=timings)


def spoken_row(
    row: SessionSegment, target: Span | None, *, voice: str, speed: float, synthesis_s: float
) -> SessionSegment:
    """The row of a segment once it is spoken; `target` is where, None for one without sound."""
    timings = {**row.timings, "synthesis_s": synthesis_s}
    return replace(row, target=target, voice=voice, speed=speed, timings=timings)


def source_cue(row: SessionSegment) -> Cue:
    """The subtitle of what was said."""
    return Cue(row.source.start_s, row.source.end_s, row.text)


def target_cue(row: SessionSegment) -> Cue:
    """The subtitle of the translation: where it is spoken, else where its source was."""
    span = row.target or row.source
    return Cue(span.start_s, span.end_s, row.translation)


def session_voice(voice: VoiceProfile | None, *, wanted: str = "") -> SessionVoice:
    """The voice that spoke; `wanted` is its name as long as none did."""
    if voice is None:
        return SessionVoice(wanted)
    return SessionVoice(voice.name, voice.pitch_semitones, dict(voice.provenance))

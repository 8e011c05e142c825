"""Turns segments into rows of a session file and cues of subtitles, in files and live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stslocal.results.session_segment import SessionSegment, Span
from stslocal.results.session_speakers import SessionVoice
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
        speaker=segment.speaker,
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
    # A check of what was spoken before says nothing of this speech.
    return replace(row, target=target, voice=voice, speed=speed, timings=timings, check=None)


def source_cue(row: SessionSegment) -> Cue:
    """The cue of the source text."""
    return Cue(
        row.source.start_s,
        row.source.end_s,
        row.text,
        row.language,
        words=tuple(row.words),
        speaker=row.who,
    )


def target_cue(
    row: SessionSegment, language: str, *, times: str = "speech", bilingual: bool = False
) -> Cue:
    """The cue of the translation, in `language`, at the times of its `speech` or its `source`.

    A `bilingual` one shows what was said too, where that was in another language.

    A cue that begins with the speech stays while its original is said, which may last longer. A
    translation without speech has the times of its source.
    """
    if row.target is None or times == "source":
        start_s, end_s = row.source.start_s, row.source.end_s
    else:
        start_s, end_s = row.target.start_s, max(row.target.end_s, row.source.end_s)
    cue = Cue(start_s, end_s, row.translation, language, speaker=row.who)
    if not bilingual or row.language == language:
        return cue
    return replace(cue, second=row.text, second_language=row.language)


def session_voice(voice: VoiceProfile | None, *, requested: str = "") -> SessionVoice:
    """Describe the voice that spoke; by the name in the request while none has spoken."""
    if voice is None:
        return SessionVoice(requested)
    return SessionVoice(voice.name, voice.pitch_semitones, dict(voice.provenance))


def session_speakers(
    rows: Sequence[SessionSegment],
    voices: Mapping[str, VoiceProfile],
    voice: VoiceProfile | None,
) -> dict[str, SessionVoice]:
    """The voice of each speaker in the rows; `voice` is that of those who have none in `voices`."""
    names = dict.fromkeys(row.speaker for row in rows if row.speaker)
    return {name: session_voice(voices.get(name, voice)) for name in names}

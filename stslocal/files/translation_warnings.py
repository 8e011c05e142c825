"""What a person should know of a finished translation, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stslocal.languages import name_of
from stslocal.translation.dropped import places_of
from stslocal.types import Segment, VoiceProfile


def of_nobody(*, is_spoken: bool) -> str:
    """Say that a recording has no speech."""
    return f"nobody speaks in this recording: its translation is {_nothing(is_spoken=is_spoken)}"


def of_no_words(*, is_spoken: bool) -> str:
    """Say that a recording has no words."""
    return f"no words were recognized: the translation is {_nothing(is_spoken=is_spoken)}"


def _nothing(*, is_spoken: bool) -> str:
    return "silent" if is_spoken else "empty"


def of_only_texts(voice: VoiceProfile) -> str:
    """Say that subtitles are spoken where no speech was detected, and in which voice."""
    said = "no speech was detected in this recording: the subtitles are spoken at their times"
    return f"{said}, in the default voice" if "default" in voice.provenance else said


def of_default_voices(voices: Mapping[str, VoiceProfile]) -> Iterator[str]:
    """Say which voices, by speaker, are the default one, and why."""
    for speaker, voice in voices.items():
        if reason := voice.provenance.get("default"):
            who = f" for {speaker}" if speaker else ""
            yield f"the default voice speaks{who}: {reason}"


def of_shortened(segments: Sequence[Segment]) -> Iterator[str]:
    """Say which segments are said in a shorter way than the best translation."""
    if segments:
        places = places_of((one.start_s, one.end_s) for one in segments)
        yield f"there was no time for the best translation at {places}: it is said in a shorter way"


def of_kept(spans: Sequence[tuple[float, float]], target: str, *, is_spoken: bool) -> Iterator[str]:
    """Say which speech keeps its own sound or words, because it is in the target language."""
    if spans:
        kept = "its own sound is kept" if is_spoken else "its words stay as they are"
        yield f"the speech at {places_of(spans)} is in {name_of(target)} already: {kept}"


def of_lost_terms(times: Mapping[str, int]) -> Iterator[str]:
    """Say which terms of a glossary were translated freely, and how often each was."""
    if times:
        terms = ", ".join(f"'{term}' {count} x" for term, count in times.items())
        yield f"terms of the glossary that were translated freely: {terms}"

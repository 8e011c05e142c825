"""A voice for each speaker of a recording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from stslocal.voices.choose import VoiceEngines


def speaker_voices(
    voices: VoiceEngines, references: Mapping[str, Samples], *, name: str, language: str
) -> dict[str, VoiceProfile]:
    """Make a voice like each speaker's; no two are the same where the engine has enough.

    `references` is speech of each at 16 kHz, `name` the setting for the voice.
    """
    made: dict[str, VoiceProfile] = {}
    for speaker, speech in references.items():
        voice = voices.like(speech, RECOGNITION_RATE, language=language, name=name)
        made[speaker] = voices.apart(voice, list(made.values()))
    return made


def warnings_of(voices: Mapping[str, VoiceProfile]) -> Iterator[str]:
    """Say whose voice is a default one, and why. The name of a single voice is empty."""
    for speaker, voice in voices.items():
        if reason := voice.provenance.get("default"):
            who = f" for {speaker}" if speaker else ""
            yield f"the default voice speaks{who}: {reason}"

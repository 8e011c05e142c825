"""A voice for each speaker of a recording."""

from __future__ import annotations

from collections.abc import Mapping

from stslocal.loading.engines import Engines
from stslocal.settings import LIKE_THE_SPEAKER
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile


def speaker_voices(
    engines: Engines, request: TranslationRequest, references: Mapping[str, Samples]
) -> dict[str, VoiceProfile]:
    """Make a voice like each speaker's; no two are the same where the engine has enough.

    `references` is speech of each at 16 kHz. Empty where the request names one voice for all.
    """
    if request.voice not in LIKE_THE_SPEAKER or request.reference is not None:
        return {}
    voices: dict[str, VoiceProfile] = {}
    for speaker, speech in references.items():
        voice = engines.choose_voice(
            request.voice, speech, RECOGNITION_RATE, language=request.target_language
        )
        voices[speaker] = engines.apart(voice, list(voices.values()))
    return voices

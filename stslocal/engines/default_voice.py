"""The voice for a synthesizer that can neither clone a speaker nor find a similar voice."""

from __future__ import annotations

from dataclasses import replace

from stslocal.engines.protocols import SpeakerEncoder, SpeechSynthesizer
from stslocal.types import Samples, VoiceProfile


class DefaultVoice:
    """A `VoiceMatcher` that gives every speaker the language's default voice."""

    def __init__(self, encoder: SpeakerEncoder, synthesizer: SpeechSynthesizer) -> None:
        self._synthesizer = synthesizer

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        """The default voice of `language`; `provenance` says why (`default`)."""
        return replace(
            self._default(language),
            name=name,
            provenance={"default": "the synthesizer cannot match voices", "language": language},
        )

    def adapted(self, profile: VoiceProfile, language: str) -> VoiceProfile:
        """The default voice of another language. A profile for `language` stays as it is."""
        if profile.provenance.get("language") == language:
            return profile
        about = {**profile.provenance, "language": language}
        return replace(self._default(language), name=profile.name, provenance=about)

    def steady(self, before: VoiceProfile, after: VoiceProfile) -> VoiceProfile:
        """The voice that speaks: both are the same one."""
        return before

    def _default(self, language: str) -> VoiceProfile:
        return self._synthesizer.voice(self._synthesizer.voice_names(language)[0])

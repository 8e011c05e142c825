"""The voice for a synthesizer that can neither clone a speaker nor find a similar voice."""

from __future__ import annotations

from collections.abc import Sequence
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

    def apart(self, profile: VoiceProfile, others: Sequence[VoiceProfile]) -> VoiceProfile:
        """The next built-in voice of the language that none of `others` is."""
        language = profile.provenance["language"]
        taken = {one.provenance.get("built_in", self._names(language)[0]) for one in others}
        free = [name for name in self._names(language) if name not in taken]
        if not others or not free:
            return profile
        about = {**profile.provenance, "built_in": free[0]}
        return replace(self._synthesizer.voice(free[0]), name=profile.name, provenance=about)

    def _names(self, language: str) -> tuple[str, ...]:
        return self._synthesizer.voice_names(language)

    def _default(self, language: str) -> VoiceProfile:
        return self._synthesizer.voice(self._names(language)[0])

"""Says the terms of a glossary as it asks, with any synthesizer."""

from __future__ import annotations

from collections.abc import Iterator

from stslocal.engines.protocols import SpeechSynthesizer
from stslocal.translation import placeholders
from stslocal.translation.glossary import Glossary
from stslocal.types import Samples, VoiceProfile


class GlossarySynthesizer:
    """A SpeechSynthesizer that gives another one the terms as they are said.

    What is written stays in the subtitles and in the session.
    """

    def __init__(self, synthesizer: SpeechSynthesizer, glossary: Glossary) -> None:
        self.capabilities = synthesizer.capabilities
        self.sample_rate = synthesizer.sample_rate
        self._synthesizer = synthesizer
        self._said = glossary.as_said()

    def voice_names(self, language: str) -> tuple[str, ...]:
        return self._synthesizer.voice_names(language)

    def voice(self, name: str) -> VoiceProfile:
        return self._synthesizer.voice(name)

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        return self._synthesizer.synthesize(
            self._as_said(text), language=language, voice=voice, speed=speed
        )

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        return self._synthesizer.estimate_s(
            self._as_said(text), language=language, voice=voice, speed=speed
        )

    def _as_said(self, text: str) -> str:
        found = self._said.occurrences(text)
        spans = [(each.start, each.end) for each in found]
        return placeholders.put_in(text, spans, [each.term.target for each in found])

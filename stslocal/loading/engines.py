"""The loaded engines of a run, shared by all of its stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from stslocal.engines.protocols import (
    SpeechRecognizer,
    SpeechSynthesizer,
    TextTranslator,
    VoiceActivityDetector,
    VoiceCloner,
)
from stslocal.loading.selection import EngineSelection
from stslocal.results.session import SessionModel
from stslocal.settings import MATCH_VOICE, Settings
from stslocal.translation.coverage import Coverage
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.translators import Translators
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from stslocal.voices.choose import VoiceEngines, as_it_is
from stslocal.voices.store import VoiceStore


@dataclass(frozen=True, slots=True)
class Threads:
    """CPU threads of each engine, and how many segments are spoken at once."""

    recognition: int
    synthesis: int
    synthesis_workers: int


def share_threads(cores: int) -> Threads:
    """Share the cores out for file translation.

    Synthesis is most of the work. On two cores, two segments spoken at once on a core each came
    1.1 to 1.4 times sooner than one after the other on both (four pairs on a busy machine).
    """
    workers = max(1, cores // 2) if cores > 2 else cores
    return Threads(
        recognition=max(1, cores // 2),
        synthesis=max(1, cores // workers),
        synthesis_workers=workers,
    )


@dataclass(slots=True)
class Engines:
    """Everything that a translation needs, loaded once."""

    vad: VoiceActivityDetector
    recognizer: SpeechRecognizer
    translators: Mapping[str, TextTranslator]
    """Those that may be used, by name, the preferred first."""
    synthesizer: SpeechSynthesizer
    cloner: VoiceCloner
    selection: EngineSelection
    threads: Threads
    models: Mapping[str, tuple[SessionModel, ...]] = field(default_factory=dict)
    """What each engine was loaded from, by the engine's name."""
    adapt: Callable[[VoiceProfile, str], VoiceProfile] = as_it_is
    """Gives a saved voice's speaker the voice for another language."""
    saved: VoiceStore = field(default_factory=VoiceStore)
    """The voices that a person has saved."""

    @property
    def coverage(self) -> Coverage:
        """Which languages these engines reach together."""
        return Coverage(
            recognizer=self.selection.recognizer,
            recognizes=self.recognizer.capabilities,
            translators={name: mt.capabilities for name, mt in self.translators.items()},
            synthesizer=self.selection.synthesizer,
            speaks=self.synthesizer.capabilities,
            recognizer_translates=self.selection.recognizer_translates,
        )

    def translators_with(
        self, glossary: Glossary | None, *, on_lost: Callable[[Term], None] = lambda term: None
    ) -> Translators:
        """Give the translators by pair of languages, held to a glossary.

        `on_lost` is called for each term that was translated freely after all.
        """
        return Translators(self.translators, self.coverage, glossary=glossary, on_lost=on_lost)

    def check(self, settings: Settings) -> None:
        """Raise SettingsError for a language, a pair or a voice that these engines lack."""
        if settings.source == "auto":
            self.coverage.check_target(settings.target)
        else:
            self.coverage.check_pair(settings.source, settings.target)
        if settings.voice != MATCH_VOICE:
            self.voices.voice(settings.voice, language=settings.target)

    @property
    def voices(self) -> VoiceEngines:
        """Whose voice may speak."""
        return VoiceEngines(
            self.synthesizer, self.cloner, self.selection.synthesizer, self.adapt, self.saved
        )

    def choose_voice(
        self, voice: str, speech: Samples, sample_rate: int, *, language: str
    ) -> VoiceProfile:
        """The voice to speak `language` in: like the speaker's of `speech` for `match`, else the
        one of that name.

        Raises SettingsError for an unknown name.
        """
        if voice == MATCH_VOICE:
            return self.voices.like(speech, sample_rate, language=language)
        return self.voices.voice(voice, language=language)

    def models_for(self, source: str, target: str) -> list[SessionModel]:
        """What took part in a translation of this pair, for its session file."""
        used = [self.selection.recognizer, self.selection.synthesizer]
        for name, translator in self.translators.items():
            if (source, target) in translator.capabilities.pairs:
                used.append(name)
                break
        return [model for name in used for model in self.models[name]]

    def warm_up(self, source: str | None, target: str) -> None:
        """Run every engine once, so that the first sentence does not pay for it."""
        silence = np.zeros(RECOGNITION_RATE, np.float32)
        self.recognizer.transcribe(silence, language=source)
        for _ in self.synthesizer.synthesize("1", language=target):
            pass
        if source is not None and not self.coverage.is_by_ear(source, target):
            translator = self.translators_with(None).for_pair(source, target)
            assert translator is not None
            translator.translate(["1"], source=source, target=target, quick=True)

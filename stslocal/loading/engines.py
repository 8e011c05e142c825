"""The loaded engines of a run, shared by all of its stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from stslocal.engines.protocols import (
    SpeakerDiarizer,
    SpeechRecognizer,
    SpeechSynthesizer,
    TextTranslator,
    VoiceActivityDetector,
    VoiceCloner,
)
from stslocal.errors import ModelError, SettingsError
from stslocal.languages import name_of
from stslocal.loading.selection import EngineSelection
from stslocal.loading.separators import LoadedSeparator
from stslocal.results.session import SessionModel
from stslocal.settings import LIKE_THE_SPEAKER, Settings
from stslocal.translation.coverage import Coverage
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.glossary_voice import GlossarySynthesizer
from stslocal.translation.translators import Translators
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from stslocal.voices.choose import (
    VoiceEngines,
    as_it_is,
    newest,
    nothing_to_prepare,
    unchanged,
)
from stslocal.voices.store import VoiceStore


@dataclass(frozen=True, slots=True)
class Threads:
    """The CPU threads of each engine."""

    recognition: int
    synthesis: int
    """Threads of each synthesis worker."""
    synthesis_workers: int
    """Segments that are synthesized at once."""


def share_threads(cores: int) -> Threads:
    """Divide the cores among the engines for file translation.

    Synthesis is most of the work. On two cores, synthesizing two segments at once, each on one
    core, was 1.1 to 1.4 times faster than one after the other on both cores (four pairs of runs
    on a busy machine).
    """
    workers = max(1, cores // 2) if cores > 2 else cores
    return Threads(
        recognition=max(1, cores // 2),
        synthesis=max(1, cores // workers),
        synthesis_workers=workers,
    )


def _no_diarizer() -> SpeakerDiarizer:
    """The `load_diarizer` of engines that were not loaded from a store."""
    raise SettingsError("these engines cannot find the speakers: load them with `load_engines`")


def _no_separator() -> LoadedSeparator:
    """The `load_separator` of engines that were not loaded from a store."""
    raise SettingsError("these engines separate no voice: load them with `load_engines`")


@dataclass(slots=True)
class RecognitionEngines:
    """What recognizes speech, for work that translates and speaks nothing."""

    vad: VoiceActivityDetector
    recognizer: SpeechRecognizer
    name: str
    """The recognizer's name."""


def _nothing_is_known(source: str, target: str) -> None:
    """The `check_needs` of engines that were not loaded from a store."""


@dataclass(slots=True)
class Engines:
    """All engines that a translation needs, loaded once."""

    vad: VoiceActivityDetector
    recognizer: SpeechRecognizer
    translators: Mapping[str, TextTranslator]
    """The translators of the run by name, the preferred first."""
    synthesizer: SpeechSynthesizer
    cloner: VoiceCloner
    selection: EngineSelection
    threads: Threads
    models: Mapping[str, tuple[SessionModel, ...]] = field(default_factory=dict)
    """The models that each engine was loaded from, by the engine's name."""
    adapt: Callable[[VoiceProfile, str], VoiceProfile] = unchanged
    """Makes the voice of the same speaker for another language."""
    steady: Callable[[VoiceProfile, VoiceProfile], VoiceProfile] = newest
    """Which of two voices of one speaker speaks on, the second one made from more speech."""
    saved: VoiceStore = field(default_factory=VoiceStore)
    """The voices that a person has saved."""
    converter: str = ""
    """The engine of converted voices; empty where none are."""
    prepare: Callable[[str], None] = nothing_to_prepare
    """Does once for a language what making voices for it needs."""
    apart: Callable[[VoiceProfile, Sequence[VoiceProfile]], VoiceProfile] = as_it_is
    """The voice for a speaker beside those of the other speakers of a recording."""
    load_diarizer: Callable[[], SpeakerDiarizer] = _no_diarizer
    """Loads the engine that finds who speaks when. Raises as `load_engines` does."""
    load_separator: Callable[[], LoadedSeparator] = _no_separator
    """Loads the engine that finds the voice beside music. Raises as `load_engines` does."""
    check_needs: Callable[[str, str], None] = _nothing_is_known
    """Raises the error that says what must be installed for a pair of languages."""

    @property
    def recognition(self) -> RecognitionEngines:
        """The engines that recognize, without the others."""
        return RecognitionEngines(self.vad, self.recognizer, self.selection.recognizer)

    @property
    def coverage(self) -> Coverage:
        """The pairs of languages that these engines reach together."""
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
        """Return the translators by pair of languages, with a glossary applied.

        `on_lost` is called for each term that is translated freely in the end.
        """
        return Translators(self.translators, self.coverage, glossary=glossary, on_lost=on_lost)

    def synthesizer_with(self, glossary: Glossary | None) -> SpeechSynthesizer:
        """Return the synthesizer, which says the terms of a glossary as it asks."""
        return (
            self.synthesizer
            if glossary is None
            else GlossarySynthesizer(self.synthesizer, glossary)
        )

    def check_detected(self, source: str, target: str) -> None:
        """Raise an error that ends with the next step, unless this pair can be translated.

        `source` is the language that was detected in the sound. Raises SettingsError, and
        ModelNotFoundError where a model that is not installed has the pair.
        """
        try:
            self.coverage.check_pair(source, target, detected=True)
        except SettingsError:
            if source == target:
                raise
            try:
                self.check_needs(source, target)
            except (SettingsError, ModelError) as error:
                raise type(error)(
                    f"{name_of(source)} was detected in the sound (--from names another language), "
                    f"and {error}"
                ) from None
            raise

    def check(self, settings: Settings) -> None:
        """Raise SettingsError for a language, a pair or a voice that these engines lack."""
        if settings.source == "auto":
            self.coverage.check_target(settings.target)
        else:
            self.coverage.check_pair(settings.source, settings.target)
        if settings.voice not in LIKE_THE_SPEAKER and self.selection.is_spoken:
            self.voices.voice(settings.voice, language=settings.target)

    @property
    def voices(self) -> VoiceEngines:
        """The synthesizer and the voices that it can speak in."""
        return VoiceEngines(
            self.synthesizer,
            self.cloner,
            self.selection.synthesizer,
            self.adapt,
            self.steady,
            self.saved,
            self.converter,
            self.prepare,
            self.apart,
        )

    def choose_voice(
        self, voice: str, speech: Samples, sample_rate: int, *, language: str
    ) -> VoiceProfile:
        """The voice that speaks `language`: for one of `LIKE_THE_SPEAKER` one like the speaker's of
        `speech`, else the voice of that name.

        Raises SettingsError for an unknown name.
        """
        if voice in LIKE_THE_SPEAKER:
            name = self.selection.voice(voice)
            return self.voices.like(speech, sample_rate, language=language, name=name)
        return self.voices.voice(voice, language=language)

    def models_for(self, source: str, target: str) -> list[SessionModel]:
        """The models that a translation of this pair uses, for its session file."""
        selection = self.selection
        used = [selection.recognizer, *filter(None, [selection.synthesizer, selection.converter])]
        if self.coverage.has_translator(source, target):
            used += self.coverage.way(source, target)
        return [model for name in used for model in self.models.get(name, ())]

    def warm_up(self, source: str | None, target: str) -> None:
        """Run every engine once, because the first run of an engine is slower."""
        silence = np.zeros(RECOGNITION_RATE, np.float32)
        self.recognizer.transcribe(silence, language=source)
        if self.selection.is_spoken:
            for _ in self.synthesizer.synthesize("1", language=target):
                pass
            self.prepare(target)
        if source is not None and not self.coverage.is_by_ear(source, target):
            translator = self.translators_with(None).for_pair(source, target)
            assert translator is not None
            # A word: a number alone is kept as it is, and the translator would not run.
            translator.translate(["One."], source=source, target=target, quick=True)

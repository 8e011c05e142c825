"""Chooses the engines of a run, refuses what they cannot do, and loads them side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stslocal.clock import RealClock
from stslocal.engines import registry
from stslocal.engines.protocols import (
    SpeechRecognizer,
    SpeechSynthesizer,
    TextTranslator,
    VoiceActivityDetector,
    VoiceCloner,
)
from stslocal.loading.selection import EngineNames, Use
from stslocal.loading.speed_trial import measure_speed
from stslocal.loading.speeds import Speeds
from stslocal.machine import graphics, processor
from stslocal.models.store import ModelStore
from stslocal.results.session import SessionModel
from stslocal.settings import Settings
from stslocal.translation.coverage import Offer
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from stslocal.voices.choose import MATCH, VoiceEngines, as_it_is, check_voice
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
    """Everything that a translation needs, loaded once and shared by all of its stages."""

    vad: VoiceActivityDetector
    recognizer: SpeechRecognizer
    translators: Mapping[str, TextTranslator]
    """Those that may be used, by name, the preferred first."""
    synthesizer: SpeechSynthesizer
    cloner: VoiceCloner
    names: EngineNames
    threads: Threads
    models: Mapping[str, tuple[SessionModel, ...]] = field(default_factory=dict)
    """What each engine was loaded from, by the engine's name."""
    adapt: Callable[[VoiceProfile, str], VoiceProfile] = as_it_is
    """Gives a saved voice's speaker the voice for another language."""
    saved: VoiceStore = field(default_factory=VoiceStore)
    """The voices that a person has saved."""

    def translator_for(self, source: str, target: str) -> TextTranslator | None:
        """The translator of a pair; None when the recognizer translates by itself.

        Raises SettingsError, with what is supported, when there is neither.
        """
        name = self.offer.translator_for(source, target)
        return None if name is None else self.translators[name]

    @property
    def offer(self) -> Offer:
        """What these engines do together."""
        return Offer(
            recognizer=self.names.recognizer,
            hears=self.recognizer.capabilities,
            translators={name: mt.capabilities for name, mt in self.translators.items()},
            synthesizer=self.names.synthesizer,
            speaks=self.synthesizer.capabilities,
            own_translation=self.names.own_translation,
        )

    def check(self, settings: Settings) -> None:
        """Raise SettingsError for a language, a pair or a voice that these engines lack."""
        if settings.source == "auto":
            self.offer.check_target(settings.target)
        else:
            self.offer.check_pair(settings.source, settings.target)
        if settings.voice != MATCH:
            self.voices.voice(settings.voice, language=settings.target)

    @property
    def voices(self) -> VoiceEngines:
        """Whose voice may speak."""
        return VoiceEngines(
            self.synthesizer, self.cloner, self.names.synthesizer, self.adapt, self.saved
        )

    def choose_voice(
        self, voice: str, speech: Samples, sample_rate: int, *, language: str
    ) -> VoiceProfile:
        """The voice to speak `language` in: like the speaker's of `speech` for `match`, else the
        one of that name.

        Raises SettingsError for an unknown name.
        """
        if voice == MATCH:
            return self.voices.like(speech, sample_rate, language=language)
        return self.voices.voice(voice, language=language)

    def models_for(self, source: str, target: str) -> list[SessionModel]:
        """What took part in a translation of this pair, for its session file."""
        used = [self.names.recognizer, self.names.synthesizer]
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


def load_engines(
    settings: Settings,
    store: ModelStore,
    *,
    use: Use = "files",
    announce: Callable[[str], None] = lambda text: None,
    measure_again: bool = False,
) -> Engines:
    """Load what the settings ask for, concurrently.

    Where `auto` has a choice for live, an engine whose speed on this machine is not known (or is
    to be measured again) is measured first; an engine may have to find out how it computes
    fastest here. `announce` is told of either, in any thread.

    Raises SettingsError, before anything is loaded, for what does not exist or does not fit
    together; ModelNotFoundError or ModelIntegrityError for what is not installed or damaged.
    """
    loader = _Loader(settings, store, announce, measure_again=measure_again)
    names = EngineNames.choose(settings, store, use=use, measure=loader.measure)
    names.check(settings)
    check_voice(settings.voice, names.synthesizer, store, VoiceStore())
    jobs = {
        "vad": loader.job(registry.VAD, registry.choice(registry.VAD)),
        **{
            f"{role.name} {choice.name}": loader.job(role, choice)
            for role, choice in names.choices()
        },
    }
    if not registry.choice(registry.SYNTHESIZER, names.synthesizer).capabilities.clones:
        jobs["encoder"] = loader.job(
            registry.SPEAKER_ENCODER, registry.choice(registry.SPEAKER_ENCODER)
        )
    with ThreadPoolExecutor(len(jobs), thread_name_prefix="load") as pool:
        futures = {key: pool.submit(job) for key, job in jobs.items()}
        loaded = {key: future.result() for key, future in futures.items()}
    synthesizer = loaded[f"{registry.SYNTHESIZER.name} {names.synthesizer}"]
    voices = _voice_engines(names.synthesizer, synthesizer, loaded.get("encoder"))
    return Engines(
        vad=loaded["vad"],
        recognizer=loaded[f"{registry.RECOGNIZER.name} {names.recognizer}"],
        translators={
            name: loaded[f"{registry.TRANSLATOR.name} {name}"] for name in names.translators
        },
        synthesizer=synthesizer,
        cloner=voices.cloner,
        adapt=voices.adapt,
        names=names,
        threads=loader.threads,
        models={
            choice.name: tuple(
                SessionModel(role.name, choice.entry.name, model, store.hashes(model))
                for model in choice.weights.models
            )
            for role, choice in names.choices()
        },
    )


def load_voice_engines(settings: Settings, store: ModelStore) -> VoiceEngines:
    """Load the synthesizer that the settings ask for, and what makes voices for it.

    Raises what `load_engines` raises.
    """
    loader = _Loader(settings, store)
    name = EngineNames.choose(settings, store).synthesizer
    choice = registry.choice(registry.SYNTHESIZER, name)
    encoder = None
    if not choice.capabilities.clones:
        role = registry.SPEAKER_ENCODER
        encoder = loader.load(role, registry.choice(role))
    return _voice_engines(name, loader.load(registry.SYNTHESIZER, choice), encoder)


def _voice_engines(name: str, synthesizer: Any, encoder: Any) -> VoiceEngines:
    """A synthesizer that clones makes its own voices; another gets the nearest of those it has."""
    if encoder is None:
        return VoiceEngines(synthesizer, synthesizer, name)
    matcher = registry.voice_matcher(name, encoder, synthesizer)
    return VoiceEngines(synthesizer, matcher, name, matcher.adapted)


class _Loader:
    """Loads engines with the options of a run, and measures those whose speed is not known."""

    def __init__(
        self,
        settings: Settings,
        store: ModelStore,
        announce: Callable[[str], None] = lambda text: None,
        *,
        measure_again: bool = False,
    ) -> None:
        self.threads = share_threads(settings.threads or os.cpu_count() or 1)
        self._settings = settings
        self._store = store
        self._announce = announce
        self._measure_again = measure_again
        self._speeds: Speeds | None = None

    def load(self, role: registry.Role[Any], choice: registry.Choice) -> Any:
        return registry.create(
            role,
            choice.name,
            self._store,
            device=self._settings.device,
            compute_type=self._settings.compute_type,
            threads=self._threads(role),
            announce=self._announce,
        )

    def job(self, role: registry.Role[Any], choice: registry.Choice) -> Callable[[], Any]:
        return lambda: self.load(role, choice)

    def measure(self, role: registry.Role[Any], choice: registry.Choice) -> float | None:
        """The real-time factor of an engine, from the file of figures or else by a trial."""
        self._speeds = self._speeds or Speeds.discover(machine_name())
        key = speed_key(self._settings, choice)
        known = None if self._measure_again else self._speeds.get(key)
        if known is not None:
            return known.real_time_factor
        self._announce(f"measuring how fast {choice.name} is here, for the next times too ...")
        factor = measure_speed(role, self.load(role, choice), clock=RealClock())
        return None if factor is None else self._speeds.keep(key, factor).real_time_factor

    def _threads(self, role: registry.Role[Any]) -> int:
        if role is registry.RECOGNIZER:
            return self.threads.recognition
        if role is registry.SYNTHESIZER:
            return self.threads.synthesis
        return self._settings.threads


def speed_key(settings: Settings, choice: registry.Choice) -> str:
    """What a figure in `Speeds` is of: an engine with the options that change its speed."""
    threads = settings.threads or "all"
    return f"{choice.name}, {settings.device} {settings.compute_type}, {threads} threads"


def machine_name() -> str:
    """What engines compute on: processor, cores and GPU."""
    cpu = processor()
    return ", ".join([cpu.name, f"{cpu.cores} cores", *graphics()])

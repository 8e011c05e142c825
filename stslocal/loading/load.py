"""Loads the engines of a run side by side, after a check of what they can do together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from stslocal.engines import registry
from stslocal.engines.protocols import SpeakerEncoder, VoiceActivityDetector
from stslocal.errors import SettingsError
from stslocal.loading.border import loading_errors
from stslocal.loading.diarizers import load_diarizer
from stslocal.loading.engine_loader import EngineLoader
from stslocal.loading.engines import Engines
from stslocal.loading.needs import EVERY_ROLE, check_needs
from stslocal.loading.not_loaded import SILENT, NoRecognizer, NoSynthesizer
from stslocal.loading.select import select_engines
from stslocal.loading.selection import EngineSelection, Use
from stslocal.loading.separators import load_separator
from stslocal.loading.voice_engines import pair_voices
from stslocal.models.store import ModelStore
from stslocal.results.session import SessionModel
from stslocal.settings import Settings
from stslocal.voices.choose import VoiceEngines, check_voice
from stslocal.voices.store import VoiceStore

_log = logging.getLogger(__name__)

OnProgress: TypeAlias = Callable[[int, int, str], None]
"""Called with the number of engines that are loaded, that of all, and the one loaded last."""


def load_engines(
    settings: Settings,
    store: ModelStore,
    *,
    use: Use = "files",
    selection: EngineSelection | None = None,
    announce: Callable[[str], None] = lambda text: None,
    on_progress: OnProgress = lambda loaded, of, name: None,
    measure_again: bool = False,
    loaded: dict[str, Any] | None = None,
    roles: Sequence[registry.Role[Any]] = EVERY_ROLE,
) -> Engines:
    """Load the engines that the settings name, concurrently.

    `selection` is the selection for these settings, where it was made before. For live, where
    `auto` has a choice, an engine is measured first if its speed on this machine is not known or
    is to be measured again. Some engines try at their first load how they compute fastest here.
    `announce` gets a sentence about either; any thread may call it. `on_progress` is called in this
    thread before the first engine is loaded, and after each. `loaded` holds the engines of earlier
    calls, which are taken again; what is loaded now is added. One call at a time may use it.
    Of `roles` engines are loaded; without a recognizer, the settings name the source's language.

    Raises before anything is loaded: SettingsError for names that do not exist and for engines
    that do not fit together; ModelNotFoundError or ModelIntegrityError for a model that is not
    installed or damaged.
    """
    loader = EngineLoader(settings, store, announce, measure_again=measure_again)
    if selection is None:
        check_run(settings, store, roles=roles)  # also before the speed of an engine is measured
        selection = select_engines(settings, store, use=use, speed_of=loader.speed_of)
    check_run(settings, store, selection, roles=roles)
    loads = (*roles, registry.VOICE_CONVERTER)
    chosen = [(role, choice) for role, choice in selection.choices() if role in loads]
    jobs = {
        registry.VAD.name: loader.job(registry.VAD, registry.choice(registry.VAD)),
        **{f"{role.name} {choice.name}": loader.job(role, choice) for role, choice in chosen},
    }
    if selection.matches_voices:
        jobs[registry.SPEAKER_ENCODER.name] = loader.job(
            registry.SPEAKER_ENCODER, registry.choice(registry.SPEAKER_ENCODER)
        )
    loaded = {} if loaded is None else loaded
    missing = {key: job for key, job in jobs.items() if key not in loaded}
    with loading_errors(), ThreadPoolExecutor(len(jobs), thread_name_prefix="load") as pool:
        futures = {pool.submit(job): key for key, job in missing.items()}
        on_progress(0, len(missing), "")
        for done, future in enumerate(as_completed(futures), 1):
            key = futures[future]
            loaded[key] = future.result()
            on_progress(done, len(missing), key)
    vad, encoder = loaded[registry.VAD.name], loaded.get(registry.SPEAKER_ENCODER.name)
    synthesizer = loaded.get(f"{registry.SYNTHESIZER.name} {selection.synthesizer}")
    converter = loaded.get(f"{registry.VOICE_CONVERTER.name} {selection.converter}")
    voices = pair_voices(selection, store, synthesizer or NoSynthesizer(), encoder, converter)
    return Engines(
        vad=vad,
        recognizer=loaded[f"{registry.RECOGNIZER.name} {selection.recognizer}"]
        if registry.RECOGNIZER in roles
        else NoRecognizer(selection.coverage().recognizes, settings.source),
        translators={
            choice.name: loaded[f"{role.name} {choice.name}"]
            for role, choice in chosen
            if role is registry.TRANSLATOR
        },
        synthesizer=voices.synthesizer,
        cloner=voices.cloner,
        adapt=voices.adapt,
        steady=voices.steady,
        converter=voices.converter,
        prepare=voices.prepare,
        apart=voices.apart,
        load_diarizer=partial(load_diarizer, store, vad, encoder, threads=settings.threads),
        load_separator=partial(load_separator, store, settings.threads),
        selection=selection,
        threads=loader.threads,
        check_needs=lambda source, target: check_needs(
            replace(settings, source=source, target=target), store, selection
        ),
        models=_models(chosen, store),
    )


def engines_for_files(
    engines: Engines,
    settings: Settings,
    store: ModelStore,
    *,
    announce: Callable[[str], None] = lambda text: None,
) -> Engines:
    """The engines of a live session with the recognizer and the translators that files take.

    Those are better where live took others because they are faster. What is the same stays loaded.
    Raises what `load_engines` raises.
    """
    of_files = select_engines(settings, store)
    spoken = engines.selection
    selection = replace(of_files, synthesizer=spoken.synthesizer, converter=spoken.converter)
    if selection == engines.selection:
        return engines
    check_run(settings, store, selection)
    loader = EngineLoader(settings, store, announce)
    recognizer = engines.recognizer
    if selection.recognizer != engines.selection.recognizer:
        choice = registry.choice(registry.RECOGNIZER, selection.recognizer)
        recognizer = loader.load(registry.RECOGNIZER, choice)
    translators = {
        name: engines.translators.get(name)
        or loader.load(registry.TRANSLATOR, registry.choice(registry.TRANSLATOR, name))
        for name in selection.translators
    }
    return replace(
        engines,
        recognizer=recognizer,
        translators=translators,
        selection=selection,
        models=_models(selection.choices(), store),
    )


def _models(
    choices: Iterable[tuple[registry.Role[Any], registry.Choice]], store: ModelStore
) -> dict[str, tuple[SessionModel, ...]]:
    """The models of each engine, by the engine's name."""
    return {
        choice.name: tuple(
            SessionModel(role.name, choice.entry.name, model, store.hashes(model))
            for model in choice.weights.models
        )
        for role, choice in choices
    }


def check_run(
    settings: Settings,
    store: ModelStore,
    selection: EngineSelection | None = None,
    *,
    roles: Sequence[registry.Role[Any]] = EVERY_ROLE,
) -> None:
    """Refuse, before anything is loaded, what `load_engines` refuses."""
    selection = selection or select_engines(settings, store)
    check_needs(settings, store, selection, roles=roles)
    if selection.is_spoken:
        check_voice(settings.voice, selection.synthesizer, store, VoiceStore(), selection.converter)


def check_speaking(settings: Settings, store: ModelStore) -> EngineSelection:
    """Refuse, before anything is loaded, what `load_voice_engines` refuses.

    Returns the selection, of which the synthesizer and the converter are used.
    """
    if not settings.is_spoken:
        raise SettingsError(SILENT)
    selection = select_engines(settings, store)
    check_needs(settings, store, selection, roles=(registry.SYNTHESIZER,))
    return selection


def load_voice_engines(settings: Settings, store: ModelStore) -> VoiceEngines:
    """Load the synthesizer that the settings name, and the engine that makes voices for it.

    Raises what `load_engines` raises.
    """
    loader = EngineLoader(settings, store)
    selection = check_speaking(settings, store)
    choice = registry.choice(registry.SYNTHESIZER, selection.synthesizer)
    encoder = converter = None
    if selection.converter:
        role: registry.Role[Any] = registry.VOICE_CONVERTER
        converter = loader.load(role, registry.choice(role, selection.converter))
    elif selection.matches_voices:
        role = registry.SPEAKER_ENCODER
        encoder = loader.load(role, registry.choice(role))
    synthesizer = loader.load(registry.SYNTHESIZER, choice)
    return pair_voices(selection, store, synthesizer, encoder, converter)


def load_speaker_judges(
    store: ModelStore,
) -> tuple[VoiceActivityDetector, SpeakerEncoder | None]:
    """Load the detector of speech and the speaker encoder, which judge a reference.

    The encoder is None where it is not installed: a synthesizer that clones does without it.
    """
    role = registry.SPEAKER_ENCODER
    choice = registry.choice(role)
    is_here = all(store.installed(model) for model in choice.weights.models)
    detector = registry.create(registry.VAD, registry.choice(registry.VAD).name, store)
    return detector, registry.create(role, choice.name, store) if is_here else None

"""Loads only some of the engines of a run: to correct a translation, the synthesizer is enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from stslocal.engines import registry
from stslocal.engines.protocols import SpeechRecognizer, TextTranslator, VoiceActivityDetector
from stslocal.engines.registry import (
    RECOGNIZER,
    SPEAKER_ENCODER,
    SYNTHESIZER,
    TRANSLATOR,
    VAD,
    VOICE_CONVERTER,
    Choice,
    Role,
)
from stslocal.errors import ModelNotFoundError
from stslocal.loading.border import loading_errors
from stslocal.loading.engine_loader import EngineLoader
from stslocal.loading.needs import how_to_install
from stslocal.loading.selection import WHISPER_TRANSLATES, EngineSelection
from stslocal.loading.separators import LoadedSeparator, check_separator, load_separator
from stslocal.loading.voice_engines import pair_voices
from stslocal.models.store import ModelStore
from stslocal.results.session import SessionModel
from stslocal.settings import NO_SPEECH, Settings
from stslocal.translation.glossary import Glossary
from stslocal.translation.translators import Translators
from stslocal.voices.choose import VoiceEngines


@dataclass(frozen=True, slots=True)
class Parts:
    """Which engines are needed."""

    translators: bool = False
    synthesizer: bool = False
    voice_from_sound: bool = False
    """Whether a voice is made from a recording; else it has a name."""
    recognizer: bool = False
    """To check what is spoken."""
    separator: bool = False
    """To take the voice out of the original."""

    def __bool__(self) -> bool:
        return self.translators or self.synthesizer


@dataclass(frozen=True, slots=True)
class LoadedParts:
    """Engines of a run. Those that were not needed are not there."""

    selection: EngineSelection
    translators: Translators | None = None
    voices: VoiceEngines | None = None
    vad: VoiceActivityDetector | None = None
    models: Sequence[SessionModel] = ()
    recognizer: SpeechRecognizer | None = None
    separator: LoadedSeparator | None = None


def selection_of(settings: dict[str, Any]) -> EngineSelection:
    """The engines that a session was made with, by the `settings` in its file.

    Raises SettingsError for an engine that this release does not have.
    """
    written = str(settings["mt"])
    names = () if written in ("auto", WHISPER_TRANSLATES) else tuple(written.split())
    return EngineSelection(
        recognizer=str(settings["asr"]),
        translator=written if not names else "auto",
        synthesizer="" if settings["tts"] == NO_SPEECH else str(settings["tts"]),
        translators=names,
        converter=str(settings.get("converter", "")),
    )


def no_recognizer(selection: EngineSelection, store: ModelStore) -> str:
    """Why the recognizer of a session cannot be loaded, for a person; empty where it can."""
    advice = how_to_install([registry.choice(RECOGNIZER, selection.recognizer)], store)
    return f"{selection.recognizer} is not installed: {advice}" if advice else ""


def load_parts(
    settings: Settings,
    store: ModelStore,
    selection: EngineSelection,
    needed: Parts,
    glossary: Glossary | None = None,
    *,
    announce: Callable[[str], None] = lambda text: None,
) -> LoadedParts:
    """Load what is needed of a selection, side by side.

    Raises ModelNotFoundError, with the command that fetches them, before anything is loaded where
    models are missing; and the other errors of `load_engines`.
    """
    wanted = _wanted(selection, needed)
    choices = [choice for role, choice in wanted if role is not VAD]
    if advice := how_to_install(choices, store):
        names = " and ".join(choice.name for choice in choices)
        raise ModelNotFoundError(f"this needs {names}, and not all of it is installed: {advice}")
    if needed.separator:
        check_separator(store)
    loader = EngineLoader(settings, store, announce)
    with loading_errors(), ThreadPoolExecutor(max(1, len(wanted))) as pool:
        jobs = {choice.name: pool.submit(loader.load, role, choice) for role, choice in wanted}
        loaded = {name: job.result() for name, job in jobs.items()}
    translators: dict[str, TextTranslator] = {
        name: loaded[registry.choice(TRANSLATOR, name).name]
        for name in (selection.translators if needed.translators else ())
    }
    voices = None
    if needed.synthesizer:
        voices = pair_voices(
            selection,
            store,
            loaded[registry.choice(SYNTHESIZER, selection.synthesizer).name],
            loaded.get(registry.choice(SPEAKER_ENCODER).name),
            loaded.get(registry.choice(VOICE_CONVERTER, selection.converter).name)
            if selection.converter
            else None,
        )
    separator = load_separator(store, settings.threads) if needed.separator else None
    return LoadedParts(
        selection,
        Translators(translators, selection.coverage(), glossary=glossary)
        if needed.translators
        else None,
        voices,
        loaded.get(registry.choice(VAD).name),
        [
            SessionModel(role.name, choice.entry.name, model, store.hashes(model))
            for role, choice in wanted
            if role not in (VAD, SPEAKER_ENCODER)
            for model in choice.weights.models
        ],
        loaded[registry.choice(RECOGNIZER, selection.recognizer).name]
        if needed.recognizer
        else None,
        separator,
    )


def _wanted(selection: EngineSelection, needed: Parts) -> list[tuple[Role[Any], Choice]]:
    roles: list[Role[Any]] = [TRANSLATOR] * needed.translators + [RECOGNIZER] * needed.recognizer
    roles += [SYNTHESIZER, VOICE_CONVERTER] * needed.synthesizer
    wanted = [(role, choice) for role, choice in selection.choices() if role in roles]
    if needed.voice_from_sound:
        wanted.append((VAD, registry.choice(VAD)))
        if selection.matches_voices:
            wanted.append((SPEAKER_ENCODER, registry.choice(SPEAKER_ENCODER)))
    return wanted

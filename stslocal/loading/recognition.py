"""Loads what recognizes speech, for work that translates and speaks nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stslocal.engines import registry
from stslocal.loading.engine_loader import EngineLoader
from stslocal.loading.engines import RecognitionEngines
from stslocal.loading.needs import check_needs
from stslocal.loading.select import select_engines
from stslocal.loading.selection import Use
from stslocal.models.store import ModelStore
from stslocal.settings import Settings


def load_recognition(
    settings: Settings,
    store: ModelStore,
    *,
    use: Use = "files",
    announce: Callable[[str], None] = lambda text: None,
    loaded: dict[str, Any] | None = None,
) -> RecognitionEngines:
    """Load what recognizes speech; nothing that translates or speaks need be installed.

    Takes and raises what `load_engines` does.
    """
    loader = EngineLoader(settings, store, announce)
    recognizer = registry.RECOGNIZER

    def speed_of(role: registry.Role[Any], choice: registry.Choice) -> float | None:
        return loader.speed_of(role, choice) if role is recognizer else None

    selection = select_engines(settings, store, use=use, speed_of=speed_of)
    check_needs(settings, store, selection, roles=(recognizer,))
    loaded = {} if loaded is None else loaded
    choice, detector = registry.choice(recognizer, selection.recognizer), registry.VAD
    for key, job in (
        (detector.name, loader.job(detector, registry.choice(detector))),
        (f"{recognizer.name} {choice.name}", loader.job(recognizer, choice)),
    ):
        loaded[key] = loaded.get(key) or job()
    return RecognitionEngines(
        loaded[detector.name], loaded[f"{recognizer.name} {choice.name}"], choice.name
    )

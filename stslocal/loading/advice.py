"""What a person should know of the engines of a run before it begins."""

from __future__ import annotations

from stslocal.engines import registry
from stslocal.engines.registry import RECOGNIZER
from stslocal.errors import SettingsError
from stslocal.languages import find
from stslocal.loading.selection import EngineSelection
from stslocal.models.manifest import size_text
from stslocal.models.store import ModelStore
from stslocal.settings import Settings


def recognizer_advice(selection: EngineSelection, settings: Settings, store: ModelStore) -> str:
    """Say that the recognizer is weak in the language that is spoken, and what installs a better.

    Empty where it is not weak, where the language is not named, and where a better one is
    installed: then it was passed over, and the person knows why.
    """
    try:
        chosen = registry.choice(RECOGNIZER, selection.recognizer)
    except SettingsError:  # an engine of a Python program
        return ""
    count = chosen.weights.wrong_words
    if settings.source == "auto" or count is None:
        return ""
    wrong = count(chosen.name, settings.source)
    if not wrong:
        return ""
    every = [each for each in registry.choices(RECOGNIZER) if each.entry == chosen.entry]
    names = [each.name for each in every]
    better = every[: names.index(chosen.name)] if chosen.name in names else every
    able = [
        each
        for each in better
        if settings.source in each.capabilities.languages
        and each.weights.models[0] in store.manifest.models
    ]
    if not able or any(store.installed(each.name) for each in able):
        return ""
    model = store.manifest.model(able[-1].weights.models[0])
    return (
        f"{chosen.name} gets {wrong} of {find(settings.source).name} wrong: "
        f"`stslocal models pull {model.id}` ({size_text([model])}) installs a better recognizer, "
        "which is used where the machine is fast enough"
    )

"""What a person should know of the engines of a run before it begins."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from stslocal.engines import registry
from stslocal.engines.registry import RECOGNIZER, SYNTHESIZER, TRANSLATOR, VOICE_CONVERTER
from stslocal.errors import SettingsError
from stslocal.languages import find, name_of_form, regional_forms, regions
from stslocal.loading.selection import EngineSelection
from stslocal.models.manifest import size_text
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

SPEAKING: tuple[registry.Role[Any], ...] = (SYNTHESIZER, VOICE_CONVERTER)
"""The roles of the engines that a voice needs."""

_AS_TRANSLATED = "the words and the spelling are as the translator gives them"


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


def region_advice(selection: EngineSelection, settings: Settings) -> str:
    """Say what the engines of a run do of the region in `--to` or `--from`; empty without one.

    One sentence: which accent the voice has, and that the spelling is the translator's.
    """
    code, region = settings.target, settings.target_region
    if not region:
        if not settings.source_region:
            return ""
        form = name_of_form(settings.source, settings.source_region)
        return f"{form} is recognized as {find(settings.source).name} of any region"
    name = name_of_form(code, region)
    wanted = regional_forms(code, region)
    writers = [each for each in selection.translators if set(wanted) & _forms(TRANSLATOR, each)]
    if not selection.is_spoken:
        return "" if writers else f"{name}: {_AS_TRANSLATED}"
    spoken = _forms(SYNTHESIZER, selection.synthesizer)
    own = sorted(form.partition("-")[2] for form in spoken if form.partition("-")[0] == code)
    if found := next((form for form in wanted if form in spoken), None):
        voice = f"the voice is that of {regions()[found.partition('-')[2]]}"
    elif own:
        places = " or ".join(regions()[each] for each in own)
        voice = f"no voice here has it, so the voice is that of {places}"
    else:
        voice = f"{selection.synthesizer} has no regional voices, so it speaks as it does"
    return f"{name}: {voice}" if writers else f"{name}: {voice}; {_AS_TRANSLATED}"


def device_advice(
    selection: EngineSelection,
    settings: Settings,
    roles: Collection[registry.Role[Any]] = (RECOGNIZER, TRANSLATOR, *SPEAKING),
) -> str:
    """Say which engines run on the processor although `--device cuda` is set; empty if none does.

    Such an engine has no code for a GPU. `auto` promises none, so nothing is said then.
    """
    if settings.device != "cuda":
        return ""
    names = [
        found
        for role, name in selection.names()
        if role in roles and (found := _on_the_processor(role, name))
    ]
    if not names:
        return ""
    verb, they = ("runs", "it") if len(names) == 1 else ("run", "they")
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"{listed} {verb} on the processor, also with `--device cuda`: {they} cannot use a GPU"


def _on_the_processor(role: registry.Role[Any], name: str) -> str:
    """The name of an engine that cannot use a GPU; empty for one that can."""
    try:
        choice = registry.choice(role, name)
    except SettingsError:  # an engine of a Python program
        return ""
    return "" if "device" in choice.entry.options else choice.name


def _forms(role: registry.Role[Any], name: str) -> frozenset[str]:
    try:
        return registry.choice(role, name).capabilities.forms
    except SettingsError:  # an engine of a Python program
        return frozenset()

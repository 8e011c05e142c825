"""Finds the engines and loads them by name.

A folder beside this file that holds an `entry.py` is an engine, which the entry describes (see
`stslocal.engines.entry`). To add an engine, add such a folder. An engine's code is imported
when the engine is created. An engine that was chosen is never replaced by another one.
"""

from __future__ import annotations

import difflib
import importlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from time import perf_counter
from typing import Any, Protocol

from stslocal import engines
from stslocal.engines.entry import (
    RECOGNIZER,
    SEPARATOR,
    SPEAKER_DIARIZER,
    SPEAKER_ENCODER,
    SYNTHESIZER,
    TRANSLATOR,
    VAD,
    VOICE_CONVERTER,
    BuiltInVoice,
    EngineEntry,
    EngineT,
    Role,
    Weights,
)
from stslocal.engines.process import disable_telemetry
from stslocal.engines.protocols import (
    Capabilities,
    SpeakerEncoder,
    SpeechSynthesizer,
    VoiceMatcher,
)
from stslocal.errors import SettingsError

__all__ = [
    "ENGINES",
    "RECOGNIZER",
    "SEPARATOR",
    "SPEAKER_DIARIZER",
    "SPEAKER_ENCODER",
    "SYNTHESIZER",
    "TRANSLATOR",
    "VAD",
    "VOICE_CONVERTER",
    "BuiltInVoice",
    "Choice",
    "EngineEntry",
    "ModelFolders",
    "Role",
    "Weights",
    "built_in_voices",
    "choice",
    "choices",
    "create",
    "how_to_install",
    "install_command",
    "names",
    "short_for",
    "voice_matcher",
]

_log = logging.getLogger(__name__)

_MOST_LISTED = 20
"""More names than this are not listed in a message: the Firefox models are one for each pair."""


class ModelFolders(Protocol):
    """The part of a model store that the registry uses."""

    def folder(self, model_id: str) -> Path:
        """Folder of an installed model. Raises ModelNotFoundError, ModelIntegrityError."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine with the weights that it runs."""

    entry: EngineEntry
    weights: Weights

    @property
    def name(self) -> str:
        """Its name in settings: that of its weights, or the engine's if there is no model."""
        if self.weights.name:
            return self.weights.name
        return self.weights.models[0] if self.weights.models else self.entry.name

    @property
    def capabilities(self) -> Capabilities:
        """Its capabilities, known before it is loaded."""
        return self.weights.capabilities()

    @property
    def importable(self) -> bool:
        """Whether the packages that it needs are installed. Imports none of them."""
        return all(find_spec(package) is not None for package in self.entry.packages)


def _collect() -> tuple[EngineEntry, ...]:
    """Read the entry.py of every folder in `stslocal.engines` that has one."""
    packages = [found.name for found in iter_modules(engines.__path__) if found.ispkg]
    folders = [name for name in packages if find_spec(f"{engines.__name__}.{name}.entry")]
    entries: list[EngineEntry] = [
        importlib.import_module(f"{engines.__name__}.{folder}.entry").ENTRY for folder in folders
    ]
    return tuple(sorted(entries, key=lambda entry: (-entry.preference, entry.name)))


ENGINES: tuple[EngineEntry, ...] = _collect()
"""The best of each role first. The last one of a role is in the starter pack."""


def names(role: Role[Any]) -> tuple[str, ...]:
    """Names of the engines of a role, the best first."""
    return tuple(entry.name for entry in ENGINES if entry.role == role)


def choices(role: Role[Any], name: str = "auto") -> tuple[Choice, ...]:
    """The choices that a name stands for, the best first and never empty.

    `auto` stands for every engine of the role, an engine's name for all weights that it runs,
    a model's name for that model alone. `-` and `_` are equal, and the end of a name is enough
    where only one has it: `small` is `whisper-small`, `whisper` is `faster_whisper`. Raises
    SettingsError for any other name.
    """
    every = [
        Choice(entry, weights)
        for entry in ENGINES
        if entry.role == role
        for weights in entry.weights
    ]
    known = [*names(role), *(choice.name for choice in every)]
    wanted = _normalized(name)
    if wanted not in map(_normalized, known):
        wanted = _normalized(short_for(name, known) or name)
    exact = [choice for choice in every if wanted == _normalized(choice.name)]
    if exact and wanted not in map(_normalized, names(role)):
        return (exact[0],)
    found = tuple(
        choice
        for choice in every
        if (choice.weights.auto and wanted == "auto")
        or (
            (choice.weights.auto or choice.weights.by_engine_name)
            and wanted == _normalized(choice.entry.name)
        )
    )
    if not found:
        raise SettingsError(f"there is no {role.name} '{name}'{_suggestion(name, role, every)}")
    return found


def short_for(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` stands for: itself, or the one that ends in it.

    `large-v3` is `whisper-large-v3` and not `whisper-distil-large-v3`, because fewer parts are left
    out. None where no name ends in it, or several do with as few parts left out.
    """
    wanted = _normalized(name)
    left_out: dict[int, list[str]] = {}
    for text in dict.fromkeys(known):
        parts = _normalized(text).split("-")
        for count in range(len(parts)):
            if wanted == "-".join(parts[count:]):
                left_out.setdefault(count, []).append(text)
    best = left_out[min(left_out)] if left_out else []
    return best[0] if len(best) == 1 else None


def choice(role: Role[Any], name: str = "auto") -> Choice:
    """The last of the choices of a name, which runs on every machine. Raises SettingsError."""
    return choices(role, name)[-1]


def create(
    role: Role[EngineT],
    name: str,
    store: ModelFolders,
    *,
    device: str = "auto",
    compute_type: str = "auto",
    threads: int = 0,
    announce: Callable[[str], None] = lambda text: None,
    regions: Mapping[str, str] | None = None,
) -> EngineT:
    """Load the engine that `choice` gives for `name` from its installed models.

    An engine takes the options that its entry names. Raises SettingsError for an unknown name or
    a package that is not installed, and the errors of the store and of the engine.
    """
    began_s = perf_counter()
    chosen = choice(role, name)
    entry = chosen.entry
    engine_class = _import(entry, entry.target)
    general = {
        "device": device,
        "compute_type": compute_type,
        "threads": threads,
        "capabilities": chosen.capabilities,
        "announce": announce,
        "regions": regions or {},
    }
    folders = [store.folder(model) for model in chosen.weights.models]
    arguments = () if entry.models_in_package else folders
    engine: EngineT = engine_class.load(*arguments, **{key: general[key] for key in entry.options})
    _log.info("%s %s is loaded in %.1f s", role.name, chosen.name, perf_counter() - began_s)
    return engine


def built_in_voices(name: str, store: ModelFolders) -> tuple[BuiltInVoice, ...]:
    """The built-in voices of a synthesizer, which is not loaded; `name` is the synthesizer's.

    Raises the errors of the store for models that are not installed, and what `create` raises.
    """
    chosen = choice(SYNTHESIZER, name)
    if not chosen.entry.built_in_voices:
        return ()
    folders = [store.folder(model) for model in chosen.weights.models]
    voices: tuple[BuiltInVoice, ...] = _import(chosen.entry, chosen.entry.built_in_voices)(*folders)
    return voices


def voice_matcher(
    name: str, encoder: SpeakerEncoder, synthesizer: SpeechSynthesizer
) -> VoiceMatcher:
    """Make the voice matcher of a synthesizer that cannot clone; `name` is the synthesizer's.

    Raises SettingsError as `create` does.
    """
    entry = choice(SYNTHESIZER, name).entry
    matcher: VoiceMatcher = _import(entry, entry.voice_matcher)(encoder, synthesizer)
    return matcher


def how_to_install(entry: EngineEntry) -> str:
    """The advice to run the command that installs the packages of an engine."""
    return f"run `{install_command(entry)}`"


def install_command(entry: EngineEntry) -> str:
    """The command that installs the packages of an engine."""
    package = f"stslocal[{entry.extra}]" if entry.extra else "stslocal"
    return f"pip install '{package}'"


def _import(entry: EngineEntry, target: str) -> Any:
    """Import a `module:Class` of an engine."""
    module, _, class_name = target.partition(":")
    disable_telemetry()
    try:
        return getattr(importlib.import_module(module), class_name)
    except ModuleNotFoundError as exc:
        if exc.name and exc.name.partition(".")[0] == "stslocal":
            raise
        raise SettingsError(
            f"{entry.name} needs the package {exc.name}, which is not installed: "
            + how_to_install(entry)
        ) from exc


@cache
def _normalized(name: str) -> str:
    return name.replace("_", "-").lower()


def _suggestion(name: str, role: Role[Any], every: Iterable[Choice]) -> str:
    known = list(dict.fromkeys((*names(role), *(choice.name for choice in every))))
    ends = [text.partition("-")[2] for text in known]
    near = difflib.get_close_matches(name.lower(), [*known, *filter(None, ends)], n=1)
    if near:
        return f": did you mean '{near[0]}'?"
    if len(known) <= _MOST_LISTED:
        return f"; there is {', '.join(known)}"
    return f"; there is {', '.join(names(role))}, or a model of `stslocal models list`"

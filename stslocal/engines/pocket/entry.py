"""The entry of Pocket TTS in the registry."""

from __future__ import annotations

from functools import partial

from stslocal.engines.entry import SYNTHESIZER, EngineEntry, Weights
from stslocal.engines.pocket.languages import LANGUAGES
from stslocal.engines.protocols import Capabilities


def capabilities(language: str) -> Capabilities:
    """A model speaks one language, in any voice."""
    return Capabilities(languages=frozenset({language}), clones=True, streams_within=True)


ENTRY = EngineEntry(
    name="pocket",
    role=SYNTHESIZER,
    target="stslocal.engines.pocket.synthesizer:PocketSynthesizer",
    preference=2,
    weights=tuple(Weights((f"pocket-{code}",), partial(capabilities, code)) for code in LANGUAGES),
    options=("threads",),
    packages=("onnxruntime", "tokenizers"),
    built_in_voices="stslocal.engines.pocket.voices:built_in_voices",
)

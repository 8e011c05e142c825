"""The entry of XTTS in the registry."""

from __future__ import annotations

from stslocal.engines.entry import SYNTHESIZER, EngineEntry, Weights
from stslocal.engines.protocols import Capabilities
from stslocal.engines.xtts.languages import LANGUAGES


def capabilities() -> Capabilities:
    """17 languages in any voice. Chinese and Japanese need packages, which the extra installs."""
    return Capabilities(languages=LANGUAGES, clones=True, streams_within=True)


ENTRY = EngineEntry(
    name="xtts",
    role=SYNTHESIZER,
    target="stslocal.engines.xtts.synthesizer:XttsSynthesizer",
    preference=1,
    weights=(Weights(("xtts-v2",), capabilities),),
    options=("device", "compute_type", "threads"),
    packages=("TTS", "torch", "torchaudio"),
    extra="xtts",
    built_in_voices="stslocal.engines.xtts.checkpoint:built_in_voices",
)

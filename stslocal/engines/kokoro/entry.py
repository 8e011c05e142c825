"""The entry of Kokoro in the registry."""

from __future__ import annotations

from stslocal.engines.entry import SYNTHESIZER, EngineEntry, Weights
from stslocal.engines.kokoro.languages import LANGUAGES
from stslocal.engines.protocols import Capabilities


def capabilities() -> Capabilities:
    """Kokoro has built-in voices, each native to one language."""
    forms = frozenset(
        f"{code}-{region}" for code, each in LANGUAGES.items() for region in each.forms
    )
    return Capabilities(languages=frozenset(LANGUAGES), forms=forms)


ENTRY = EngineEntry(
    name="kokoro",
    role=SYNTHESIZER,
    target="stslocal.engines.kokoro.synthesizer:KokoroSynthesizer",
    weights=(Weights(("kokoro-82m-int8", "kokoro-voices"), capabilities),),
    options=("threads", "regions"),
    packages=("espeakng_loader", "onnxruntime"),
    built_in_voices="stslocal.engines.kokoro.voices:built_in_voices",
    voice_matcher="stslocal.engines.kokoro.voice_matching:StyleMatcher",
)

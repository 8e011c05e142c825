"""The entry of OpenVoice in the registry."""

from __future__ import annotations

from stslocal.engines.entry import VOICE_CONVERTER, EngineEntry, Weights

ENTRY = EngineEntry(
    name="openvoice",
    role=VOICE_CONVERTER,
    target="stslocal.engines.openvoice.converter:OpenVoiceConverter",
    weights=(Weights(("openvoice-v2",)),),
    options=("threads",),
    packages=("onnxruntime",),
)

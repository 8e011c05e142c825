"""The entry of GE2E in the registry."""

from __future__ import annotations

from stslocal.engines.entry import SPEAKER_ENCODER, EngineEntry, Weights

ENTRY = EngineEntry(
    name="ge2e",
    role=SPEAKER_ENCODER,
    target="stslocal.engines.speaker.ge2e:Ge2eEncoder",
    weights=(Weights(("ge2e",)),),
    packages=("onnxruntime", "safetensors"),
)

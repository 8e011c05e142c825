"""The entry of sherpa-onnx's diarization in the registry."""

from __future__ import annotations

from stslocal.engines.entry import SPEAKER_DIARIZER, EngineEntry, Weights

ENTRY = EngineEntry(
    name="sherpa",
    role=SPEAKER_DIARIZER,
    target="stslocal.engines.sherpa.diarizer:SherpaDiarizer",
    weights=(Weights(("pyannote-segmentation-3", "titanet-small"), name="sherpa"),),
    options=("threads",),
    packages=("sherpa_onnx",),
    extra="speakers",
)

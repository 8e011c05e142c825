"""The entry of Silero VAD in the registry."""

from __future__ import annotations

from stslocal.engines.entry import VAD, EngineEntry

ENTRY = EngineEntry(
    name="silero",
    role=VAD,
    target="stslocal.engines.silero.detector:SileroVad",
    packages=("faster_whisper", "onnxruntime"),
)

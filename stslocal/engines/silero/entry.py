"""Silero VAD, as the registry lists it."""

from __future__ import annotations

from stslocal.engines.entry import VAD, EngineEntry

ENTRY = EngineEntry(
    name="silero",
    role=VAD,
    target="stslocal.engines.silero.detector:SileroVad",
    packages=("faster_whisper", "onnxruntime"),
)

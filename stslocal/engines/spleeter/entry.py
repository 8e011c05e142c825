"""The entry of Spleeter in the registry."""

from __future__ import annotations

from stslocal.engines.entry import SEPARATOR, EngineEntry, Weights

ENTRY = EngineEntry(
    name="spleeter",
    role=SEPARATOR,
    target="stslocal.engines.spleeter.separator:SpleeterSeparator",
    weights=(Weights(("spleeter-2stems",)),),
    options=("threads",),
    packages=("onnxruntime",),
)

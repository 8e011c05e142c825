"""One file per engine: weights behind a protocol, with no memory between calls."""

from __future__ import annotations

import os

# onnxruntime reports to its maker from 1.29 on, and through Windows' own tracing before. The
# version is bounded below that; should another one be installed all the same, this silences it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

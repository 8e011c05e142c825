"""One file per engine: weights behind a protocol, with no memory between calls."""

from __future__ import annotations

import os
import sys

# onnxruntime reports to its maker from 1.29 on, and through Windows' own tracing before. The
# version is bounded below that; should another one be installed all the same, this silences it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# Every thread that computes with CTranslate2 or PyTorch has helpers of its own, which wait for
# the next matrix in a loop before they go to sleep. Where all of them together outnumber the
# cores, libgomp, the OpenMP of Linux, has them loop 100 times; waking them up then took a third
# of a translation. ACTIVE makes that 1000, the count keeps what is usual with fewer threads
# (300 000, some milliseconds), and the last is for other OpenMPs, which else would never sleep.
_WAITING = {"OMP_WAIT_POLICY": "ACTIVE", "GOMP_SPINCOUNT": "300000", "KMP_BLOCKTIME": "200"}
if sys.platform == "linux" and not os.environ.keys() & _WAITING.keys():
    os.environ.update(_WAITING)

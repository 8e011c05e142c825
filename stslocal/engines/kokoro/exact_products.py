"""Whether products of 8-bit numbers must be computed in a slower way that cannot overflow."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime

EXACT_PRODUCTS = "session.x64quantprecision"
"""onnxruntime's option for 8-bit products that cannot overflow."""


@cache
def fast_products_overflow(model: Path) -> bool:
    """Whether this processor's fast 8-bit product sums in 16 bits, so that large sums overflow.

    It does on x86-64 without VNNI, where the exact product is needed. Elsewhere the exact product
    would only take 2.5 times as long. `model` multiplies rows by a matrix of 127.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    (rows,) = session.get_inputs()
    depth = rows.shape[1]
    (product,) = session.run(None, {rows.name: np.full((8, depth), 255, np.uint8)})
    return bool((product != depth * 255 * 127).any())

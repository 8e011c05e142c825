"""A product that shows whether a processor adds 8-bit products up in 16 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.models.building import onnx_messages

ROWS, DEPTH = "rows", 64
"""Input of `product_of_largest`, shape (n, DEPTH), uint8."""

_MICROSOFT = "com.microsoft"


def product_of_largest() -> bytes:
    """A model that multiplies 8-bit ROWS by a matrix of 127, as the sound's convolutions do."""
    model = onnx_messages.new_model([("", 17), (_MICROSOFT, 1)])
    onnx_messages.declare(model.graph.input, ROWS, ("n", DEPTH), np.uint8)
    onnx_messages.declare(model.graph.output, "product", ("n", "columns"))
    constants: dict[str, NDArray[Any]] = {
        "weights": np.full((DEPTH, 16), 127, np.int8),
        "one": np.array(1.0, np.float32),
        "zero": np.array(0, np.uint8),
        "weight_zero": np.array(0, np.int8),
    }
    for name, values in constants.items():
        model.graph.initializer.add().CopyFrom(onnx_messages.tensor(name, values))
    inputs = [ROWS, "weights", "one", "one", "zero", "weight_zero"]
    product = onnx_messages.node("MatMulIntegerToFloat", inputs, ["product"], domain=_MICROSOFT)
    model.graph.node.add().CopyFrom(product)
    return bytes(model.SerializeToString())

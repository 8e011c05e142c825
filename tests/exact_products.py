"""Whether Kokoro's sound is exact on this processor.

Without VNNI, fast 8-bit products overflow. onnxruntime's option for exact ones reaches no product
in a loop (`Scan`) whose matrix lies outside the loop, as in the blocks of Kokoro's sound: there, a
few words are spoken less clearly.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest

from stslocal.engines.kokoro.exact_products import fast_products_overflow
from stslocal.models.building.kokoro.product import product_of_largest


@cache
def products_overflow() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        product = Path(folder) / "product.onnx"
        product.write_bytes(product_of_largest())
        return fast_products_overflow(product)


def skip_where_products_overflow() -> None:
    if products_overflow():
        pytest.skip("without VNNI, 8-bit products in a loop overflow")

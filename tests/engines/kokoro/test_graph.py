"""What is asked of onnxruntime on behalf of Kokoro, without its weights."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from stslocal.engines.kokoro import synthesizer as kokoro
from stslocal.engines.kokoro.graph import parts as kokoro_graph

pytestmark = pytest.mark.unit


def test_eight_bit_products_are_exact_with_the_options_for_this_processor() -> None:
    session = kokoro._session(kokoro_graph.product_of_largest(), threads=1)
    rows = np.full((40, kokoro_graph.DEPTH), 255, np.uint8)
    (product,) = session.run(None, {kokoro_graph.ROWS: rows})
    assert product.shape == (40, 16)
    assert (product == kokoro_graph.DEPTH * 255 * 127).all()


def test_the_slow_product_is_asked_for_where_the_fast_one_overflows_and_only_there() -> None:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "0")
    model = kokoro_graph.product_of_largest()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    rows = np.full((40, kokoro_graph.DEPTH), 255, np.uint8)
    (product,) = session.run(None, {kokoro_graph.ROWS: rows})
    exact = bool((product == kokoro_graph.DEPTH * 255 * 127).all())
    assert kokoro._fast_products_overflow() is not exact

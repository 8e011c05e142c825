"""Residual blocks in tiles against the same blocks as Kokoro's graph has them."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from stslocal.engines.kokoro.exact_products import EXACT_PRODUCTS
from stslocal.models.building import onnx_messages
from stslocal.models.building.kokoro import blocks as kokoro_blocks
from stslocal.models.building.kokoro import tiles as kokoro_tiles
from stslocal.models.building.kokoro.convolution import Convolution
from stslocal.models.building.onnx_graph import GraphEditor
from tests.models.building.kokoro.published_form import CHANNELS, DILATIONS, two_blocks

pytestmark = pytest.mark.unit

TILE_ROWS = 16


def run(model: bytes, x: NDArray[np.float32]) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry(EXACT_PRODUCTS, "1")  # as on a processor without VNNI
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    made: NDArray[np.float32] = session.run(["blocks"], {"x": x})[0]
    return made


def in_tiles(data: bytes) -> bytes:
    editor = GraphEditor(onnx_messages.read(data))
    found = [Convolution(editor, node) for node in editor.nodes if node.op_type == "ConvInteger"]
    kokoro_blocks.Blocks(editor, found).replace()
    shape = (1, CHANNELS, "length")
    return editor.extract({"x": shape}, {"blocks": shape})


@pytest.mark.parametrize(
    "length",
    [
        pytest.param(1, id="one row"),
        pytest.param(3, id="shorter than the reach of a window"),
        pytest.param(TILE_ROWS - 1, id="shorter than a tile"),
        pytest.param(TILE_ROWS, id="one tile"),
        pytest.param(TILE_ROWS + 1, id="a last tile of one row"),
        pytest.param(3 * TILE_ROWS - 4, id="a last tile that is reached across its end"),
        pytest.param(20 * TILE_ROWS, id="many tiles"),
    ],
)
def test_blocks_in_tiles_are_the_published_blocks(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kokoro_tiles, "TILE_VALUES", TILE_ROWS * CHANNELS)
    published = two_blocks()
    x = np.random.default_rng(length).normal(0, 2, (1, CHANNELS, length)).astype(np.float32)
    expected = run(published, x)
    made = run(in_tiles(published), x)
    assert made.shape == expected.shape
    # Eight bits of a range of about ten are steps of 0.04; a row that is missing or wrong in
    # a window changes a result by about its deviation.
    assert np.abs(made - expected).max() < 0.1 * expected.std()
    assert np.sqrt(np.mean((made - expected) ** 2)) < 0.02 * expected.std()


def test_each_convolution_becomes_one_loop_and_nothing_of_a_block_stays_outside() -> None:
    model = onnx.load_from_string(in_tiles(two_blocks()))
    operators = [node.op_type for node in model.graph.node]
    assert operators.count("Scan") == 2 * len(DILATIONS)
    assert not {"ConvInteger", "DynamicQuantizeLinear", "Sin"} & set(operators)


def test_the_sine_is_right_to_a_thousandth() -> None:
    r = np.linspace(-0.5, 0.5, 2001)
    polynomial = sum(c * r ** (2 * power) for power, c in enumerate(kokoro_blocks.SINE_SQUARED, 1))
    assert np.abs(polynomial - np.sin(np.pi * r) ** 2).max() < 0.0009

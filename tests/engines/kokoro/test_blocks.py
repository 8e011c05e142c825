"""Residual blocks in tiles against the same blocks as Kokoro's graph has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from stslocal.engines import onnx_graph
from stslocal.engines.kokoro.graph import blocks as kokoro_blocks
from stslocal.engines.kokoro.graph import tiles as kokoro_tiles
from stslocal.engines.kokoro.graph.convolution import Convolution
from stslocal.engines.onnx_graph import GraphEditor

pytestmark = pytest.mark.unit

CHANNELS, TAPS, TILE_ROWS = 8, 3, 16
DILATIONS = (5, 1)
"""Of a block's two convolutions."""


class PublishedForm:
    """The mean of two residual blocks over `x`, node by node as in the published graph."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(5)
        self._model = onnx_graph.new_model([("", 20), ("com.microsoft", 1)])
        self._count = 0
        onnx_graph.declare(self._model.graph.input, "x", (1, CHANNELS, "length"))
        onnx_graph.declare(self._model.graph.output, "blocks", (1, CHANNELS, "length"))
        both = self._add("Add", self._block("x"), self._block("x"))
        self._add("Div", both, self._constant(np.float32(2)), output="blocks")

    @property
    def data(self) -> bytes:
        return bytes(self._model.SerializeToString())

    def _block(self, x: str) -> str:
        made = x
        for dilation in DILATIONS:
            made = self._convolution(self._snake(self._adain(made)), dilation)
        return self._add("Add", made, x)

    def _adain(self, x: str) -> str:
        axes = self._constant(np.array([2]))
        centred = self._add("Sub", x, self._add("ReduceMean", x, axes))
        power = self._add("ReduceMean", self._add("Mul", centred, centred), axes)
        root = self._add("Sqrt", self._add("Add", power, self._constant(np.float32(1e-5))))
        scaled = self._add("Mul", self._vector(0.5, 1.5), self._add("Div", centred, root))
        return self._add("Add", scaled, self._vector(-1, 1))

    def _snake(self, y: str) -> str:
        alpha = self._random.uniform(0.5, 3, (1, CHANNELS, 1)).astype(np.float32)
        sine = self._add("Sin", self._add("Mul", self._constant(alpha), y))
        squared = self._add("Pow", sine, self._constant(np.float32(2)))
        return self._add("Add", y, self._add("Mul", self._constant(1 / alpha), squared))

    def _convolution(self, x: str, dilation: int) -> str:
        quantized, scale, zero = self._several("DynamicQuantizeLinear", 3, x)
        shape = (CHANNELS, CHANNELS, TAPS)
        weights = self._constant(self._random.integers(0, 256, shape).astype(np.uint8))
        inputs = (quantized, weights, zero, self._constant(np.array(120, np.uint8)))
        reach = (TAPS - 1) * dilation // 2
        where: dict[str, Any] = {"pads": [reach, reach], "strides": [1], "dilations": [dilation]}
        product = self._add("ConvInteger", *inputs, **where)
        both = self._add("Mul", scale, self._constant(np.float32(0.004)))
        bias = self._constant(self._random.uniform(-1, 1, CHANNELS).astype(np.float32))
        whole = self._add("Floor", self._add("Div", bias, both))
        column = self._constant(np.array([1, -1, 1]))
        added = self._add("Reshape", self._add("Cast", whole, to=6), column)
        total = self._add("Cast", self._add("Add", product, added), to=1)
        return self._add("Mul", total, both)

    def _vector(self, low: float, high: float) -> str:
        return self._constant(self._random.uniform(low, high, (1, CHANNELS, 1)).astype(np.float32))

    def _constant(self, values: NDArray[Any] | np.generic) -> str:
        name = f"constant{self._count}"
        self._count += 1
        self._model.graph.initializer.append(onnx_graph.tensor(name, np.asarray(values)))
        return name

    def _add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        name = output or f"made{self._count}"
        self._count += 1
        self._model.graph.node.append(onnx_graph.node(operator, inputs, [name], **attributes))
        return name

    def _several(self, operator: str, outputs: int, *inputs: str) -> list[str]:
        names = [f"made{self._count}/{output}" for output in range(outputs)]
        self._count += 1
        self._model.graph.node.append(onnx_graph.node(operator, inputs, names))
        return names


def run(model: bytes, x: NDArray[np.float32]) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    made: NDArray[np.float32] = session.run(["blocks"], {"x": x})[0]
    return made


def in_tiles(data: bytes) -> bytes:
    editor = GraphEditor(onnx_graph.read(data))
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
    published = PublishedForm().data
    x = np.random.default_rng(length).normal(0, 2, (1, CHANNELS, length)).astype(np.float32)
    expected = run(published, x)
    made = run(in_tiles(published), x)
    assert made.shape == expected.shape
    # Eight bits of a range of about ten are steps of 0.04; a row that is missing or wrong in
    # a window changes a result by about its deviation.
    assert np.abs(made - expected).max() < 0.1 * expected.std()
    assert np.sqrt(np.mean((made - expected) ** 2)) < 0.02 * expected.std()


def test_each_convolution_becomes_one_loop_and_nothing_of_a_block_stays_outside() -> None:
    model = onnx_graph.read(in_tiles(PublishedForm().data))
    operators = [node.op_type for node in model.graph.node]
    assert operators.count("Scan") == 2 * len(DILATIONS)
    assert not {"ConvInteger", "DynamicQuantizeLinear", "Sin"} & set(operators)


def test_the_sine_is_right_to_a_thousandth() -> None:
    r = np.linspace(-0.5, 0.5, 2001)
    polynomial = sum(c * r ** (2 * power) for power, c in enumerate(kokoro_blocks.SINE_SQUARED, 1))
    assert np.abs(polynomial - np.sin(np.pi * r) ** 2).max() < 0.0009

"""Graphs in the form in which Kokoro's is published, small, made by the onnx package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CHANNELS, TAPS = 8, 3
DILATIONS = (5, 1)
"""Of a block's two convolutions."""
WINDOW, HOP = 20, 5
"""Samples of the STFT, as published."""

Shape = Sequence[int | str]


class PublishedForm:
    """A graph under construction, node by node as in the published one."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(5)
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def blocks(self, x: str, output: str) -> None:
        """Add the mean of two residual blocks over `x`, shape (1, CHANNELS, length)."""
        both = self.add("Add", self._block(x), self._block(x))
        self.add("Div", both, self.constant(np.float32(2)), output=output)

    def _block(self, x: str) -> str:
        made = x
        for dilation in DILATIONS:
            made = self.convolution(self._snake(self._adain(made)), CHANNELS, dilation=dilation)
        return self.add("Add", made, x)

    def _adain(self, x: str) -> str:
        axes = self.constant(np.array([2]))
        centred = self.add("Sub", x, self.add("ReduceMean", x, axes))
        power = self.add("ReduceMean", self.add("Mul", centred, centred), axes)
        root = self.add("Sqrt", self.add("Add", power, self.constant(np.float32(1e-5))))
        scaled = self.add("Mul", self._vector(0.5, 1.5), self.add("Div", centred, root))
        return self.add("Add", scaled, self._vector(-1, 1))

    def _snake(self, y: str) -> str:
        alpha = self._random.uniform(0.5, 3, (1, CHANNELS, 1)).astype(np.float32)
        sine = self.add("Sin", self.add("Mul", self.constant(alpha), y))
        squared = self.add("Pow", sine, self.constant(np.float32(2)))
        return self.add("Add", y, self.add("Mul", self.constant(1 / alpha), squared))

    def convolution(
        self, x: str, channels: int, *, dilation: int = 1, place: str = "/generator/resblocks.0"
    ) -> str:
        """Add an 8-bit convolution from `channels` channels to CHANNELS."""
        quantized, scale, zero = self.add_several("DynamicQuantizeLinear", 3, x)
        shape = (CHANNELS, channels, TAPS)
        weights = self.constant(self._random.integers(0, 256, shape).astype(np.uint8))
        inputs = (quantized, weights, zero, self.constant(np.array(120, np.uint8)))
        reach = (TAPS - 1) * dilation // 2
        where: dict[str, Any] = {"pads": [reach, reach], "strides": [1], "dilations": [dilation]}
        name = f"{place}/conv{len(self._nodes)}"
        product = self.add("ConvInteger", *inputs, name=name, **where)
        both = self.add("Mul", scale, self.constant(np.float32(0.004)))
        bias = self.constant(self._random.uniform(-1, 1, CHANNELS).astype(np.float32))
        whole = self.add("Floor", self.add("Div", bias, both))
        column = self.constant(np.array([1, -1, 1]))
        added = self.add("Reshape", self.add("Cast", whole, to=TensorProto.INT32), column)
        total = self.add("Cast", self.add("Add", product, added), to=TensorProto.FLOAT)
        return self.add("Mul", total, both)

    def _vector(self, low: float, high: float) -> str:
        return self.constant(self._random.uniform(low, high, (1, CHANNELS, 1)).astype(np.float32))

    def constant(self, values: NDArray[Any] | np.generic) -> str:
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def add(
        self, operator: str, *inputs: str, output: str = "", name: str = "", **attributes: Any
    ) -> str:
        made = output or f"made{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [made], name, **attributes))
        return made

    def add_several(self, operator: str, outputs: int, *inputs: str) -> list[str]:
        names = [f"made{len(self._nodes)}/{output}" for output in range(outputs)]
        self._nodes.append(helper.make_node(operator, inputs, names))
        return names

    def model(self, inputs: Mapping[str, tuple[int, Shape]], outputs: Mapping[str, Shape]) -> bytes:
        """The graph in an ONNX file; inputs have an element type and a shape."""
        graph = helper.make_graph(
            self._nodes,
            "published",
            [helper.make_tensor_value_info(name, *value) for name, value in inputs.items()],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                for name, shape in outputs.items()
            ],
            self._constants,
        )
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        made = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        onnx.checker.check_model(made, full_check=True)
        return bytes(made.SerializeToString())


def two_blocks() -> bytes:
    """`x` to `blocks`, both of shape (1, CHANNELS, length)."""
    form = PublishedForm()
    form.blocks("x", "blocks")
    shape = (1, CHANNELS, "length")
    return form.model({"x": (TensorProto.FLOAT, shape)}, {"blocks": shape})


def whole() -> bytes:
    """A graph with all that is looked for in Kokoro's: `tokens`, `style`, `speed` to `audio`.

    Tokens last as many frames as their number says. F0 is the sum of the features; its sine is the
    excitation, whose STFT goes through a convolution and residual blocks.
    """
    form = PublishedForm()
    add, constant = form.add, form.constant
    numbers = add("Cast", "tokens", to=TensorProto.FLOAT)
    frames = add("Round", add("Div", numbers, "speed"))
    limits = constant(np.float32(1)), constant(np.float32(50))
    durations = add("Clip", frames, *limits, output="/encoder/Clip_output_0")
    column = add("Unsqueeze", numbers, constant(np.array([2])))
    scaled = add("Mul", column, add("Unsqueeze", "style", constant(np.array([0]))))
    features = add(
        "Concat", scaled, column, output="/encoder/predictor/text_encoder/Concat_4_output_0", axis=2
    )
    total = add("ReduceSum", features, constant(np.array([2])), keepdims=0)
    f0 = add("Mul", total, durations, output="/encoder/F0_proj/Conv_output_0")
    row = add("Unsqueeze", f0, constant(np.array([2])))
    steps = constant(np.arange(1, 11, dtype=np.float32) / 100)
    signal = add("Sin", add("Reshape", add("Mul", row, steps), constant(np.array([1, -1]))))
    window = np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW), np.float32)
    size = constant(np.array(WINDOW))
    spectrum = add("STFT", signal, constant(np.array(HOP)), constant(window), size, onesided=1)
    bins = WINDOW // 2 + 1
    turned = add("Transpose", spectrum, perm=[0, 3, 2, 1])
    channels = add("Reshape", turned, constant(np.array([1, 2 * bins, -1])))
    x = form.convolution(channels, 2 * bins, place="/generator/input")
    form.blocks(x, "mixed")
    added = add("ReduceSum", "mixed", constant(np.array([1])), keepdims=0)
    add("Reshape", added, constant(np.array([-1])), output="audio")
    inputs: dict[str, tuple[int, Shape]] = {
        "tokens": (TensorProto.INT64, (1, "n")),
        "style": (TensorProto.FLOAT, (1, 256)),
        "speed": (TensorProto.FLOAT, (1,)),
    }
    return form.model(inputs, {"audio": ("samples",)})

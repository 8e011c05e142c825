"""Spleeter's two networks without its weights: random ones of any size, and ones that are known.

The inputs, outputs and metadata are those of the published files; the layers of `build` too.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

FRAMES, BINS = 512, 1024
REAL = (16, 32, 64, 128, 256, 512)
"""Channels of the layers of the published networks."""
TINY = (1, 1, 2, 2, 2, 2)
FILES = ("vocals.fp16.onnx", "accompaniment.fp16.onnx")


class _Network:
    """Nodes of a network that is built one layer after another."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, values: NDArray[Any]) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def random(self, *shape: int) -> str:
        scale = 1 / sqrt(prod(shape[1:]))
        return self.constant((scale * self._random.standard_normal(shape)).astype(np.float32))

    def normalized(self, name: str, channels: int) -> str:
        ones, zeros = (np.full(channels, each, np.float32) for each in (1.0, 0.0))
        return self.add(
            "BatchNormalization", name, *map(self.constant, (ones, zeros, zeros, ones)),
            epsilon=1e-3,
        )  # fmt: skip

    def down(self, name: str, source: int, target: int) -> str:
        weights = self.random(target, source, 5, 5), self.random(target)
        return self.add("Conv", name, *weights, strides=[2, 2], pads=[1, 1, 2, 2])

    def up(self, name: str, source: int, target: int) -> str:
        weights = self.random(source, target, 5, 5), self.random(target)
        made = self.add("ConvTranspose", name, *weights, strides=[2, 2], pads=[1, 1, 2, 2])
        return self.normalized(self.add("Relu", made), target)

    def save(self, path: Path, output: str) -> None:
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            [*self.nodes, helper.make_node("Identity", [output], ["y"])],
            "spleeter",
            [value("x", TensorProto.FLOAT, [2, "num_splits", FRAMES, BINS])],
            [value("y", TensorProto.FLOAT, [2, "splits", FRAMES, BINS])],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        helper.set_model_props(
            model, {"model_type": "spleeter", "stems": "2", "sample_rate": "44100", "version": "1"}
        )
        onnx.save(model, path)


def build(folder: Path, channels: Sequence[int] = TINY) -> Path:
    """Write two networks with the layers of the published ones and random weights."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(FILES):
        _random_network(channels, seed).save(folder / name, "made")
    return folder


def _random_network(channels: Sequence[int], seed: int) -> _Network:
    net = _Network(seed)
    sound = net.add("Transpose", "x", perm=[1, 0, 2, 3])
    layers, name, before = [], sound, 2
    for width in channels:
        name = net.down(name, before, width)
        layers.append(name)
        if len(layers) < len(channels):
            name = net.add("LeakyRelu", net.normalized(name, width), alpha=0.2)
        before = width
    for skipped, width in zip(reversed(layers[:-1]), reversed(channels[:-1]), strict=True):
        name = net.add("Concat", skipped, net.up(name, before, width), axis=1)
        before = 2 * width
    name = net.up(name, before, 1)
    mask = net.add(
        "Conv", name, net.random(2, 1, 4, 4), net.random(2), dilations=[2, 2], pads=[3, 3, 3, 3]
    )
    masked = net.add("Mul", net.add("Sigmoid", mask), sound)
    net.nodes.append(helper.make_node("Transpose", [masked], ["made"], perm=[1, 0, 2, 3]))
    return net


def build_known(folder: Path, first: int, behind: int) -> Path:
    """Write two networks for which the voice is all that is in these bins, and nothing else is."""
    folder.mkdir(parents=True, exist_ok=True)
    is_voice = np.zeros(BINS, np.float32)
    is_voice[first:behind] = 1.0
    for share, name in zip((is_voice, 1 - is_voice), FILES, strict=True):
        net = _Network(0)
        net.save(folder / name, net.add("Mul", "x", net.constant(share)))
    return folder

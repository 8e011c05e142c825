"""Writes a graph operator by operator: what all graphs of Pocket TTS are made of.

Sound and text are rows: time is the first axis and channels the second. So every convolution is
one product of matrices, as a linear layer is, and the rows of the past that it needs are a state.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stslocal.models.building import onnx_messages
from stslocal.models.building.onnx_messages import Shape

Floats: TypeAlias = NDArray[np.float32]

MICROSOFT = "com.microsoft"
"""Domain of onnxruntime's own operators."""
_LEVELS = 127
"""Largest absolute value of a quantized weight."""
_END = np.iinfo(np.int64).max


class GraphWriter:
    """A graph that grows. Methods that compute take names of tensors and return the result's."""

    def __init__(self, *, int8: bool = False) -> None:
        """`int8` stores the matrices of linear layers in 8 bits, with a scale for each column."""
        self.int8 = int8
        self._model = onnx_messages.new_model([("", 17), (MICROSOFT, 1)])
        self._constants: dict[tuple[Any, ...], str] = {}
        self._count = 0

    def input(self, name: str, shape: Shape, dtype: type[np.generic] = np.float32) -> str:
        """Declare an input."""
        onnx_messages.declare(self._model.graph.input, name, shape, dtype)
        return name

    def output(
        self, name: str, value: str, shape: Shape, dtype: type[np.generic] = np.float32
    ) -> None:
        """Declare `value` as the output `name`."""
        self._model.graph.node.append(onnx_messages.node("Identity", [value], [name]))
        self.declare_output(name, shape, dtype)

    def declare_output(self, name: str, shape: Shape, dtype: type[np.generic] = np.float32) -> None:
        """Declare an output that a node makes under its own name."""
        onnx_messages.declare(self._model.graph.output, name, shape, dtype)

    def state(self, name: str, shape: Shape) -> str:
        """Declare a state: an input; `next_state` declares the output that takes its place."""
        return self.input(f"state.{name}", shape)

    def next_state(self, name: str, value: str, shape: Shape) -> None:
        """Declare what the state is for the next call."""
        self.output(f"next.{name}", value, shape)

    def constant(self, values: Any, dtype: Any = None) -> str:
        """A constant tensor: floats become float32, ints int64."""
        array = np.asarray(values)
        if dtype is None:
            dtype = np.int64 if array.dtype.kind == "i" else np.float32
        array = array.astype(dtype)
        small = array.size <= 8
        key = (array.dtype.str, array.shape, array.tobytes()) if small else (self._count, "large")
        if key not in self._constants:
            name = f"constant.{len(self._constants)}"
            self._model.graph.initializer.append(onnx_messages.tensor(name, array))
            self._constants[key] = name
            self._count += 1
        return self._constants[key]

    def op(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Apply an operator with one result."""
        return self.ops(operator, 1, *inputs, domain=domain, **attributes)[0]

    def ops(
        self, operator: str, results: int, *inputs: str, domain: str = "", **attributes: Any
    ) -> list[str]:
        """Apply an operator with several results."""
        self._count += 1
        names = [f"{operator}.{self._count}.{number}" for number in range(results)]
        self._model.graph.node.append(
            onnx_messages.node(operator, inputs, names, domain=domain, **attributes)
        )
        return names

    def named(
        self, operator: str, outputs: list[str], *inputs: str, domain: str = "", **attributes: Any
    ) -> None:
        """Apply an operator whose results have names of their own."""
        self._model.graph.node.append(
            onnx_messages.node(operator, inputs, outputs, domain=domain, **attributes)
        )

    def add(self, a: str, b: str) -> str:
        """The sum of two tensors."""
        return self.op("Add", a, b)

    def times(self, a: str, b: str) -> str:
        """The product of two tensors, element by element."""
        return self.op("Mul", a, b)

    def slice(self, x: str, start: int, end: int = _END, axis: int = 0) -> str:
        """Rows `start` to `end` of `x`; negative ones count from the end."""
        bounds = (self.constant([number]) for number in (start, end, axis))
        return self.op("Slice", x, *bounds)

    def concat(self, *parts: str, axis: int = 0) -> str:
        """Tensors one after the other."""
        return self.op("Concat", *parts, axis=axis)

    def reshape(self, x: str, *shape: int) -> str:
        """`x` in another shape; -1 stands for what is left."""
        return self.op("Reshape", x, self.constant(list(shape)))

    def linear(
        self, x: str, matrix: Floats, bias: Floats | None = None, *, exact: bool = False
    ) -> str:
        """`x` times `matrix` (in, out), plus a bias (out,).

        An `exact` one is never quantized: convolutions near the sound, where noise is audible.
        """
        if not self.int8 or exact:
            product = self.op("MatMul", x, self.constant(matrix))
            return product if bias is None else self.add(product, self.constant(bias))
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / np.float32(_LEVELS)
        weights = np.clip(np.round(matrix / scale), -_LEVELS, _LEVELS).astype(np.int8)
        # onnxruntime needs the zero points to make weights unsigned, for exact products.
        zeros = self.constant(np.zeros(scale.shape), np.int8)
        inputs = [x, self.constant(weights, np.int8), self.constant(scale), zeros]
        if bias is not None:
            inputs.append(self.constant(bias))
        return self.op("DynamicQuantizeMatMul", *inputs, domain=MICROSOFT)

    def layer_norm(self, x: str, weight: Floats, bias: Floats, epsilon: float = 1e-5) -> str:
        """Layer normalization of the last axis."""
        inputs = (self.constant(values) for values in (weight, bias))
        return self.op("LayerNormalization", x, *inputs, axis=-1, epsilon=epsilon)

    def silu(self, x: str) -> str:
        """`x` times its logistic function."""
        return self.times(x, self.op("Sigmoid", x))

    def gelu(self, x: str) -> str:
        """GELU by its tanh approximation."""
        return self.op("FastGelu", x, domain=MICROSOFT)

    def serialize(self) -> bytes:
        """The model as an ONNX file."""
        return bytes(self._model.SerializeToString())

"""Kokoro's 8-bit convolutions as matrix products over gathered windows, channels last.

ConvInteger multiplies slowly and is followed by three passes over its result. The same numbers
go here through MatMulIntegerToFloat.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stslocal.models.building import onnx_messages
from stslocal.models.building.onnx_graph import Body, GraphEditor

_MICROSOFT = "com.microsoft"


class Convolution:
    """A ConvInteger and the nodes around it that undo the quantization."""

    def __init__(self, editor: GraphEditor, node: Any) -> None:
        """Follow `node` to where its sum is a float again: + bias, Cast, * scale."""
        self._editor = editor
        self.node = node
        self._bias = ""
        (user,) = editor.consumers[node.output[0]]
        if user.op_type == "Add":
            divided = editor.producer[other_input(user, node.output[0])]
            while divided.op_type != "Div":  # bias / scale, Floor, Cast, Reshape
                divided = editor.producer[divided.input[0]]
            self._bias = divided.input[0]
            (user,) = editor.consumers[user.output[0]]
        (result,) = editor.consumers[user.output[0]]
        self.quantize = editor.producer[node.input[0]]
        """The DynamicQuantizeLinear that makes its input."""
        scale = editor.producer[other_input(result, user.output[0])]
        self._weight_scale = other_input(scale, self.quantize.output[1])
        self.output: str = result.output[0]
        """The tensor that holds the result in float32, bias included."""
        self.results, self.channels, self.taps = editor.values(node.input[1]).shape
        self.before, self.after = onnx_messages.ints(node, "pads")
        (self._stride,) = onnx_messages.ints(node, "strides")
        (self._dilation,) = onnx_messages.ints(node, "dilations")

        self._offsets = np.arange(self.taps) * self._dilation
        """Rows of a window, counted from its first."""

    def replace(self) -> None:
        """Make `output`, (1, results, length), by a product."""
        editor = self._editor
        quantized, scale, zero = self.quantize.output
        rows = editor.add("Transpose", [quantized], perm=[0, 2, 1])
        if self.taps > 1:
            rows = self._gathered(rows, zero)
        made = self.product(editor, rows, scale, zero)
        editor.add("Transpose", [made], output=self.output, perm=[0, 2, 1])

    def _gathered(self, rows: str, zero: str) -> str:
        """Each window's rows side by side: (1, windows, taps * channels)."""
        editor = self._editor
        constant = editor.constant
        padded = editor.add("Pad", [rows, constant([0, self.before, 0, 0, self.after, 0]), zero])
        length = editor.add("Squeeze", [editor.add("Shape", [padded], start=1, end=2)])
        end = editor.add("Sub", [length, constant(np.array(self._offsets[-1]))])
        step = constant(np.array(self._stride))
        first = editor.add("Range", [constant(np.array(0)), end, step])
        column = editor.add("Unsqueeze", [first, constant([1])])
        indices = editor.add("Add", [column, constant(self._offsets[None])])
        gathered = editor.add("Gather", [padded, indices], axis=1)
        return editor.add("Reshape", [gathered, constant([1, -1, self.taps * self.channels])])

    def windows(self, body: Body, padded: str, count: int) -> str:
        """The first `count` windows of 8-bit rows (rows, channels): (count, taps * channels)."""
        constant = self._editor.constant
        indices = np.arange(count)[:, None] + self._offsets
        gathered = body.add("Gather", [padded, constant(indices.astype(np.int32))], axis=0)
        return body.add("Reshape", [gathered, constant([count, self.taps * self.channels])])

    def product(self, into: GraphEditor | Body, windows: str, scale: str, zero: str) -> str:
        """Multiply 8-bit windows (..., taps * channels); the result, in float32, has the bias."""
        weights = self._editor.values(self.node.input[1])
        weight_zero = int(self._editor.values(self.node.input[3]))
        # Signed weights have the faster kernel: q - 128 over a zero point 128 lower.
        signed = (weights.astype(np.int16) - 128).astype(np.int8)
        matrix = signed.transpose(2, 1, 0).reshape(self.taps * self.channels, self.results)
        # In a loop, onnxruntime computes exactly only with a matrix that lies in the loop's body.
        names = [into.constant(each) for each in (matrix, np.array(weight_zero - 128, np.int8))]
        inputs = [windows, names[0], scale, self._weight_scale, zero, names[1]]
        return into.add("MatMulIntegerToFloat", [*inputs, self._bias], domain=_MICROSOFT)


def other_input(node: Any, name: str) -> str:
    """The input of a two-input node that is not `name`."""
    (other,) = (given for given in node.input if given != name)
    return str(other)

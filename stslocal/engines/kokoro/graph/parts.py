"""Kokoro's graph as it is published, taken apart and made faster when it is loaded.

*Two parts*: how long each phoneme lasts (`timing`, a thirtieth of the work), and the sound. So
a text's duration is known before it is spoken. (The silence around the speech cannot be left
out by shortening its durations: the decoder needs those 200 ms to find the first sound.)

*Pitch*: the predicted F0 curve is multiplied by a new input, `f0_scale`, on its way to the
decoder. Pitch moves; timbre, formants and timing stay.

*Speed*: two thirds of the time go into 8-bit convolutions, which become matrix products
(`kokoro_convolution`). The generator's residual blocks, where most of them are, are computed
tile by tile (`kokoro_blocks`). The STFT of the excitation becomes a convolution with its Fourier
basis.

Weights are the published ones. Activations are quantized to 8 bits as published, but in the
residual blocks for each tile, with a sine that is right to 0.0009.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.engines import onnx_graph
from stslocal.engines.kokoro.graph.blocks import Blocks
from stslocal.engines.kokoro.graph.convolution import Convolution
from stslocal.engines.onnx_graph import GraphEditor

TOKENS, STYLE, SPEED = "tokens", "style", "speed"
"""Inputs as published: shapes (1, n), (1, 256), (1,)."""
F0_SCALE = "f0_scale"
"""Shape (1,), float32: 1 leaves the pitch alone, 2 is an octave up."""
DURATIONS = "/encoder/Clip_output_0"
"""Frames of 25 ms that each token lasts, shape (1, n), float32, whole numbers."""
FEATURES = "/encoder/predictor/text_encoder/Concat_4_output_0"
"""What else the sound needs from the timing part."""
AUDIO = "audio"
ROWS, DEPTH = "rows", 64
"""Input of `product_of_largest`, shape (n, DEPTH), uint8."""

_MICROSOFT = "com.microsoft"
_F0_CURVE = "/encoder/F0_proj/Conv_output_0"
_BLOCKS = ("/generator/resblocks.", "/generator/noise_res.")
_ABOVE_ZERO = 1e-20
_FEW_CHANNELS = 16
"""A convolution over fewer input channels than this is left as it is."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Two ONNX models."""

    timing: bytes
    """TOKENS, STYLE and SPEED to DURATIONS and FEATURES."""
    sound: bytes
    """TOKENS, STYLE, DURATIONS, FEATURES and F0_SCALE to AUDIO, shape (samples,)."""


def taken_apart(file: Path) -> Parts:
    """Make both parts from the published ONNX file.

    Raises OSError, and LookupError or ValueError for a graph that is built in another way.
    """
    editor = GraphEditor(onnx_graph.read(file.read_bytes()))
    _scale_pitch(editor)
    _transform_by_convolution(editor)
    found = [Convolution(editor, node) for node in editor.nodes if node.op_type == "ConvInteger"]
    inside = [c for c in found if any(name in c.node.name for name in _BLOCKS)]
    for convolution in found:
        if convolution not in inside and convolution.channels >= _FEW_CHANNELS:
            convolution.replace()
    Blocks(editor, inside).replace()
    tokens, style = {TOKENS: (1, "n")}, {STYLE: (1, 256)}
    between = {DURATIONS: (1, "n"), FEATURES: (1, "n", "features")}
    return Parts(
        timing=editor.extract({**tokens, **style, SPEED: (1,)}, between),
        sound=editor.extract({**tokens, **style, **between, F0_SCALE: (1,)}, {AUDIO: ("samples",)}),
    )


def product_of_largest() -> bytes:
    """A model that multiplies 8-bit ROWS by a matrix of 127, as the sound's convolutions do."""
    model = onnx_graph.new_model([("", 17), (_MICROSOFT, 1)])
    onnx_graph.declare(model.graph.input, ROWS, ("n", DEPTH), np.uint8)
    onnx_graph.declare(model.graph.output, "product", ("n", "columns"))
    constants: dict[str, NDArray[Any]] = {
        "weights": np.full((DEPTH, 16), 127, np.int8),
        "one": np.array(1.0, np.float32),
        "zero": np.array(0, np.uint8),
        "weight_zero": np.array(0, np.int8),
    }
    for name, values in constants.items():
        model.graph.initializer.add().CopyFrom(onnx_graph.tensor(name, values))
    inputs = [ROWS, "weights", "one", "one", "zero", "weight_zero"]
    product = onnx_graph.node("MatMulIntegerToFloat", inputs, ["product"], domain=_MICROSOFT)
    model.graph.node.add().CopyFrom(product)
    return bytes(model.SerializeToString())


def _scale_pitch(editor: GraphEditor) -> None:
    scaled = editor.add("Mul", [_F0_CURVE, F0_SCALE])
    for user in editor.consumers[_F0_CURVE]:
        user.input[list(user.input).index(_F0_CURVE)] = scaled
    editor.consumers[scaled] = editor.consumers.pop(_F0_CURVE)


def _transform_by_convolution(editor: GraphEditor) -> None:
    """Compute the STFT, (1, samples) to (1, frames, bins, 2), as one small convolution."""
    (stft,) = (node for node in editor.nodes if node.op_type == "STFT")
    signal, step, window = stft.input[:3]
    taper = editor.values(window)
    size, hop = len(taper), int(editor.values(step))
    bins = size // 2 + 1
    angle = 2 * np.pi * np.outer(np.arange(bins), np.arange(size)) / size
    basis = np.stack([np.cos(angle), -np.sin(angle)], axis=1) * taper
    # The imaginary parts of the first and the last bin are zero, and the phase of a negative
    # real part then hangs on the sign of that zero: +pi, as where the weights were trained.
    basis[[0, -1], 1] = 0.0
    lift = np.zeros((bins, 2), np.float32)
    lift[[0, -1], 1] = _ABOVE_ZERO
    kernel = basis.reshape(2 * bins, 1, size).astype(np.float32)
    row = editor.add("Unsqueeze", [signal, editor.constant([1])])
    inputs = [row, editor.constant(kernel), editor.constant(lift.reshape(-1))]
    spectrum = editor.add("Conv", inputs, strides=[hop])
    split = editor.add("Reshape", [spectrum, editor.constant([1, bins, 2, -1])])
    editor.add("Transpose", [split], output=stft.output[0], perm=[0, 3, 1, 2])

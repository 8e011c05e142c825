"""Kokoro's graph as it is published, taken apart and made faster: once, when it is installed.

*Two parts*: how long each phoneme lasts (`timing`, a thirtieth of the work), and the sound. So
a text's duration is known before it is spoken. (The silence around the speech cannot be left
out by shortening its durations: the decoder needs those 200 ms to find the first sound.)

*Pitch*: the predicted F0 curve is multiplied by a new input, `f0_scale`, on its way to the
decoder. Pitch moves; timbre, formants and timing stay.

*Speed*: two thirds of the time go into 8-bit convolutions, which become matrix products
(`convolution`). The generator's residual blocks, where most of them are, are computed
tile by tile (`blocks`). The STFT of the excitation becomes a convolution with its Fourier
basis.

Weights are the published ones. Activations are quantized to 8 bits as published, but in the
residual blocks for each tile, with a sine that is right to 0.0009.

The manifest holds the files to their sha256, so they must be the same bytes wherever they are made.
All arithmetic here is that of IEEE 754, which rounds alike everywhere, but for the sines and
cosines of the Fourier basis: these are rounded from float64 to float32, and a test shows that none
is so close to the middle between two float32 that a platform's error could round it otherwise.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stslocal.models.building import onnx_messages
from stslocal.models.building.kokoro.blocks import Blocks
from stslocal.models.building.kokoro.convolution import Convolution
from stslocal.models.building.kokoro.product import product_of_largest
from stslocal.models.building.onnx_graph import GraphEditor
from stslocal.models.building.onnx_messages import Shape

PUBLISHED_FILE = "kokoro-v1.0.int8.onnx"
TIMING_FILE, SOUND_FILE, PRODUCT_FILE = "timing.onnx", "sound.onnx", "largest_product.onnx"

TOKENS, STYLE, SPEED = "tokens", "style", "speed"
"""Inputs as published: shapes (1, n), (1, 256), (1,)."""
F0_SCALE = "f0_scale"
"""Shape (1,), float32: 1 leaves the pitch alone, 2 is an octave up."""
DURATIONS = "durations"
"""Frames of 25 ms that each token lasts, shape (1, n), float32, whole numbers."""
FEATURES = "features"
"""What else the sound needs from the timing part, shape (1, n, 640), float32."""
AUDIO = "audio"
"""Shape (samples,), float32, 24 kHz."""

_PUBLISHED_NAMES = {
    "/encoder/Clip_output_0": DURATIONS,
    "/encoder/predictor/text_encoder/Concat_4_output_0": FEATURES,
}
_F0_CURVE = "/encoder/F0_proj/Conv_output_0"
_BLOCKS = ("/generator/resblocks.", "/generator/noise_res.")
_ABOVE_ZERO = 1e-20
_FEW_CHANNELS = 16
"""A convolution over fewer input channels than this is left as it is."""


def build_kokoro(fetched: Path, target: Path) -> None:
    """Write the files that are loaded into `target`, from the published one in `fetched`.

    `timing.onnx` makes DURATIONS and FEATURES from TOKENS, STYLE and SPEED; `sound.onnx` makes
    AUDIO from TOKENS, STYLE, DURATIONS, FEATURES and F0_SCALE. `largest_product.onnx` is described
    in `product`. Raises OSError, and LookupError or ValueError for a graph that is built in
    another way.
    """
    timing, sound = taken_apart(fetched / PUBLISHED_FILE)
    (target / TIMING_FILE).write_bytes(timing)
    (target / SOUND_FILE).write_bytes(sound)
    (target / PRODUCT_FILE).write_bytes(product_of_largest())


def taken_apart(published: Path) -> tuple[bytes, bytes]:
    """Make the two models, timing and sound, from the published one."""
    editor = GraphEditor(onnx_messages.read(published.read_bytes()))
    for name, plain_name in _PUBLISHED_NAMES.items():
        editor.rename(name, plain_name)
    _scale_pitch(editor)
    _transform_by_convolution(editor)
    found = [Convolution(editor, node) for node in editor.nodes if node.op_type == "ConvInteger"]
    inside = [c for c in found if any(name in c.node.name for name in _BLOCKS)]
    for convolution in found:
        if convolution not in inside and convolution.channels >= _FEW_CHANNELS:
            convolution.replace()
    Blocks(editor, inside).replace()
    text: dict[str, Shape] = {TOKENS: (1, "n"), STYLE: (1, 256)}
    between: dict[str, Shape] = {DURATIONS: (1, "n"), FEATURES: (1, "n", "features")}
    timing = editor.extract({**text, SPEED: (1,)}, between)
    sound = editor.extract({**text, **between, F0_SCALE: (1,)}, {AUDIO: ("samples",)})
    return timing, sound


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
    basis = fourier_basis(taper)
    bins = len(basis)
    lift = np.zeros((bins, 2), np.float32)
    lift[[0, -1], 1] = _ABOVE_ZERO
    kernel = basis.reshape(2 * bins, 1, size).astype(np.float32)
    row = editor.add("Unsqueeze", [signal, editor.constant([1])])
    inputs = [row, editor.constant(kernel), editor.constant(lift.reshape(-1))]
    spectrum = editor.add("Conv", inputs, strides=[hop])
    split = editor.add("Reshape", [spectrum, editor.constant([1, bins, 2, -1])])
    editor.add("Transpose", [split], output=stft.output[0], perm=[0, 3, 1, 2])


def fourier_basis(taper: NDArray[np.floating]) -> NDArray[np.float64]:
    """Cosines and negative sines under a window of `size` values: (size // 2 + 1, 2, size)."""
    size = len(taper)
    bins = size // 2 + 1
    angle = 2 * np.pi * np.outer(np.arange(bins), np.arange(size)) / size
    basis = np.stack([np.cos(angle), -np.sin(angle)], axis=1) * taper
    # The imaginary parts of the first and the last bin are zero, and the phase of a negative
    # real part then hangs on the sign of that zero: +pi, as where the weights were trained.
    basis[[0, -1], 1] = 0.0
    return np.asarray(basis, np.float64)

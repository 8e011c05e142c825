"""Tiny networks for sherpa-onnx, with the inputs, outputs and metadata of the published ones.

Two "persons" are two tones, LOW and HIGH. The segmentation (as pyannote/segmentation-3.0: 10 s of
sound in, a row of the powerset of three persons for each 270 samples out) takes the low tone for
its first person and the high one for its second. The embedding (as TitaNet: mel spectra in, a
vector out) points to one side for low sound, to the other one for high sound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from stslocal.types import RECOGNITION_RATE, Samples

LOW, HIGH = 300.0, 2000.0
"""Hertz."""
LEVEL = 0.2
_FIELD, _SHIFT, _WINDOW = 991, 270, 10 * RECOGNITION_RATE
"""Samples that a row is made of, from row to row, and in a chunk."""
_MELS, _SIZE = 80, 2

SEGMENTATION: Mapping[str, object] = {
    "model_type": "pyannote-segmentation-3.0",
    "num_speakers": 3,
    "powerset_max_classes": 2,
    "num_classes": 7,
    "sample_rate": RECOGNITION_RATE,
    "window_size": _WINDOW,
    "receptive_field_size": _FIELD,
    "receptive_field_shift": _SHIFT,
}
EMBEDDING: Mapping[str, object] = {
    "framework": "nemo",
    "language": "English",
    "sample_rate": RECOGNITION_RATE,
    "output_dim": _SIZE,
    "feature_normalize_type": "",  # TitaNet's is per_feature, which would make tones alike
    "window_size_ms": 25,
    "window_stride_ms": 10,
    "window_type": "hann",
    "feat_dim": _MELS,
}


def persons(*spoken: tuple[float, float, float], seconds: float) -> Samples:
    """Sound in which tones (start_s, end_s, hertz) sound, which may overlap."""
    times = np.arange(round(seconds * RECOGNITION_RATE)) / RECOGNITION_RATE
    sound = np.zeros(len(times))
    for start_s, end_s, hertz in spoken:
        inside = (times >= start_s) & (times < end_s)
        sound += inside * LEVEL * np.sin(2 * np.pi * hertz * times)
    return sound.astype(np.float32)


def make_tiny_segmentation(
    folder: Path, name: str, metadata: Mapping[str, object] = SEGMENTATION
) -> Path:
    """Write the segmentation network into a folder that is made."""
    phase = 2 * np.pi * np.arange(_FIELD) / RECOGNITION_RATE
    waves = [wave(hertz * phase) for hertz in (LOW, HIGH) for wave in (np.sin, np.cos)]
    pairs = np.array([[1, 1, 0, 0], [0, 0, 1, 1]]) / (_FIELD * LEVEL / 4) ** 2
    # Rows: nobody, each of three persons, and two of them together. A tone that sounds is 1.
    weights = [[0, 0], [1, -1], [-1, 1], [0, 0], [1, 1], [0, 0], [0, 0]]
    bias = np.array([0.5, 0, 0, -9, -1, -9, -9])
    nodes = [
        helper.make_node("Conv", ["x", "waves"], ["parts"], strides=[_SHIFT]),
        helper.make_node("Mul", ["parts", "parts"], ["squares"]),
        helper.make_node("Conv", ["squares", "pairs"], ["powers"]),
        helper.make_node("Clip", ["powers", "zero", "one"], ["sounding"]),
        helper.make_node("Conv", ["sounding", "weights", "bias"], ["rows"]),
        helper.make_node("Transpose", ["rows"], ["logits"], perm=[0, 2, 1]),
        helper.make_node("LogSoftmax", ["logits"], ["y"], axis=-1),
    ]
    constants = {
        "waves": np.array(waves)[:, None],
        "pairs": pairs[..., None],
        "weights": np.array(weights)[..., None],
        "bias": bias,
        "zero": np.array(0),
        "one": np.array(1),
    }
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, "T"])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", "F", 7])]
    return _write(folder / name, nodes, inputs, outputs, constants, metadata)


def make_tiny_embedding(
    folder: Path, name: str, metadata: Mapping[str, object] = EMBEDDING
) -> Path:
    """Write the network of embeddings into a folder that is made."""
    nodes = [
        helper.make_node("ReduceMean", ["audio_signal"], ["mean"], axes=[2], keepdims=0),
        helper.make_node("Softmax", ["mean"], ["share"], axis=-1),
        helper.make_node("MatMul", ["share", "sides"], ["embs"]),
        helper.make_node("Identity", ["embs"], ["logits"]),
        helper.make_node("Identity", ["length"], ["unused"]),
    ]
    inputs = [
        helper.make_tensor_value_info("audio_signal", TensorProto.FLOAT, ["N", _MELS, "T"]),
        helper.make_tensor_value_info("length", TensorProto.INT64, ["N"]),
    ]
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", _SIZE]),
        helper.make_tensor_value_info("embs", TensorProto.FLOAT, ["N", _SIZE]),
    ]
    sides = np.stack([np.linspace(1, -1, _MELS), np.full(_MELS, 0.1)], axis=1)
    return _write(folder / name, nodes, inputs, outputs, {"sides": sides}, metadata)


def _write(
    folder: Path,
    nodes: Sequence[Any],
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    constants: Mapping[str, Any],
    metadata: Mapping[str, object],
) -> Path:
    tensors = [
        numpy_helper.from_array(np.asarray(value, np.float32), name)
        for name, value in constants.items()
    ]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
    folder.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    return folder

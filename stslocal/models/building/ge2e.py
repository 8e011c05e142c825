"""The GE2E speaker encoder as an ONNX graph, from Resemblyzer's checkpoint.

Three LSTM layers, a linear layer and ReLU. Of the checkpoint, the optimizer's state (two thirds of
it) and the similarity scale of the training loss are left behind. Weights are only reordered, so
the file is the same bytes wherever it is made.

Sources: Wan et al. 2018, "Generalized End-to-End Loss for Speaker Verification"; weights of
Resemblyzer 0.1.4 (Apache-2.0); the LSTM of the ONNX operator set 17.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError
from stslocal.models.building import onnx_messages
from stslocal.models.building.checkpoint import read_file

PUBLISHED_FILE = "pretrained.pt"
EARLIER_FILE = "ge2e.safetensors"
"""The encoder's arrays alone: what earlier versions of stslocal installed."""
FILE = "ge2e.onnx"
MEL_BANDS, EMBEDDING_SIZE = 40, 256

_LAYERS = 3
_PREFIX = "model_state."

Floats: TypeAlias = NDArray[np.float32]


def build_ge2e(fetched: Path, target: Path) -> None:
    """Write `ge2e.onnx` into `target`, from `pretrained.pt` or `ge2e.safetensors` in `fetched`.

    Raises ModelIntegrityError for files that do not hold the encoder.
    """
    names = (PUBLISHED_FILE, EARLIER_FILE)
    path = next(fetched / name for name in names if (fetched / name).is_file())
    arrays = {
        name.removeprefix(_PREFIX): np.asarray(values, np.float32)
        for name, values in read_file(path).items()
    }
    try:
        model = network(arrays)
    except (KeyError, ValueError) as error:
        raise ModelIntegrityError(f"{path} does not hold a GE2E encoder: {error}") from error
    (target / FILE).write_bytes(model)


def network(weights: Mapping[str, NDArray[Any]]) -> bytes:
    """The ONNX model: `mel` of shape (160, pieces, 40) to `raw`, shape (pieces, 256), float32.

    `weights` are named as PyTorch names those of an LSTM, `lstm.{weight,bias}_{ih,hh}_l{0,1,2}`,
    and of a linear layer, `linear.{weight,bias}`.

    Raises KeyError or ValueError for weights of another network.
    """
    for name, shape in _shapes():
        if weights[name].shape != shape:
            raise ValueError(f"{name} has shape {weights[name].shape}, not {shape}")
    model = onnx_messages.new_model([("", 17)])
    graph = model.graph
    onnx_messages.declare(graph.input, "mel", ["frames", "pieces", MEL_BANDS])
    onnx_messages.declare(graph.output, "raw", ["pieces", EMBEDDING_SIZE])
    constants = {"one": np.array([1]), "weight": weights["linear.weight"]}
    constants["bias"] = weights["linear.bias"]
    sequence = "mel"
    for layer in range(_LAYERS):
        gates = ("ih", "hh")
        weight_in, weight_back = (_gates(weights[f"lstm.weight_{g}_l{layer}"]) for g in gates)
        biases = np.concatenate([_gates(weights[f"lstm.bias_{g}_l{layer}"]) for g in gates])
        names = [f"in{layer}", f"back{layer}", f"bias{layer}"]
        constants.update(
            zip(names, (weight_in[None], weight_back[None], biases[None]), strict=True)
        )
        outputs = [f"states{layer}", f"last{layer}"]
        lstm = onnx_messages.node("LSTM", [sequence, *names], outputs, hidden_size=EMBEDDING_SIZE)
        sequence = f"sequence{layer}"
        squeeze = onnx_messages.node("Squeeze", [outputs[0], "one"], [sequence])
        graph.node.extend([lstm, squeeze])
    zero = onnx_messages.tensor("zero", np.array([0]))
    graph.node.extend(
        [
            onnx_messages.node("Squeeze", [f"last{_LAYERS - 1}", "zero"], ["hidden"]),
            onnx_messages.node("Gemm", ["hidden", "weight", "bias"], ["linear"], transB=1),
            onnx_messages.node("Relu", ["linear"], ["raw"]),
        ]
    )
    graph.initializer.extend([zero, *(onnx_messages.tensor(n, v) for n, v in constants.items())])
    return bytes(model.SerializeToString())


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    gates, sizes = 4 * EMBEDDING_SIZE, (MEL_BANDS, EMBEDDING_SIZE, EMBEDDING_SIZE)
    for layer, size in enumerate(sizes):
        yield f"lstm.weight_ih_l{layer}", (gates, size)
        yield f"lstm.weight_hh_l{layer}", (gates, EMBEDDING_SIZE)
        yield f"lstm.bias_ih_l{layer}", (gates,)
        yield f"lstm.bias_hh_l{layer}", (gates,)
    yield "linear.weight", (EMBEDDING_SIZE, EMBEDDING_SIZE)
    yield "linear.bias", (EMBEDDING_SIZE,)


def _gates(values: Floats) -> Floats:
    """From PyTorch's order of gates (input, forget, cell, output) to ONNX's (i, o, f, c)."""
    i, f, c, o = np.split(values, 4)
    return np.concatenate([i, o, f, c])

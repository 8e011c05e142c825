"""Random weights of a GE2E encoder, as PyTorch names them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.models.building.ge2e import EMBEDDING_SIZE, MEL_BANDS
from tests.models.building.legacy_writer import Storage, Tensor, checkpoint

Weights = dict[str, NDArray[np.float32]]


def random_weights(seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    sizes = [MEL_BANDS, EMBEDDING_SIZE, EMBEDDING_SIZE]
    weights = {
        "linear.weight": rng.standard_normal((EMBEDDING_SIZE, EMBEDDING_SIZE)),
        "linear.bias": rng.standard_normal(EMBEDDING_SIZE),
    }
    for layer, size in enumerate(sizes):
        gates = 4 * EMBEDDING_SIZE
        weights[f"lstm.weight_ih_l{layer}"] = rng.standard_normal((gates, size)) * 0.1
        weights[f"lstm.weight_hh_l{layer}"] = rng.standard_normal((gates, EMBEDDING_SIZE)) * 0.1
        weights[f"lstm.bias_ih_l{layer}"] = rng.standard_normal(gates) * 0.1
        weights[f"lstm.bias_hh_l{layer}"] = rng.standard_normal(gates) * 0.1
    return {name: values.astype(np.float32) for name, values in weights.items()}


def published(weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Resemblyzer's checkpoint: the arrays among others, and what is no array."""
    arrays = {**weights, "similarity_bias": np.ones(1, np.float32)}
    storages = [Storage(str(number), array.ravel()) for number, array in enumerate(arrays.values())]
    tensors: OrderedDict[str, Any] = OrderedDict()
    for (name, array), storage in zip(arrays.items(), storages, strict=True):
        strides = tuple(step // array.itemsize for step in array.strides)
        tensors[name] = Tensor(storage, 0, array.shape, strides)
    return checkpoint({"step": 1, "model_state": tensors}, storages)

"""The weights of OpenVoice's checkpoint, with their normalization folded.

Most convolutions were trained with weight normalization: a direction and a length for each output.
Their product is what the graphs hold.

Sources: Salimans and Kingma 2016, "Weight Normalization"; torch.nn.utils.weight_norm and
torch.nn.utils.parametrizations.weight_norm for the two ways in which the parts are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError
from stslocal.foreign_files import read_json
from stslocal.models.building.checkpoint import read_file

CHECKPOINT, CONFIG = "checkpoint.pth", "config.json"

Floats: TypeAlias = NDArray[np.float32]

_PREFIX = "model."
"""The checkpoint also holds the state of the training."""
_LENGTHS = {
    ".weight_g": ".weight_v",
    ".parametrizations.weight.original0": ".parametrizations.weight.original1",
}
"""How the length of a weight is named, and its direction."""
_DATA = {
    "sampling_rate": 22_050,
    "filter_length": 1024,
    "hop_length": 256,
    "win_length": 1024,
}
_MODEL = {
    "zero_g": True,
    "resblock": "1",
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
    "upsample_rates": [8, 8, 2, 2],
}
"""What the graphs and the engine are made for."""


def read_openvoice(folder: Path) -> dict[str, Floats]:
    """Read `checkpoint.pth` and `config.json`. Raises ModelIntegrityError for any other files."""
    arrays = {
        name.removeprefix(_PREFIX): values
        for name, values in read_file(folder / CHECKPOINT).items()
        if name.startswith(_PREFIX)
    }
    config = read_json(folder / CONFIG)
    try:
        for section, expected in (("data", _DATA), ("model", _MODEL)):
            for key, value in expected.items():
                if config[section][key] != value:
                    raise ValueError(f"{key} is {config[section][key]}, not {value}")
        return folded(arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelIntegrityError(f"{folder} does not hold OpenVoice v2: {error!r}") from error


def folded(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """All weights as plain convolutions, `NAME.weight` and `NAME.bias`, in float32."""
    weights: dict[str, Floats] = {}
    parts = {*_LENGTHS, *_LENGTHS.values()}
    for name, values in arrays.items():
        ending = next((part for part in parts if name.endswith(part)), None)
        if ending is None:
            weights[name] = np.asarray(values, np.float32)
        elif ending in _LENGTHS:
            layer = name.removesuffix(ending)
            direction = np.asarray(arrays[layer + _LENGTHS[ending]], np.float64)
            each = tuple(range(1, direction.ndim))
            size = np.sqrt(np.sum(direction**2, axis=each, keepdims=True))
            weights[f"{layer}.weight"] = (np.asarray(values) * (direction / size)).astype(
                np.float32
            )
    return weights

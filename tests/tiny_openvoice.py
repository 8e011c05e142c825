"""OpenVoice's checkpoint with random weights, of a tiny or of the real size, without PyTorch.

The names, the normalized weights and the file's format are those of the published checkpoint.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.models.building.openvoice.build import build_openvoice
from tests.models.building.legacy_writer import Storage, Tensor, checkpoint

Weights = dict[str, NDArray[np.float32]]

_REFERENCE_FILTERS = (1, 32, 32, 64, 64, 128, 128)
_KERNELS, _RATES = (3, 7, 11), (8, 8, 2, 2)


@dataclass(frozen=True)
class Size:
    """The widths of the networks."""

    channels: int
    hidden: int
    widest: int
    """Channels of the vocoder's first layer."""
    speaker: int

    @property
    def config(self) -> dict[str, Any]:
        """The published config.json, with these widths."""
        return {
            "_version_": "v2",
            "data": {
                "sampling_rate": 22050,
                "filter_length": 1024,
                "hop_length": 256,
                "win_length": 1024,
                "n_speakers": 0,
            },
            "model": {
                "zero_g": True,
                "inter_channels": self.channels,
                "hidden_channels": self.hidden,
                "resblock": "1",
                "resblock_kernel_sizes": list(_KERNELS),
                "resblock_dilation_sizes": [[1, 3, 5]] * 3,
                "upsample_rates": list(_RATES),
                "upsample_initial_channel": self.widest,
                "upsample_kernel_sizes": [2 * rate for rate in _RATES],
                "gin_channels": self.speaker,
            },
        }


TINY = Size(channels=8, hidden=8, widest=16, speaker=16)
REAL = Size(channels=192, hidden=192, widest=512, speaker=256)


def random_weights(size: Size, seed: int = 0) -> Weights:
    """Weights that keep the level of the sound through all layers."""
    rng = np.random.default_rng(seed)
    weights: Weights = {}
    for name, shape, normal in _layers(size):
        width = shape[1] if len(shape) > 1 else 1
        gain = 0.2 if ".post." in name or ".proj." in name else 1.0
        taps = int(np.prod(shape[2:])) if not name.startswith("dec.ups") else 2
        values = rng.standard_normal(shape) * gain / np.sqrt(width * taps)
        if len(shape) == 1:
            values *= 0.1
        if name.endswith("layernorm.weight"):
            values += 1.0
        if not normal:
            weights[name] = values.astype(np.float32)
            continue
        each = tuple(range(1, len(shape)))
        layer = name.removesuffix(".weight")
        lengths = np.sqrt(np.sum(values**2, axis=each, keepdims=True))
        weights[f"{layer}.weight_g"] = lengths.astype(np.float32)
        # The length of the direction must not count.
        weights[f"{layer}.weight_v"] = (values * rng.uniform(0.5, 2.0)).astype(np.float32)
    return weights


def _layers(size: Size) -> Iterator[tuple[str, tuple[int, ...], bool]]:
    """Name, shape and whether it is normalized, of all weights and biases."""

    def layer(name: str, *shape: int, normal: bool = False, out: int | None = None) -> Any:
        yield f"{name}.weight", shape, normal
        if out != 0:
            yield f"{name}.bias", (out or shape[0],), False

    def wavenet(name: str, layers: int) -> Any:
        hidden = size.hidden
        yield from layer(f"{name}.cond_layer", 2 * hidden * layers, size.speaker, 1, normal=True)
        for number in range(layers):
            yield from layer(f"{name}.in_layers.{number}", 2 * hidden, hidden, 5, normal=True)
            given = 2 * hidden if number < layers - 1 else hidden
            yield from layer(f"{name}.res_skip_layers.{number}", given, hidden, 1, normal=True)

    yield from layer("enc_q.pre", size.hidden, 513, 1)
    yield from wavenet("enc_q.enc", 16)
    yield from layer("enc_q.proj", 2 * size.channels, size.hidden, 1)
    half = size.channels // 2
    for flow in range(0, 8, 2):
        yield from layer(f"flow.flows.{flow}.pre", size.hidden, half, 1)
        yield from wavenet(f"flow.flows.{flow}.enc", 4)
        yield from layer(f"flow.flows.{flow}.post", half, size.hidden, 1)
    yield from layer("dec.conv_pre", size.widest, size.channels, 7)
    width = size.widest
    for stage, rate in enumerate(_RATES):
        yield from layer(
            f"dec.ups.{stage}", width, width // 2, 2 * rate, normal=True, out=width // 2
        )
        width //= 2
        for block, kernel in enumerate(_KERNELS):
            for convs in ("convs1", "convs2"):
                for number in range(3):
                    name = f"dec.resblocks.{3 * stage + block}.{convs}.{number}"
                    yield from layer(name, width, width, kernel, normal=True)
    yield from layer("dec.conv_post", 1, width, 7, out=0)
    yield from layer("dec.cond", size.widest, size.speaker, 1)
    yield from layer("ref_enc.layernorm", 513)
    for number in range(6):
        before, after = _REFERENCE_FILTERS[number : number + 2]
        yield from layer(f"ref_enc.convs.{number}", after, before, 3, 3, normal=True)
    yield "ref_enc.gru.weight_ih_l0", (384, 1152), False
    yield "ref_enc.gru.weight_hh_l0", (384, 128), False
    yield "ref_enc.gru.bias_ih_l0", (384,), False
    yield "ref_enc.gru.bias_hh_l0", (384,), False
    yield from layer("ref_enc.proj", size.speaker, 128)


def write_checkpoint(folder: Path, size: Size, weights: Weights | None = None) -> None:
    """Write `checkpoint.pth` and `config.json`, as they are published."""
    arrays = random_weights(size) if weights is None else weights
    storages = [Storage(str(number), array.ravel()) for number, array in enumerate(arrays.values())]
    tensors: OrderedDict[str, Any] = OrderedDict()
    for (name, array), storage in zip(arrays.items(), storages, strict=True):
        strides = tuple(step // array.itemsize for step in array.strides)
        tensors[name] = Tensor(storage, 0, array.shape, strides)
    saved = {"model": tensors, "iteration": 1, "optimizer": None, "learning_rate": 1e-4}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint.pth").write_bytes(checkpoint(saved, storages))
    (folder / "config.json").write_text(json.dumps(size.config), encoding="utf-8")


def build(folder: Path, size: Size = TINY) -> Path:
    """Write a checkpoint into `folder` and build the model of it; returns the model's folder."""
    write_checkpoint(folder / "checkpoint", size)
    made = folder / "openvoice-v2"
    made.mkdir()
    build_openvoice(folder / "checkpoint", made)
    return made

"""Make a model of OPUS-MT for translators.py: random weights of the real size, in int8.

    python scripts/bench/opus_models.py FOLDER

Writes FOLDER/whole. It is a separate program, because building a model imports PyTorch where that
is installed, and running a model does not.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stslocal.models.building.ct2_spec import Shape
from stslocal.models.building.opus import opus_spec

SHAPE = Shape(
    encoder_layers=6, decoder_layers=6, heads=8, width=512, vocabulary=59_514, positions=512,
    activation="swish", scaled=True,
)  # fmt: skip
"""That of Helsinki-NLP/opus-mt-en-fr."""
FEED_FORWARD = 2048


def random_weights() -> dict[str, NDArray[np.float32]]:
    """Weights with a checkpoint's names and shapes."""
    weights = {"model.shared.weight": _array("shared", SHAPE.vocabulary, SHAPE.width)}
    for part, attentions in (
        ("encoder", ("self_attn",)),
        ("decoder", ("self_attn", "encoder_attn")),
    ):
        for number in range(SHAPE.encoder_layers):
            layer = f"model.{part}.layers.{number}"
            linear = {
                f"{attention}.{name}": (SHAPE.width, SHAPE.width)
                for attention in attentions
                for name in ("q_proj", "k_proj", "v_proj", "out_proj")
            }
            linear |= {"fc1": (FEED_FORWARD, SHAPE.width), "fc2": (SHAPE.width, FEED_FORWARD)}
            for name, shape in linear.items():
                weights[f"{layer}.{name}.weight"] = _array(f"{layer}.{name}", *shape)
                weights[f"{layer}.{name}.bias"] = _array(f"{layer}.{name}.bias", shape[0])
            for name in (*(f"{each}_layer_norm" for each in attentions), "final_layer_norm"):
                weights[f"{layer}.{name}.weight"] = np.ones(SHAPE.width, np.float32)
                weights[f"{layer}.{name}.bias"] = np.zeros(SHAPE.width, np.float32)
    return weights


def make_model(root: Path) -> None:
    """Write the model."""
    pieces = [f"\u2581piece{number}" for number in range(SHAPE.vocabulary - 3)]
    spec = opus_spec(SHAPE, random_weights(), ["</s>", "<unk>", *pieces])
    spec.optimize(quantization="int8")
    (root / "whole").mkdir()
    spec.save(str(root / "whole"))


def _array(name: str, *shape: int) -> NDArray[np.float32]:
    chance = np.random.default_rng(zlib.crc32(name.encode()))
    return chance.standard_normal(shape, np.float32) / np.float32(SHAPE.width**0.5)


if __name__ == "__main__":
    make_model(Path(sys.argv[1]))

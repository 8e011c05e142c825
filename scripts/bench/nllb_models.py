"""Make the models for nllb.py: random weights of the real size, whole and trimmed.

    python scripts/bench/nllb_models.py FOLDER [TOKENS_KEPT ...]

Writes FOLDER/whole and FOLDER/TOKENS_KEPT. It is a separate program, because building a model
imports PyTorch where that is installed, and running a model does not.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.models.building.ct2_model import ModelBin
from stslocal.models.building.ct2_spec import Shape
from stslocal.models.building.nllb import SPECIAL_TOKENS, language_codes, nllb_spec

SHAPE = Shape(
    encoder_layers=12, decoder_layers=12, heads=16, width=1024,
    vocabulary=256_206, positions=1024, activation="relu", scaled=True,
)  # fmt: skip
FEED_FORWARD = 4096


class RandomWeights(Mapping[str, NDArray[Any]]):
    """Weights with a checkpoint's names and shapes; each is made when it is read."""

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        chance = np.random.default_rng(zlib.crc32(name.encode()))
        wide = (".fc1.", FEED_FORWARD), (".fc2.", SHAPE.width)
        rows = next((size for part, size in wide if part in name), SHAPE.width)
        columns = FEED_FORWARD if ".fc2." in name else SHAPE.width
        if name == "model.shared.weight":
            rows = SHAPE.vocabulary
        if name.endswith("bias") or "layer_norm" in name:
            return chance.standard_normal(rows, np.float32)
        return chance.standard_normal((rows, columns), np.float32) / np.float32(32)

    def __contains__(self, name: object) -> bool:
        return name == "model.shared.weight"

    def __iter__(self) -> Iterator[str]:
        return iter(("model.shared.weight",))

    def __len__(self) -> int:
        return 1


def make_models(root: Path, kept: list[int]) -> None:
    """Write the whole model and the trimmed ones, named by their numbers of tokens."""
    pieces = SHAPE.vocabulary - len(SPECIAL_TOKENS) - len(language_codes())
    tokens = [*SPECIAL_TOKENS, *language_codes(), *(f"piece{n}" for n in range(pieces))]
    whole = root / "whole"
    whole.mkdir()
    spec = nllb_spec(SHAPE, RandomWeights(), tokens)
    spec.optimize(quantization="int8")
    spec.save(str(whole))
    model = ModelBin.read(whole / "model.bin")
    for count in kept:
        folder = root / str(count)
        folder.mkdir()
        model.write_with_only(range(count), len(tokens), folder / "model.bin")
        (folder / "shared_vocabulary.json").write_text(json.dumps(tokens[:count]))
        (folder / "config.json").write_bytes((whole / "config.json").read_bytes())


if __name__ == "__main__":
    make_models(Path(sys.argv[1]), [int(count) for count in sys.argv[2:]])

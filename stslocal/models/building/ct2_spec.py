"""Fills CTranslate2's description of a model with the weights of a checkpoint of transformers.

NLLB and the OPUS models are encoder-decoder models whose layers have the same names there.

Source: transformers' modeling_bart.py, from which both models come; ctranslate2/specs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs.model_spec import NumpyVariable, Variable
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError, ModelNotFoundError
from stslocal.foreign_files import PathKind, UnreadableFileError, read_json


@dataclass(frozen=True, slots=True)
class Shape:
    """The model's sizes, from `config.json`."""

    encoder_layers: int
    decoder_layers: int
    heads: int
    width: int
    vocabulary: int
    """Rows of the embedding."""
    positions: int
    activation: str
    """As transformers call it."""
    scaled: bool
    """Whether embeddings are multiplied by the square root of the width."""


class Weight(Variable):  # type: ignore[misc]
    """One array, or several joined along axis 0. They are read when quantized or saved."""

    def __init__(self, *parts: NDArray[Any]) -> None:
        self._parts = parts

    @property
    def shape(self) -> list[int]:
        first = self._parts[0].shape
        return [sum(len(part) for part in self._parts), *first[1:]]

    @property
    def dtype(self) -> str:
        return "float32"

    def numpy(self) -> NDArray[np.float32]:
        """Read the weight into a new array, which the quantization changes in place."""
        return np.concatenate(self._parts).astype(np.float32, copy=False)

    def num_bytes(self) -> int:
        return 4 * int(np.prod(self.shape))

    def to_bytes(self) -> bytes:
        return self.numpy().tobytes()

    def _to(self, dtype: str) -> Variable:
        return NumpyVariable(self.numpy().astype(dtype))

    def _equal(self, other: Weight) -> bool:
        if self is other:
            return True
        if self.shape != other.shape or self._parts[0].flat[0] != other._parts[0].flat[0]:
            return False
        return np.array_equal(self.numpy(), other.numpy())


class WeightReader:
    """Reads the weights whose names begin with a prefix."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], prefix: str) -> None:
        self._weights = weights
        self._prefix = prefix

    def below(self, name: str) -> WeightReader:
        """A reader of the weights of a part."""
        return WeightReader(self._weights, f"{self._prefix}.{name}")

    def norm(self, spec: Any, name: str) -> None:
        """Set a normalization."""
        spec.gamma, spec.beta = self._joined("weight", name), self._joined("bias", name)

    def linear(self, spec: Any, *names: str) -> None:
        """Set a linear layer from one layer, or from several that have the same input."""
        spec.weight, spec.bias = self._joined("weight", *names), self._joined("bias", *names)

    def _joined(self, kind: str, *names: str) -> Weight:
        return Weight(*(self._weights[f"{self._prefix}.{name}.{kind}"] for name in names))


def fill_layer(layer: Any, reader: WeightReader) -> None:
    """Set a layer of an encoder or a decoder. Raises KeyError for a missing array."""
    own = layer.self_attention
    reader.linear(own.linear[0], "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")
    reader.linear(own.linear[1], "self_attn.out_proj")
    reader.norm(own.layer_norm, "self_attn_layer_norm")
    if hasattr(layer, "attention"):
        other = layer.attention
        reader.linear(other.linear[0], "encoder_attn.q_proj")
        reader.linear(other.linear[1], "encoder_attn.k_proj", "encoder_attn.v_proj")
        reader.linear(other.linear[2], "encoder_attn.out_proj")
        reader.norm(other.layer_norm, "encoder_attn_layer_norm")
    reader.linear(layer.ffn.linear_0, "fc1")
    reader.linear(layer.ffn.linear_1, "fc2")
    reader.norm(layer.ffn.layer_norm, "final_layer_norm")


def fill_stacks(
    spec: Any,
    shape: Shape,
    weights: Mapping[str, NDArray[Any]],
    embedding: Weight,
    positions: NDArray[np.float32],
) -> None:
    """Set the encoder and the decoder, which share one embedding. Raises KeyError."""
    for part, stack in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        reader = WeightReader(weights, f"model.{part}")
        table = stack.embeddings[0] if part == "encoder" else stack.embeddings
        table.weight = embedding
        stack.scale_embeddings = float(np.sqrt(shape.width)) if shape.scaled else 1.0
        stack.position_encodings.encodings = positions
        if hasattr(stack, "layer_norm"):
            reader.norm(stack.layer_norm, "layer_norm")
        for number, layer in enumerate(stack.layer):
            fill_layer(layer, reader.below(f"layers.{number}"))
    spec.decoder.projection.weight = embedding


def read_shape_of(
    folder: Path,
    family: str,
    kind: str,
    is_known: Callable[[Mapping[str, Any]], bool],
    *,
    hint: str = "",
    scaled: bool,
) -> Shape:
    """Read the `config.json` of a checkpoint of the model type `kind`.

    `is_known` tells the variants that can be converted, and `hint` what to do about others;
    `scaled` holds where the file does not say it. Raises ModelNotFoundError or ModelIntegrityError
    with the fault.
    """
    config = read_config(folder / "config.json")
    found = config.get("model_type")
    if found != kind:
        raise ModelIntegrityError(
            f"{folder} does not hold an {family} checkpoint: its config.json names the model type "
            f"'{found}' instead of '{kind}'"
        )
    try:
        heads = {config["encoder_attention_heads"], config["decoder_attention_heads"]}
        if len(heads) > 1 or not is_known(config):
            raise ModelIntegrityError(
                f"{folder} holds a variant of {family} that is not known here{hint}"
            )
        return Shape(
            encoder_layers=int(config["encoder_layers"]),
            decoder_layers=int(config["decoder_layers"]),
            heads=int(heads.pop()),
            width=int(config["d_model"]),
            vocabulary=int(config["vocab_size"]),
            positions=int(config["max_position_embeddings"]),
            activation=config.get("activation_function", "relu"),
            scaled=bool(config.get("scale_embedding", scaled)),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise ModelIntegrityError(f"{folder / 'config.json'} is damaged: {error!r}") from error


def read_config(path: Path) -> dict[str, Any]:
    """Read a JSON file of a checkpoint. Raises ModelNotFoundError or ModelIntegrityError."""
    try:
        document = read_json(path)
    except UnreadableFileError as error:
        if error.kind is PathKind.MISSING:
            raise ModelNotFoundError(
                f"{path.parent} lacks {path.name}: give the folder of a checkpoint as it "
                "is published"
            ) from None
        raise ModelIntegrityError(f"{path} is damaged: it {error}") from error
    if not isinstance(document, dict):
        raise ModelIntegrityError(f"{path} is damaged: it contains no JSON object")
    return document

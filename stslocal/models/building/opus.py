"""Converts an OPUS-MT model from the layout of Hugging Face's transformers to CTranslate2's format.

The result is the model that CTranslate2's converter makes with PyTorch and
transformers. OPUS-MT models are made by Marian. They differ from NLLB: layers are normalized behind
their sum, the activation is usually swish, the first position is 0, the logits may have a bias, and
the decoder starts from zeros in place of a token. transformers adds a token `<pad>` with zeros for
that; CTranslate2 does it without one, so the last row is left out.

Sources: transformers' modeling_marian.py and convert_marian_to_pytorch.py; ctranslate2/specs.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from ctranslate2.specs import TransformerSpec
from ctranslate2.specs.common_spec import Activation
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError, ModelNotFoundError
from stslocal.models.building.checkpoint import read_weights
from stslocal.models.building.ct2_spec import (
    Shape,
    Weight,
    fill_stacks,
    read_config,
    read_shape_of,
)

TOKENIZERS = ("source.spm", "target.spm")
"""The sentencepiece models of the two languages. Their tokens share one vocabulary."""
VOCABULARY = "vocab.json"

_PAD = "<pad>"
_NEEDED_TOKENS = ("</s>", "<unk>")
_ACTIVATIONS: Mapping[str, Any] = MappingProxyType(
    {"swish": Activation.SWISH, "silu": Activation.SWISH, "relu": Activation.RELU}
)


def build_opus(fetched: Path, target: Path, quantization: str = "int8") -> None:
    """Write the files of a model into the empty folder `target`.

    `fetched` contains a checkpoint in transformers' layout: `config.json`, the weights,
    `vocab.json`, `source.spm` and `target.spm`. Raises ModelNotFoundError or ModelIntegrityError.
    """
    shape = read_shape(fetched)
    tokens = read_tokens(fetched, shape.vocabulary)
    for name in TOKENIZERS:
        if not (fetched / name).is_file():
            raise ModelNotFoundError(
                f"{fetched} lacks {name}, which comes with every OPUS-MT model"
            )
    try:
        spec = opus_spec(shape, read_weights(fetched), tokens)
    except (LookupError, ValueError) as error:
        raise ModelIntegrityError(
            f"the weights in {fetched} are not those of an OPUS-MT model: {error}"
        ) from error
    spec.optimize(quantization=quantization)
    spec.save(str(target))
    for name in TOKENIZERS:
        shutil.copyfile(fetched / name, target / name)


def read_shape(folder: Path) -> Shape:
    """Read `config.json`. Raises ModelNotFoundError or ModelIntegrityError with the fault.

    The last row of the embedding is that of `<pad>`.
    """
    return read_shape_of(
        folder,
        "OPUS-MT",
        "marian",
        _is_known,
        hint=": choose a model with one vocabulary for both languages",
        scaled=False,
    )


def _is_known(config: Mapping[str, Any]) -> bool:
    return bool(
        config["activation_function"] in _ACTIVATIONS
        and config.get("share_encoder_decoder_embeddings", True)
        and config.get("tie_word_embeddings", True)
        and not config.get("normalize_before", False)
        and not config.get("normalize_embedding", False)
    )


def read_tokens(folder: Path, size: int) -> list[str]:
    """The token of every row of the embedding, without the last one, which is `<pad>`.

    Raises ModelNotFoundError or ModelIntegrityError for a `vocab.json` that does not fit.
    """
    path = folder / VOCABULARY
    rows = read_config(path)
    if not all(type(row) is int for row in rows.values()):
        raise ModelIntegrityError(f"{path} is damaged: it does not give each token a number")
    tokens = {row: token for token, row in rows.items()}
    is_whole = len(rows) == size and sorted(tokens) == list(range(size))
    if not is_whole or tokens[size - 1] != _PAD:
        raise ModelIntegrityError(
            f"{folder} does not fit together: the tokens of {VOCABULARY} are not those of the "
            f"{size} rows of its weights, with {_PAD} in the last one"
        )
    missing = [token for token in _NEEDED_TOKENS if token not in rows]
    if missing:
        raise ModelIntegrityError(f"{path} is damaged: it lacks the token {missing[0]}")
    return [tokens[row] for row in range(size - 1)]


def opus_spec(shape: Shape, weights: Mapping[str, NDArray[Any]], tokens: Sequence[str]) -> Any:
    """Fill CTranslate2's description of the model, which can quantize and save itself.

    `weights` has the arrays by their names in transformers. Raises KeyError for a missing array
    and ValueError for one with a wrong shape.
    """
    spec = TransformerSpec.from_config(
        (shape.encoder_layers, shape.decoder_layers),
        shape.heads,
        pre_norm=False,
        activation=_ACTIVATIONS[shape.activation],
    )
    names = ("model.shared.weight", "model.encoder.embed_tokens.weight", "lm_head.weight")
    table = weights[next((name for name in names if name in weights), names[0])]
    if table.shape != (shape.vocabulary, shape.width):
        raise ValueError(f"the embedding has the shape {list(table.shape)}")
    embedding = Weight(table[:-1])
    positions = position_encodings(shape.positions, shape.width)
    fill_stacks(spec, shape, weights, embedding, positions)
    spec.decoder.start_from_zero_embedding = True
    bias = weights.get("final_logits_bias")
    if bias is not None and bias.any():
        if bias.size != shape.vocabulary:
            raise ValueError(f"the bias of the logits has the shape {list(bias.shape)}")
        spec.decoder.projection.bias = Weight(bias.reshape(-1)[:-1])
    spec.register_source_vocabulary(list(tokens))
    spec.register_target_vocabulary(list(tokens))
    # Any token will do, since the decoder starts from zeros.
    spec.config.decoder_start_token = "</s>"
    spec.validate()
    return spec


def position_encodings(count: int, width: int) -> NDArray[np.float32]:
    """Sinusoidal position encodings, first all sines, then all cosines: shape (count, width)."""
    dimensions = np.arange(0, width, 2)
    angles = np.arange(count)[:, None] / np.power(10000, dimensions / width)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)

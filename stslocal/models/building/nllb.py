"""Converts NLLB-200 from the layout of Hugging Face's transformers to CTranslate2's format.

The result is the model that CTranslate2's converter makes. That converter needs PyTorch and
transformers; this one reads the weights from their file and needs neither.

Sources: transformers' modeling_m2m_100.py (names of the weights, positions) and
tokenization_nllb.py (order of the vocabulary); ctranslate2/specs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import TransformerSpec
from ctranslate2.specs.common_spec import Activation
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError, ModelNotFoundError
from stslocal.languages import languages
from stslocal.models.building.checkpoint import read_weights
from stslocal.models.building.ct2_spec import (
    Shape,
    Weight,
    fill_stacks,
    read_config,
    read_shape_of,
)
from stslocal.models.building.pieces import Pieces

TOKENIZER = "sentencepiece.bpe.model"

SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>")
"""The first tokens of the vocabulary. They replace sentencepiece's own three special tokens."""
_SENTENCEPIECE_SPECIALS = 3
_POSITION_OFFSET = 2
"""The first position: the padding token's id, which is 1, plus 1."""

_FLORES = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")
_FILED_UNDER = {
    "als": "sqi", "gaz": "orm", "khk": "mon", "kmr": "kur", "knc": "kau", "lvs": "lav",
    "pbt": "pus", "pes": "fas", "plt": "mlg", "taq": "tmh", "zsm": "msa",
}  # fmt: skip
"""Languages that have the place of their macrolanguage in the vocabulary."""


def read_shape(folder: Path) -> Shape:
    """Read `config.json`. Raises ModelNotFoundError or ModelIntegrityError with the fault."""
    return read_shape_of(
        folder,
        "NLLB",
        "m2m_100",
        lambda config: config.get("activation_function", "relu") == "relu",
        scaled=True,
    )


def read_vocabulary(folder: Path, size: int) -> list[str]:
    """The token of every row of the embedding.

    The order is that of `tokenizer.json`. Without that file it is that of NLLB-200: special
    tokens, pieces, codes of the languages, the mask. Rows without a token get a made-up name.
    Raises ModelNotFoundError or ModelIntegrityError for files that do not fit together.
    """
    if not (folder / TOKENIZER).is_file():
        raise ModelNotFoundError(f"{folder} lacks {TOKENIZER}, which comes with every NLLB model")
    pieces = Pieces(folder / TOKENIZER)
    if (folder / "tokenizer.json").is_file():
        rows = _rows_in(folder / "tokenizer.json")
    else:
        normal = pieces.all[_SENTENCEPIECE_SPECIALS:]
        order = [*SPECIAL_TOKENS, *normal, *language_codes(), "<mask>"]
        rows = dict(enumerate(order))
    if max(rows) >= size or not pieces.usable <= set(rows.values()):
        raise ModelIntegrityError(
            f"{folder} does not fit together: its tokens are not those of the {size} rows of its "
            "weights"
        )
    spare = iter(range(size))
    return [rows[row] if row in rows else f"madeupword{next(spare)}" for row in range(size)]


def language_codes() -> list[str]:
    """The FLORES-200 codes in the order of their ids in NLLB-200, which is nearly alphabetical.

    A few languages have the place of their macrolanguage.
    """
    codes = [language.flores for language in languages() if language.flores]
    return sorted(codes, key=lambda code: (_FILED_UNDER.get(code[:3], code[:3]), code))


def _rows_in(path: Path) -> dict[int, str]:
    document = read_config(path)
    try:
        rows = {row: token for token, row in document["model"]["vocab"].items()}
        return rows | {token["id"]: token["content"] for token in document["added_tokens"]}
    except (LookupError, TypeError, AttributeError) as error:
        raise ModelIntegrityError(f"{path} is not a byte-pair tokenizer: {error!r}") from error


def is_language_code(token: str) -> bool:
    """Whether a token has the form of a FLORES-200 code, such as `por_Latn`."""
    return _FLORES.fullmatch(token) is not None


def convert(folder: Path, target: Path, quantization: str) -> None:
    """Convert a checkpoint, without its tokenizer, into the empty folder `target`.

    `quantization` is one of CTranslate2's types that numpy has: `int8`, `int8_float16`,
    `int8_float32`, `int16`, `float16` or `float32`. Raises ModelNotFoundError or
    ModelIntegrityError if the folder contains no checkpoint of NLLB.
    """
    shape = read_shape(folder)
    tokens = read_vocabulary(folder, shape.vocabulary)
    try:
        spec = nllb_spec(shape, read_weights(folder), tokens)
    except (LookupError, ValueError) as error:
        raise ModelIntegrityError(
            f"the weights in {folder} are not those of an NLLB model: {error}"
        ) from error
    spec.optimize(quantization=quantization)
    spec.save(str(target))


def nllb_spec(shape: Shape, weights: Mapping[str, NDArray[Any]], tokens: Sequence[str]) -> Any:
    """Fill CTranslate2's description of the model, which can quantize and save itself.

    `weights` has the arrays by their names in transformers. Raises KeyError for a missing array
    and ValueError for one with a wrong shape.
    """
    spec = TransformerSpec.from_config(
        (shape.encoder_layers, shape.decoder_layers), shape.heads, activation=Activation.RELU
    )
    names = ("model.shared.weight", "lm_head.weight", "model.encoder.embed_tokens.weight")
    embedding = Weight(weights[next((name for name in names if name in weights), names[0])])
    if embedding.shape != [shape.vocabulary, shape.width]:
        raise ValueError(f"the embedding has the shape {embedding.shape}")
    positions = position_encodings(shape.positions, shape.width)
    fill_stacks(spec, shape, weights, embedding, positions)
    spec.register_source_vocabulary(list(tokens))
    spec.register_target_vocabulary(list(tokens))
    spec.config.decoder_start_token = "</s>"
    spec.validate()
    return spec


def position_encodings(count: int, width: int) -> NDArray[np.float32]:
    """Sinusoidal position encodings, first all sines, then all cosines: shape (count, width)."""
    half = width // 2
    powers = np.arange(half, dtype=np.float32) * np.float32(-np.log(10000) / (half - 1))
    rates = np.exp(powers.astype(np.float64)).astype(np.float32)
    places = np.arange(_POSITION_OFFSET, count + _POSITION_OFFSET, dtype=np.float32)
    angles = np.outer(places, rates).astype(np.float64)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)

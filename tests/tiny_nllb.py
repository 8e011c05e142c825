"""A small NLLB: real CTranslate2 weights and a real sentencepiece model, made in a moment.

It has NLLB's layout, kind of sentencepiece model and codes. Its weights are not trained but set so
that it copies: the decoder's cross attention finds the source position of its own step. So every
piece of a sentence is written once and in order, through the real search, and a test detects a
piece that was lost, doubled or moved.

Its hidden state has two halves, one for the piece and one for the position, of constant length and
mean zero, so that layer normalization only scales it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import TransformerSpec
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

from stslocal.engines.nllb.translator import PIECES
from stslocal.engines.seq2seq.search import POSITIONS

CODES = ("eng_Latn", "fra_Latn", "por_Latn", "rus_Cyrl", "zho_Hans")

_TEXT = (
    "Good morning, my friends. It is late, and the train leaves at noon.",
    "Bom dia, meus amigos. É tarde, e o trem parte ao meio-dia.",
    "Bonjour, mes amis. Il est tard, et le train part à midi.",
    "Доброе утро, друзья. Уже поздно, поезд уходит в полдень.",
    "早上好，我的朋友们。已经很晚了，火车中午出发。",
    "0 1 2 3 4 5 6 7 8 9 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "á â ã ç é ê í ó ô õ ú ü ; : ! ?",
)
_HALF = 128
"""Hidden values for the piece; the position has as many."""
_SHARP = 30.0
"""Makes attention look at one position alone."""
_LOUD = 10.0
"""The copied piece must outweigh the piece before it, which is still in the hidden state."""

Array = NDArray[np.float32]


def make_tiny_nllb(folder: Path, *, codes: Sequence[str] = CODES, ends: bool = True) -> Path:
    """Write the model into `folder` and return it.

    Without `ends` the model never stops: it never writes the `</s>`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pieces = train_pieces()
    (folder / PIECES).write_bytes(pieces)
    cutter = SentencePieceProcessor(model_proto=pieces)
    first = cutter.unk_id() + 3  # after <unk>, <s> and </s>
    vocabulary = [
        *("<s>", "<pad>", "</s>", "<unk>"),
        *(cutter.id_to_piece(index) for index in range(first, len(cutter))),
        *codes,
        "<mask>",
    ]
    write_model(folder, vocabulary, ends=ends)
    return folder


def train_pieces() -> bytes:
    """Train a byte-pair model, whose first pieces are three special ones."""
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(_TEXT),
        model_writer=model,
        model_type="bpe",
        vocab_size=220,
        character_coverage=1.0,
        minloglevel=2,
    )
    return model.getvalue()


def write_model(folder: Path, vocabulary: list[str], *, ends: bool) -> None:
    """Write the files of CTranslate2 of a model that copies."""
    spec: Any = TransformerSpec.from_config(num_layers=1, num_heads=1)
    embeddings = np.zeros((len(vocabulary), 2 * _HALF), np.float32)
    embeddings[:, :_HALF] = _directions(len(vocabulary))
    positions = np.zeros((2 * POSITIONS, 2 * _HALF), np.float32)
    positions[:, _HALF:] = _waves(2 * POSITIONS)
    spec.encoder.embeddings[0].weight = embeddings
    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = False
        side.position_encodings.encodings = positions
        _set_norm(side.layer_norm)
        _set_attention(side.layer[0].self_attention, np.zeros((2 * _HALF, 2 * _HALF), np.float32))
        _set_feed_forward(side.layer[0].ffn)
    spec.decoder.embeddings.weight = embeddings
    spec.decoder.projection.weight = embeddings
    spec.decoder.projection.bias = np.zeros(len(vocabulary), np.float32)
    if not ends:
        spec.decoder.projection.bias[vocabulary.index("</s>")] = -1e6
    _set_copying(spec.decoder.layer[0].attention)
    spec.config.decoder_start_token = "</s>"
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize()
    spec.save(str(folder))


def _directions(count: int) -> Array:
    """Vectors for pieces, shape (count, _HALF): of length 1, with mean 0, far from one another."""
    rows = np.ones((count, _HALF), np.float32)
    rows[:, : _HALF // 2] = -1.0
    rows /= np.sqrt(_HALF)
    mixed: Array = np.random.default_rng(200).permuted(rows, axis=1)
    return mixed


def _waves(count: int) -> Array:
    """Vectors for positions, shape (count, _HALF), with the properties of `_directions`."""
    frequencies = np.random.default_rng(201).uniform(0, np.pi, _HALF // 4)
    angles = np.arange(count)[:, None] * frequencies
    cosines, sines = np.cos(angles), np.sin(angles)
    rows: Array = np.concatenate([cosines, sines, -cosines, -sines], axis=1, dtype=np.float32)
    rows /= np.sqrt(_HALF / 2)
    return rows


def _set_copying(attention: Any) -> None:
    """Set attention to find its own position and to copy the piece at it."""
    piece, position = np.zeros((2, 2 * _HALF, 2 * _HALF), np.float32)
    np.fill_diagonal(piece[:_HALF, :_HALF], 1.0)
    np.fill_diagonal(position[_HALF:, _HALF:], 1.0)
    nothing = np.zeros(2 * _HALF, np.float32)
    _set_norm(attention.layer_norm)
    attention.linear[0].weight = _SHARP * position
    attention.linear[0].bias = nothing
    attention.linear[1].weight = np.concatenate([position, piece])
    attention.linear[1].bias = np.concatenate([nothing, nothing])
    attention.linear[2].weight = _LOUD * piece
    attention.linear[2].bias = nothing


def _set_attention(attention: Any, weight: Array) -> None:
    size = len(weight)
    _set_norm(attention.layer_norm)
    attention.linear[0].weight = np.concatenate([weight] * 3)
    attention.linear[0].bias = np.zeros(3 * size, np.float32)
    attention.linear[1].weight = weight
    attention.linear[1].bias = np.zeros(size, np.float32)


def _set_feed_forward(block: Any) -> None:
    _set_norm(block.layer_norm)
    for layer in (block.linear_0, block.linear_1):
        layer.weight = np.zeros((2 * _HALF, 2 * _HALF), np.float32)
        layer.bias = np.zeros(2 * _HALF, np.float32)


def _set_norm(norm: Any) -> None:
    norm.gamma = np.ones(2 * _HALF, np.float32)
    norm.beta = np.zeros(2 * _HALF, np.float32)

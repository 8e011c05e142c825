"""A small OPUS-MT model with random weights, in the layout of a published checkpoint.

It is made with numpy only, so that tests with it need no PyTorch. It has two sentencepiece models
of its own, whose pieces share one vocabulary, and translates invented words (see `nllb_kit`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
from safetensors.numpy import save_file
from sentencepiece import SentencePieceProcessor

from tests.models.building import nllb_kit, seq2seq_kit
from tests.models.building.seq2seq_kit import LAYERS, WIDTH, RandomWeights

SOURCE, TARGET = "eng_Latn", "por_Latn"
POSITIONS = 128
ENDING = 6.0
"""Factor by which the row of `</s>` is longer than others, so that some sentences end."""
LONGEST = 24
"""Highest number of tokens of a translation."""
INPUTS = ("config.json", "model.safetensors", "source.spm", "target.spm", "vocab.json")


def train_pieces(path: Path, language: str) -> SentencePieceProcessor:
    """Train a unigram model, as OPUS-MT has."""
    return seq2seq_kit.train_pieces(path, nllb_kit.sentences(language, 400), "unigram", 200)


def vocabulary(*models: SentencePieceProcessor) -> list[str]:
    """The token of every row: as in published models, `<pad>` is the last one."""
    pieces = [each.id_to_piece(number) for each in models for number in range(3, len(each))]
    return ["</s>", "<unk>", *dict.fromkeys(pieces), "<pad>"]


def random_weights(count: int, *, seed: int = 1) -> RandomWeights:
    """Weights of `count` tokens with which every token of the output depends on the whole input.

    With one matrix for input and output, a random model repeats its last token. The random signs
    of the last norm work against that, and the longer row of `</s>` makes sentences end.
    """
    weights = RandomWeights(seed)
    embedding = weights.normal(count, WIDTH, scale=0.24)
    embedding[0] *= ENDING
    embedding[-1] = 0  # the decoder starts with <pad>, from zeros
    bias = weights.normal(1, count, scale=0.2)
    bias[:, -1] = 0
    weights |= {"model.shared.weight": embedding, "final_logits_bias": bias}
    weights.add_layers(
        out_gain=lambda attention: 1.5 if attention == "encoder_attn" else 0.5,
        last_gain=2.0,
        norm_behind=False,
    )
    last = f"model.decoder.layers.{LAYERS - 1}.final_layer_norm.weight"
    weights[last] *= weights.signs(3)
    return weights


def config(count: int) -> dict[str, Any]:
    """The model's `config.json`."""
    return {
        "architectures": ["MarianMTModel"],
        "model_type": "marian",
        "activation_function": "swish",
        **seq2seq_kit.sizes(),
        "bos_token_id": 0,
        "eos_token_id": 0,
        "forced_eos_token_id": 0,
        "pad_token_id": count - 1,
        "decoder_start_token_id": count - 1,
        "decoder_vocab_size": count,
        "bad_words_ids": [[count - 1]],
        "max_position_embeddings": POSITIONS,
        "normalize_before": False,
        "normalize_embedding": False,
        "scale_embedding": True,
        "share_encoder_decoder_embeddings": True,
        "static_position_embeddings": True,
        "tie_word_embeddings": True,
        "vocab_size": count,
    }


def write_checkpoint(folder: Path) -> None:
    """Write the folder of a checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    source = train_pieces(folder / "source.spm", SOURCE)
    tokens = vocabulary(source, train_pieces(folder / "target.spm", TARGET))
    rows = {token: row for row, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(rows), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(config(len(tokens))))
    named = {"tokenizer_class": "MarianTokenizer", "source_lang": "en", "target_lang": "pt"}
    (folder / "tokenizer_config.json").write_text(json.dumps(named))
    save_file(random_weights(len(tokens)), folder / "model.safetensors", {"format": "pt"})


class Translator:
    """Runs a built model with CTranslate2 alone."""

    def __init__(self, folder: Path) -> None:
        self._model = ctranslate2.Translator(
            str(folder), device="cpu", compute_type="float32", inter_threads=1, intra_threads=1
        )
        self._pieces = SentencePieceProcessor(model_file=str(folder / "source.spm"))

    def translate(
        self, texts: Sequence[str], *, beam: int, no_repeat: int = 0, prefix: Sequence[str] = ()
    ) -> list[list[str]]:
        """Tokens of each text's best hypothesis, after those of the prefix."""
        found = self._model.translate_batch(
            [[*self._pieces.encode(text, out_type=str), "</s>"] for text in texts],
            target_prefix=[list(prefix)] * len(texts),
            beam_size=beam,
            length_penalty=0,
            no_repeat_ngram_size=no_repeat,
            max_decoding_length=LONGEST,
        )
        return [each.hypotheses[0][len(prefix) :] for each in found]

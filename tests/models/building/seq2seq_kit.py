"""What the small translation models of tests have in common: tokenizers and random layers."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

WIDTH, HEADS, FEED_FORWARD, LAYERS = 64, 4, 96, 2

Floats = NDArray[np.float32]


def train_pieces(path: Path, texts: Iterable[str], kind: str, size: int) -> SentencePieceProcessor:
    """Train a model of the `kind` "bpe" or "unigram", whose first pieces are three special ones."""
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type=kind,
        vocab_size=size,
        character_coverage=1.0,
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=2,
    )
    path.write_bytes(model.getvalue())
    return SentencePieceProcessor(model_proto=model.getvalue())


class RandomWeights(dict[str, Floats]):
    """Weights by name; each is drawn when it is added."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = np.random.default_rng(seed)

    def normal(self, *shape: int, scale: float) -> Floats:
        return (self._chance.standard_normal(shape) * scale).astype(np.float32)

    def signs(self, scale: float) -> Floats:
        """WIDTH numbers that are `scale` or its negative."""
        return self._chance.choice([-scale, scale], WIDTH).astype(np.float32)

    def add_norm(self, name: str) -> None:
        self[f"{name}.weight"] = 1 + self.normal(WIDTH, scale=0.1)
        self[f"{name}.bias"] = self.normal(WIDTH, scale=0.1)

    def add_layers(
        self, *, out_gain: Callable[[str], float], last_gain: float, norm_behind: bool
    ) -> None:
        """Add encoder and decoder.

        `out_gain` is the gain behind an attention, by its name; `last_gain` that of a layer's last
        matrix. `norm_behind` adds a norm behind the last layer of each.
        """
        for part, attentions in (
            ("encoder", ("self_attn",)),
            ("decoder", ("self_attn", "encoder_attn")),
        ):
            for number in range(LAYERS):
                layer = f"model.{part}.layers.{number}"
                for attention in attentions:
                    for name in ("q_proj", "k_proj"):
                        self._add_linear(f"{layer}.{attention}.{name}", WIDTH, WIDTH, 2.5)
                    self._add_linear(f"{layer}.{attention}.v_proj", WIDTH, WIDTH, 2.0)
                    gain = out_gain(attention)
                    self._add_linear(f"{layer}.{attention}.out_proj", WIDTH, WIDTH, gain)
                    self.add_norm(f"{layer}.{attention}_layer_norm")
                self._add_linear(f"{layer}.fc1", WIDTH, FEED_FORWARD, 2.0)
                self._add_linear(f"{layer}.fc2", FEED_FORWARD, WIDTH, last_gain)
                self.add_norm(f"{layer}.final_layer_norm")
            if norm_behind:
                self.add_norm(f"model.{part}.layer_norm")

    def _add_linear(self, name: str, into: int, out: int, gain: float) -> None:
        self[f"{name}.weight"] = self.normal(out, into, scale=gain / into**0.5)
        self[f"{name}.bias"] = self.normal(out, scale=0.1)


def sizes() -> dict[str, Any]:
    """The part of a `config.json` that gives the sizes of the layers."""
    return {
        "d_model": WIDTH,
        "decoder_attention_heads": HEADS,
        "decoder_ffn_dim": FEED_FORWARD,
        "decoder_layers": LAYERS,
        "encoder_attention_heads": HEADS,
        "encoder_ffn_dim": FEED_FORWARD,
        "encoder_layers": LAYERS,
    }

"""Pocket TTS checkpoints of random weights: a tiny one, and one of the real size.

Both are named and shaped as Kyutai's, so that the vendor's package loads them too. They speak no
words. The tokenizer is made from the texts of `CORPUS`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from stslocal.engines.pocket.synthesizer import PocketSynthesizer
from stslocal.models.building.pocket.product import build_pocket

CORPUS = [
    "Good morning, my friends. It is late. We are the people of this house, and you know it.",
    "Bom dia, meus amigos. É tarde. O comboio chega às dez horas, e nós esperamos por ele.",
    "The train to Lisbon comes at ten o'clock, they say; who waits for it?",
    "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,;:!?'\"-",
]
VOICE = "ada"
_NEVER = -1000.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of a checkpoint."""

    width: int
    layers: int
    flow_width: int
    flow_blocks: int
    latent: int
    sound_width: int
    filters: int
    vocabulary: int


TINY = Sizes(128, 2, 32, 2, 8, 64, 4, 90)
REAL = Sizes(1024, 6, 512, 6, 32, 512, 64, 4000)
"""Of all languages as published in 2026."""


def load_tiny(
    folder: Path, *, language: str = "en", ends: bool = True, **options: Any
) -> PocketSynthesizer:
    """A `PocketSynthesizer` of tiny weights, in float32, with one voice."""
    write_checkpoint(folder / "checkpoint", TINY, ends=ends)
    target = folder / f"pocket-{language}"
    target.mkdir()
    build_pocket(folder / "checkpoint", target, language=language, quantization="float32")
    return PocketSynthesizer.load(target, **{"threads": 1, **options})


def write_checkpoint(folder: Path, sizes: Sizes, *, ends: bool = True) -> None:
    """Write model.safetensors, tokenizer.json and a voice. Without `ends`, speech never ends."""
    folder.mkdir(parents=True)
    write_tokenizer(folder / "tokenizer.json", sizes.vocabulary)
    arrays = dict(weights(sizes, ends=ends))
    save_file(arrays, folder / "model.safetensors")
    (folder / "embeddings").mkdir()
    draws = np.random.default_rng(5)
    heads = sizes.width // 64
    cache = draws.standard_normal((2, 1, 12, heads, 64)).astype(np.float32)
    voice: dict[str, NDArray[Any]] = {}
    for layer in range(sizes.layers):
        name = f"transformer.layers.{layer}.self_attn"
        voice[f"{name}/cache"] = cache
        voice[f"{name}/offset"] = np.array([10])
    save_file(voice, folder / "embeddings" / f"{VOICE}.safetensors")


def write_tokenizer(path: Path, vocabulary: int) -> None:
    """Train a tokenizer with that many tokens."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=["<unk>"])
    tokenizer.train_from_iterator(CORPUS, trainer)
    spare = vocabulary - tokenizer.get_vocab_size()
    tokenizer.add_tokens([f"<spare{number}>" for number in range(spare)])
    assert tokenizer.get_vocab_size() == vocabulary
    tokenizer.save(str(path))


def weights(sizes: Sizes, *, ends: bool = True) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Random weights, by the vendor's names."""
    draws = np.random.default_rng(3)
    for name, shape in shapes(sizes):
        if name.endswith((".freqs",)):
            half = shape[0]
            values = np.exp(-np.log(10_000.0) * np.arange(half) / half)
        elif name.endswith(("norm1.weight", "norm2.weight", "ln.weight", "out_norm.weight")):
            values = 1 + 0.1 * draws.standard_normal(shape)
        elif name.endswith(("emb_std", ".alpha", ".scale")):
            values = draws.uniform(0.3, 0.9, shape)
        else:
            inputs = int(np.prod(shape[1:])) if len(shape) > 1 else 16
            values = draws.standard_normal(shape) / np.sqrt(max(1, inputs))
        if name == "flow_lm.out_eos.bias":
            values = np.array([0.0 if ends else _NEVER])
        yield name, values.astype(np.float32)


def shapes(sizes: Sizes) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The names and shapes of a checkpoint's arrays."""
    width, dim, latent = sizes.width, sizes.flow_width, sizes.latent
    flow_lm = "flow_lm."
    for name in ("emb_std", "emb_mean", "bos_emb"):
        yield flow_lm + name, (latent,)
    yield flow_lm + "bos_before_voice", (1, 1, width)
    yield flow_lm + "speaker_proj_weight", (width, latent)
    yield flow_lm + "conditioner.embed.weight", (sizes.vocabulary + 1, width)
    yield flow_lm + "input_linear.weight", (width, latent)
    yield from _norm(flow_lm + "out_norm", width)
    yield from _linear(flow_lm + "out_eos", width, 1)
    for layer in range(sizes.layers):
        yield from _layer(f"{flow_lm}transformer.layers.{layer}", width, 4 * width)
    net = flow_lm + "flow_net."
    for number in range(2):
        time = f"{net}time_embed.{number}."
        yield time + "freqs", (128,)
        yield from _linear(time + "mlp.0", 256, dim)
        yield from _linear(time + "mlp.2", dim, dim)
        yield time + "mlp.3.alpha", (dim,)
    yield from _linear(net + "cond_embed", width, dim)
    yield from _linear(net + "input_proj", latent, dim)
    for number in range(sizes.flow_blocks):
        block = f"{net}res_blocks.{number}."
        yield from _norm(block + "in_ln", dim)
        yield from _linear(block + "mlp.0", dim, dim)
        yield from _linear(block + "mlp.2", dim, dim)
        yield from _linear(block + "adaLN_modulation.1", dim, 3 * dim)
    yield from _linear(net + "final_layer.linear", dim, latent)
    yield from _linear(net + "final_layer.adaLN_modulation.1", dim, 2 * dim)
    yield from _mimi(sizes)


def config(sizes: Sizes, folder: Path) -> Path:
    """Write the vendor's configuration of a checkpoint in `folder`, and return its path."""
    seanet = {
        "dimension": sizes.sound_width, "channels": 1, "n_filters": sizes.filters,
        "n_residual_layers": 1, "ratios": [6, 5, 4], "kernel_size": 7, "residual_kernel_size": 3,
        "last_kernel_size": 3, "dilation_base": 2, "pad_mode": "constant", "compress": 2,
    }  # fmt: skip
    transformer = {
        "d_model": sizes.sound_width, "num_heads": sizes.sound_width // 64, "num_layers": 2,
        "layer_scale": 0.01, "context": 250, "dim_feedforward": 4 * sizes.sound_width,
        "input_dimension": sizes.sound_width, "output_dimensions": [sizes.sound_width],
    }  # fmt: skip
    document = {
        "weights_path": str(folder / "model.safetensors"),
        "flow_lm": {
            "insert_bos_before_voice": True,
            "dtype": "float32",
            "flow": {"depth": sizes.flow_blocks, "dim": sizes.flow_width},
            "transformer": {
                "d_model": sizes.width, "hidden_scale": 4, "max_period": 10000,
                "num_heads": sizes.width // 64, "num_layers": sizes.layers,
            },
            "lookup_table": {
                "dim": sizes.width, "n_bins": sizes.vocabulary, "tokenizer": "tokenizers",
                "tokenizer_path": str(folder / "tokenizer.json"),
            },
        },
        "mimi": {
            "dtype": "float32", "sample_rate": 24000, "inner_dim": sizes.latent,
            "outer_dim": sizes.sound_width, "channels": 1, "frame_rate": 12.5, "seanet": seanet,
            "transformer": transformer,
            "quantizer": {"dimension": sizes.latent, "output_dimension": sizes.sound_width},
        },
    }  # fmt: skip
    path = folder / "config.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    return path


def _mimi(sizes: Sizes) -> Iterator[tuple[str, tuple[int, ...]]]:
    width, filters, latent = sizes.sound_width, sizes.filters, sizes.latent
    for side in ("encoder", "decoder"):
        for layer in range(2):
            name = f"mimi.{side}_transformer.transformer.layers.{layer}"
            yield from _layer(name, width, 4 * width)
            for number in (1, 2):
                yield f"{name}.layer_scale_{number}.scale", (width,)
    yield "mimi.quantizer.output_proj.weight", (width, latent, 1)
    yield "mimi.downsample.conv.conv.weight", (latent, width, 32)
    yield "mimi.upsample.convtr.convtr.weight", (width, 1, 32)
    model = "mimi.encoder.model."
    yield from _convolution(model + "0.conv", 1, filters, 7)
    for number, ratio in enumerate((4, 5, 6)):
        channels = filters * 2**number
        yield from _residual(f"{model}{3 * number + 1}.block", channels)
        yield from _convolution(f"{model}{3 * number + 3}.conv", channels, 2 * channels, 2 * ratio)
    yield from _convolution(model + "11.conv", 8 * filters, width, 3)
    model = "mimi.decoder.model."
    yield from _convolution(model + "0.conv", width, 8 * filters, 7)
    for number, ratio in enumerate((6, 5, 4)):
        channels = filters * 2 ** (3 - number)
        yield f"{model}{3 * number + 2}.convtr.weight", (channels, channels // 2, 2 * ratio)
        yield f"{model}{3 * number + 2}.convtr.bias", (channels // 2,)
        yield from _residual(f"{model}{3 * number + 3}.block", channels // 2)
    yield from _convolution(model + "11.conv", filters, 1, 3)


def _layer(name: str, width: int, inner: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.self_attn.in_proj.weight", (3 * width, width)
    yield f"{name}.self_attn.out_proj.weight", (width, width)
    yield from _norm(f"{name}.norm1", width)
    yield from _norm(f"{name}.norm2", width)
    yield f"{name}.linear1.weight", (inner, width)
    yield f"{name}.linear2.weight", (width, inner)


def _residual(name: str, channels: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from _convolution(f"{name}.1.conv", channels, channels // 2, 3)
    yield from _convolution(f"{name}.3.conv", channels // 2, channels, 1)


def _convolution(
    name: str, ins: int, outs: int, kernel: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (outs, ins, kernel)
    yield f"{name}.bias", (outs,)


def _linear(name: str, ins: int, outs: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (outs, ins)
    yield f"{name}.bias", (outs,)


def _norm(name: str, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)

"""The text table, the language model's step and the flow step of Pocket TTS.

The language model is a transformer over embeddings: those of a voice, of a text, and of the frames
of sound spoken so far. Its last row says whether the speech ends, and the flow turns it and noise
into the next frame's latent. The flow has one step, from time 0 to 1, so what it makes of time
is a constant.

Sources: pocket-tts 4.0.1 (MIT) for what each weight means; onnxruntime's GroupQueryAttention, which
keeps keys and values in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stslocal.models.building.onnx_messages import Shape
from stslocal.models.building.pocket.writer import MICROSOFT, Floats, GraphWriter

HEAD = 64
"""Width of an attention head, in all models published."""
LONGEST = 4096
"""Positions that the language model can have: voice, text and frames together."""
PERIOD = 10_000.0
"""The longest wave of the rotary positions."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of a language model."""

    width: int
    layers: int
    latent: int

    @property
    def heads(self) -> int:
        return self.width // HEAD


def sizes(weights: Mapping[str, Floats]) -> Sizes:
    """Find the sizes in the weights (of the checkpoint, without `flow_lm.`)."""
    width, latent = weights["input_linear.weight"].shape
    layers = sum(name.endswith(".self_attn.in_proj.weight") for name in weights)
    return Sizes(width, layers, latent)


def text_table(weights: Mapping[str, Floats]) -> bytes:
    """Tokens (n,) to embeddings (1, n, width).

    Behind the vocabulary and the vendor's padding stand two rows: what begins the speech, and what
    stands before a voice (of zeros, where the model has none).
    """
    width = sizes(weights).width
    begin = weights["bos_emb"] @ weights["input_linear.weight"].T
    before = weights.get("bos_before_voice", np.zeros(width, np.float32)).reshape(1, width)
    table = np.concatenate([weights["conditioner.embed.weight"], begin[None], before])
    graph = GraphWriter()
    tokens = graph.input("tokens", ["n"], np.int64)
    rows = graph.op("Gather", graph.constant(table), tokens, axis=0)
    graph.output("embeddings", graph.reshape(rows, 1, -1, width), [1, "n", width])
    return graph.serialize()


def language_model(weights: Mapping[str, Floats], *, int8: bool) -> bytes:
    """Embeddings (1, n, width) to the last one's `hidden` (1, width) and `ending` (1, 1).

    The keys and values of each layer, (1, heads, capacity, 64), are read and written in place where
    the caller binds the same memory to `keys.N` and `next_keys.N`.
    """
    size = sizes(weights)
    graph = GraphWriter(int8=int8)
    x = graph.input("embeddings", [1, "n", size.width])
    last = graph.input("last_position", [1], np.int32)
    total = graph.input("total_positions", [], np.int32)
    angles = np.arange(LONGEST)[:, None] * frequencies()
    waves = [graph.constant(np.cos(angles)), graph.constant(np.sin(angles))]
    cache: Shape = [1, size.heads, "capacity", HEAD]
    for layer in range(size.layers):
        kept = {
            name.removeprefix(f"transformer.layers.{layer}."): values
            for name, values in weights.items()
        }
        normed = graph.layer_norm(x, kept["norm1.weight"], kept["norm1.bias"])
        packed = graph.linear(normed, kept["self_attn.in_proj.weight"].T)
        past = [graph.input(f"{each}.{layer}", cache) for each in ("keys", "values")]
        present = [f"next_{name}" for name in past]
        attended = f"attended.{layer}"
        graph.named(
            "GroupQueryAttention",
            [attended, *present],
            *[packed, "", "", *past, last, total, *waves],
            domain=MICROSOFT,
            num_heads=size.heads,
            kv_num_heads=size.heads,
            do_rotary=1,
            rotary_interleaved=1,
        )
        for name in present:
            graph.declare_output(name, cache)
        x = graph.add(x, graph.linear(attended, kept["self_attn.out_proj.weight"].T))
        normed = graph.layer_norm(x, kept["norm2.weight"], kept["norm2.bias"])
        inner = graph.gelu(graph.linear(normed, kept["linear1.weight"].T))
        x = graph.add(x, graph.linear(inner, kept["linear2.weight"].T))
    x = graph.reshape(graph.slice(x, -1, axis=1), 1, size.width)
    hidden = graph.layer_norm(x, weights["out_norm.weight"], weights["out_norm.bias"])
    ending = graph.linear(hidden, weights["out_eos.weight"].T, weights["out_eos.bias"], exact=True)
    graph.output("hidden", hidden, [1, size.width])
    graph.output("ending", ending, [1, 1])
    return graph.serialize()


def flow(weights: Mapping[str, Floats], *, int8: bool) -> bytes:
    """`hidden` (1, width) and `noise` (1, latent) to the next frame.

    `latent` (1, latent) is for the decoder, `embedding` (1, 1, width) for the language model.
    """
    size = sizes(weights)
    net = {
        name.removeprefix("flow_net."): values
        for name, values in weights.items()
        if name.startswith("flow_net.")
    }
    graph = GraphWriter(int8=int8)
    hidden = graph.input("hidden", [1, size.width])
    noise = graph.input("noise", [1, size.latent])
    time = (_time(net, 0, 0.0) + _time(net, 1, 1.0)) / 2
    bias = np.asarray(net["cond_embed.bias"] + time, np.float32)
    condition = graph.silu(graph.linear(hidden, net["cond_embed.weight"].T, bias))
    x = graph.linear(noise, net["input_proj.weight"].T, net["input_proj.bias"], exact=True)
    dim = net["input_proj.bias"].shape[0]
    blocks = sum(name.endswith(".in_ln.weight") for name in net)
    parts = [f"res_blocks.{number}" for number in range(blocks)] + ["final_layer"]
    widths = [3 * dim] * blocks + [2 * dim]
    modulation = graph.linear(
        condition,
        np.concatenate([net[f"{part}.adaLN_modulation.1.weight"].T for part in parts], axis=1),
        np.concatenate([net[f"{part}.adaLN_modulation.1.bias"] for part in parts]),
    )
    split = [dim] * (sum(widths) // dim)
    pieces = graph.ops("Split", len(split), modulation, graph.constant(split), axis=1)
    one = graph.constant(np.ones(1))
    for number, part in enumerate(parts[:-1]):
        shift, scale, gate = pieces[3 * number : 3 * number + 3]
        normed = graph.layer_norm(x, net[f"{part}.in_ln.weight"], net[f"{part}.in_ln.bias"], 1e-6)
        moved = graph.add(graph.times(normed, graph.add(scale, one)), shift)
        inner = graph.linear(moved, net[f"{part}.mlp.0.weight"].T, net[f"{part}.mlp.0.bias"])
        update = graph.linear(
            graph.silu(inner), net[f"{part}.mlp.2.weight"].T, net[f"{part}.mlp.2.bias"]
        )
        x = graph.add(x, graph.times(gate, update))
    shift, scale = pieces[-2:]
    normed = graph.layer_norm(x, np.ones(dim, np.float32), np.zeros(dim, np.float32), 1e-6)
    moved = graph.add(graph.times(normed, graph.add(scale, one)), shift)
    direction = graph.linear(
        moved, net["final_layer.linear.weight"].T, net["final_layer.linear.bias"], exact=True
    )
    latent = graph.add(noise, direction)
    embedding = graph.linear(latent, weights["input_linear.weight"].T, exact=True)
    graph.output("latent", latent, [1, size.latent])
    graph.output("embedding", graph.reshape(embedding, 1, 1, size.width), [1, 1, size.width])
    return graph.serialize()


def frequencies() -> Floats:
    """Of the rotary positions, shape (HEAD / 2,)."""
    return np.asarray(PERIOD ** (-2.0 * np.arange(HEAD // 2) / HEAD), np.float32)


def _time(net: Mapping[str, Floats], number: int, time: float) -> Floats:
    """The embedding of a time of the flow, shape (dim,)."""
    mlp = {
        name.removeprefix(f"time_embed.{number}."): values.astype(np.float64)
        for name, values in net.items()
        if name.startswith(f"time_embed.{number}.")
    }
    angles = time * mlp["freqs"]
    x = np.concatenate([np.cos(angles), np.sin(angles)])
    x = x @ mlp["mlp.0.weight"].T + mlp["mlp.0.bias"]
    x = x / (1 + np.exp(-x))
    x = x @ mlp["mlp.2.weight"].T + mlp["mlp.2.bias"]
    return np.asarray(x * mlp["mlp.3.alpha"] / np.sqrt(1e-5 + x.var(ddof=1)), np.float32)

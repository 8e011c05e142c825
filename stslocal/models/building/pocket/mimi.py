"""Mimi, the codec of Pocket TTS: its decoder and its encoder, both as streaming graphs.

Everything is causal, so a call needs of the past only the last rows that its convolutions reach
back to, and the last 249 keys and values of its transformers. These are the states. A recording in
pieces of any whole number of frames gives the same as in one.

Sources: pocket-tts 4.0.1 (MIT) for what each weight means; Kyutai's Moshi paper (2024) for Mimi.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stslocal.models.building.pocket.language_model import HEAD, frequencies
from stslocal.models.building.pocket.writer import Floats, GraphWriter

CONTEXT = 250
"""Positions that a transformer sees, its own included."""


def decoder(weights: Mapping[str, Floats], speech: Mapping[str, Floats], *, int8: bool) -> bytes:
    """Latents (n, latent) to `samples` (n * 1920,) at 24 kHz.

    `weights` are Mimi's, `speech` those of the language model, which says how latents are scaled.
    """
    layers = _Layers(GraphWriter(int8=int8), weights)
    graph = layers.graph
    latents = graph.input("latents", ["n", speech["emb_mean"].shape[0]])
    project = weights["quantizer.output_proj.weight"][:, :, 0].T
    x = graph.linear(
        latents,
        project * speech["emb_std"][:, None],
        np.asarray(speech["emb_mean"] @ project, np.float32),
        exact=True,
    )
    x = layers.spread(x, "upsample.convtr.convtr.weight")
    x = layers.transformer(x, "decoder_transformer")
    x = layers.convolution(x, "decoder.model.0.conv")
    number = 2
    while f"decoder.model.{number}.convtr.weight" in weights:
        x = layers.upsampled(graph.op("Elu", x), f"decoder.model.{number}.convtr")
        x = layers.residual(x, f"decoder.model.{number + 1}.block")
        number += 3
    x = layers.convolution(graph.op("Elu", x), f"decoder.model.{number}.conv")
    graph.output("samples", graph.reshape(x, -1), ["samples"])
    return graph.serialize()


def encoder(weights: Mapping[str, Floats], speech: Mapping[str, Floats], *, int8: bool) -> bytes:
    """Samples (n * 1920,) at 24 kHz to `embeddings` (1, n, width) for the language model.

    `first` (1,) is 1 for the first piece of a recording and 0 for the others.
    """
    layers = _Layers(GraphWriter(int8=int8), weights)
    graph = layers.graph
    samples = graph.input("samples", ["samples"])
    first = graph.input("first", [1])
    x = layers.convolution(graph.reshape(samples, -1, 1), "encoder.model.0.conv")
    number = 1
    while f"encoder.model.{number}.block.1.conv.weight" in weights:
        x = layers.residual(x, f"encoder.model.{number}.block")
        x = layers.downsampled(graph.op("Elu", x), f"encoder.model.{number + 2}.conv")
        number += 3
    x = layers.convolution(graph.op("Elu", x), f"encoder.model.{number + 1}.conv")
    x = layers.transformer(x, "encoder_transformer")
    x = layers.downsampled(x, "downsample.conv.conv", first=first)
    matrix = speech["speaker_proj_weight"].T
    width = matrix.shape[1]
    x = graph.linear(x, matrix, exact=True)
    graph.output("embeddings", graph.reshape(x, 1, -1, width), [1, "n", width])
    return graph.serialize()


class _Layers:
    """The layers of Mimi, which add themselves and their states to a graph."""

    def __init__(self, graph: GraphWriter, weights: Mapping[str, Floats]) -> None:
        self.graph = graph
        self._weights = weights

    def _past(self, x: str, name: str, rows: int, channels: int) -> str:
        """The last `rows` rows before `x`; those of `x` are kept for the next call."""
        shape = [rows, channels]
        past = self.graph.state(name, shape)
        both = self.graph.concat(past, x)
        self.graph.next_state(name, self.graph.slice(both, -rows), shape)
        return both

    def convolution(self, x: str, name: str) -> str:
        """A convolution of stride 1: (n, in) to (n, out)."""
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        outs, ins, kernel = weight.shape
        matrix = weight.transpose(2, 1, 0).reshape(kernel * ins, outs)
        if kernel > 1:
            rows = self._past(x, name, kernel - 1, ins)
            windows = [self.graph.slice(rows, at, at - kernel + 1) for at in range(kernel - 1)]
            x = self.graph.concat(*windows, self.graph.slice(rows, kernel - 1), axis=1)
        return self.graph.linear(x, matrix, bias, exact=True)

    def downsampled(self, x: str, name: str, first: str = "") -> str:
        """A convolution of stride s and twice that length: (n * s, in) to (n, out).

        `first` repeats the first row before the beginning, instead of silence.
        """
        weight, bias = self._weights[f"{name}.weight"], self._weights.get(f"{name}.bias")
        outs, ins, kernel = weight.shape
        stride = kernel // 2
        blocks = self.graph.reshape(x, -1, stride * ins)
        shape = [1, stride * ins]
        past = self.graph.state(name, shape)
        self.graph.next_state(name, self.graph.slice(blocks, -1), shape)
        if first:
            row = self.graph.slice(x, 0, 1)
            repeated = self.graph.concat(*[row] * stride, axis=1)
            past = self.graph.add(past, self.graph.times(repeated, first))
        rows = self.graph.concat(past, blocks)
        both = self.graph.concat(self.graph.slice(rows, 0, -1), blocks, axis=1)
        matrix = weight.transpose(2, 1, 0).reshape(kernel * ins, outs)
        return self.graph.linear(both, matrix, bias, exact=True)

    def upsampled(self, x: str, name: str) -> str:
        """A transposed convolution of stride s and twice that length: (n, in) to (n * s, out)."""
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        ins, outs, kernel = weight.shape
        stride = kernel // 2
        rows = self._past(x, name, 1, ins)
        both = self.graph.concat(self.graph.slice(rows, 0, -1), x, axis=1)
        by_step = weight.transpose(0, 2, 1)
        matrix = np.concatenate(
            [
                by_step[:, stride:].reshape(ins, stride * outs),
                by_step[:, :stride].reshape(ins, stride * outs),
            ]
        )
        made = self.graph.linear(both, matrix, np.tile(bias, stride), exact=True)
        return self.graph.reshape(made, -1, outs)

    def spread(self, x: str, name: str) -> str:
        """The same for each channel by itself, without a bias: (n, c) to (n * s, c)."""
        weight = self._weights[name]
        channels, _, kernel = weight.shape
        stride = kernel // 2
        rows = self._past(x, name, 1, channels)
        before = self.graph.reshape(self.graph.slice(rows, 0, -1), -1, 1, channels)
        now = self.graph.reshape(x, -1, 1, channels)
        taps = weight[:, 0].T
        made = self.graph.add(
            self.graph.times(before, self.graph.constant(taps[stride:])),
            self.graph.times(now, self.graph.constant(taps[:stride])),
        )
        return self.graph.reshape(made, -1, channels)

    def residual(self, x: str, name: str) -> str:
        """Two convolutions whose result is added to `x`."""
        inner = self.convolution(self.graph.op("Elu", x), f"{name}.1.conv")
        return self.graph.add(x, self.convolution(self.graph.op("Elu", inner), f"{name}.3.conv"))

    def transformer(self, x: str, name: str) -> str:
        """A transformer over rows (n, width), each of which sees the CONTEXT last ones."""
        graph = self.graph
        position = graph.input("position", [1], np.int64)
        count = graph.op("Shape", x, start=0, end=1)
        zero, one = graph.constant(0), graph.constant(1)
        steps = graph.op("Range", zero, graph.op("Squeeze", count), one)
        at = graph.op("Cast", graph.add(steps, position), to=1)
        angles = graph.times(graph.reshape(at, -1, 1, 1), graph.constant(frequencies()))
        waves = graph.op("Cos", angles), graph.op("Sin", angles)
        mask = self._mask(steps, position, count)
        number = 0
        while (layer := f"{name}.transformer.layers.{number}") + ".norm1.weight" in self._weights:
            kept = {
                each.removeprefix(f"{layer}."): values
                for each, values in self._weights.items()
                if each.startswith(f"{layer}.")
            }
            normed = graph.layer_norm(x, kept["norm1.weight"], kept["norm1.bias"])
            attended = self._attention(normed, kept, f"{layer}.", waves, mask)
            x = graph.add(x, attended)
            normed = graph.layer_norm(x, kept["norm2.weight"], kept["norm2.bias"])
            inner = graph.gelu(graph.linear(normed, kept["linear1.weight"].T))
            scaled = kept["linear2.weight"].T * kept["layer_scale_2.scale"]
            x = graph.add(x, graph.linear(inner, scaled))
            number += 1
        return x

    def _mask(self, steps: str, position: str, count: str) -> str:
        """What is added to the scores, (n, CONTEXT - 1 + n): 0 where a row sees another."""
        graph = self.graph
        zero, one = graph.constant(0), graph.constant(1)
        past = graph.constant([CONTEXT - 1])
        keys = graph.op("Range", zero, graph.op("Squeeze", graph.add(count, past)), one)
        keys = graph.reshape(keys, 1, -1)
        rows = graph.reshape(steps, -1, 1)
        seen = graph.op("GreaterOrEqual", keys, rows)
        seen = graph.op("And", seen, graph.op("LessOrEqual", keys, graph.add(rows, past)))
        begun = graph.op("GreaterOrEqual", graph.add(keys, position), past)
        seen = graph.op("And", seen, begun)
        return graph.op("Where", seen, graph.constant(np.zeros(1)), graph.constant([-1e9], "f4"))

    def _attention(
        self, x: str, kept: Mapping[str, Floats], layer: str, waves: tuple[str, str], mask: str
    ) -> str:
        graph = self.graph
        packed = kept["self_attn.in_proj.weight"]
        width = packed.shape[1]
        heads = width // HEAD
        queries, keys, values = (part.reshape(heads, HEAD, width) for part in np.split(packed, 3))
        # Even channels first, so that the rotation takes halves. Scores stay the same.
        order = [*range(0, HEAD, 2), *range(1, HEAD, 2)]
        queries = queries[:, order] / np.float32(HEAD**0.5)
        matrix = np.concatenate([queries, keys[:, order], values]).reshape(3 * width, width).T
        split = graph.reshape(graph.linear(x, matrix), -1, 3 * heads, HEAD)
        three = graph.ops("Split", 3, split, graph.constant([heads] * 3), axis=1)
        q, k = (self._rotated(each, waves) for each in three[:2])
        shape = [heads, CONTEXT - 1, HEAD]
        seen = []
        for each, now in (("keys", k), ("values", three[2])):
            past = graph.state(f"{layer}{each}", shape)
            both = graph.concat(past, graph.op("Transpose", now, perm=[1, 0, 2]), axis=1)
            graph.next_state(f"{layer}{each}", graph.slice(both, 1 - CONTEXT, axis=1), shape)
            seen.append(both)
        across = graph.op("Transpose", seen[0], perm=[0, 2, 1])
        scores = graph.op("MatMul", graph.op("Transpose", q, perm=[1, 0, 2]), across)
        shares = graph.op("Softmax", graph.add(scores, mask), axis=-1)
        mixed = graph.op("Transpose", graph.op("MatMul", shares, seen[1]), perm=[1, 0, 2])
        scaled = kept["self_attn.out_proj.weight"].T * kept["layer_scale_1.scale"]
        return graph.linear(graph.reshape(mixed, -1, width), scaled)

    def _rotated(self, x: str, waves: tuple[str, str]) -> str:
        """Rotary positions of (n, heads, HEAD)."""
        graph = self.graph
        cos, sin = waves
        a, b = graph.ops("Split", 2, x, graph.constant([HEAD // 2] * 2), axis=2)
        real = graph.op("Sub", graph.times(a, cos), graph.times(b, sin))
        return graph.concat(real, graph.add(graph.times(a, sin), graph.times(b, cos)), axis=2)

"""The three graphs of OpenVoice's converter.

`embedding` makes a speaker's embedding of a spectrogram; `latent` takes the voice out of a
spectrogram and puts another one in; `sound` makes samples of that. They are apart because of what
they need around a frame (`CONTEXT`): speech is converted in windows, and the vocoder, which is
most of the work, needs few frames more than its window.

Sources: Qin et al. 2023, "OpenVoice: Versatile Instant Voice Cloning" (arXiv 2312.01479); Kim et
al. 2021, "Conditional Variational Autoencoder with Adversarial Learning for End-to-End
Text-to-Speech" (posterior encoder, flow); Kong et al. 2020, "HiFi-GAN".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stslocal.models.building import onnx_messages
from stslocal.models.building.onnx_graph import GraphEditor
from stslocal.models.building.openvoice.weights import Floats

BINS = 513
"""Frequencies of the spectrogram."""
_OPSET = 17
_ENCODER_LAYERS, _FLOW_LAYERS, _FLOWS = 16, 4, 4
_REFERENCE_LAYERS = 6
_RATES, _BLOCKS, _DILATIONS = (8, 8, 2, 2), 3, (1, 3, 5)
"""Of the vocoder: samples made of one by its stages, residual blocks of a stage, and the dilations
in a block."""
_TAU = 0.3
"""The temperature of the noise, as the vendor has it."""
_SLOPE, _LAST_SLOPE = 0.1, 0.01
"""Of the rectifiers in the vocoder, and of its last one."""


class _Network(GraphEditor):
    """A new graph whose layers take their weights by name."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        super().__init__(onnx_messages.new_model([("", _OPSET)]))
        self.weights = weights
        self._named: dict[str, str] = {}

    def weight(self, name: str) -> str:
        """Name the constant of a weight. The flow runs both ways with the same ones."""
        if name not in self._named:
            values = self.weights[name]
            self._named[name] = self.constant(values[:, :, None] if values.ndim == 3 else values)
        return self._named[name]

    def convolution(
        self, x: str, layer: str, *, dilation: int = 1, bias: Floats | None = None
    ) -> str:
        """A convolution along the frames that keeps their number. `bias` is added to its own.

        `x` is a picture of one row, (1, channels, 1, frames): onnxruntime has a layout for pictures
        in which convolutions take two thirds of the time (measured with AVX-512).
        """
        reach = dilation * (self.weights[f"{layer}.weight"].shape[2] - 1) // 2
        inputs = [x, self.weight(f"{layer}.weight")]
        own = f"{layer}.bias"
        if bias is not None:
            inputs.append(self.constant(self.weights[own] + bias))
        elif own in self.weights:
            inputs.append(self.weight(own))
        return self.add("Conv", inputs, dilations=[1, dilation], pads=[0, reach, 0, reach])

    def row(self, x: str) -> str:
        """From (1, channels, frames) to a picture of one row."""
        return self.add("Unsqueeze", [x, self.constant(np.array([2]))])

    def without_row(self, x: str, output: str) -> None:
        """Back again, as the output of the graph."""
        self.add("Squeeze", [x, self.constant(np.array([2]))], output=output)

    def halves(self, x: str, first: int, second: int) -> list[str]:
        """Divide the channels."""
        return self.add_several("Split", [x, self.constant(np.array([first, second]))], 2, axis=1)

    def reversed_channels(self, x: str) -> str:
        ends = [self.constant(np.array([each])) for each in (-1, np.iinfo(np.int64).min, 1, -1)]
        return self.add("Slice", [x, *ends])


def embedding(weights: Mapping[str, Floats]) -> bytes:
    """`spectrogram`, shape (1, frames, 513), to `embedding`, shape (1, size)."""
    net = _Network(weights)
    x = net.add("Unsqueeze", ["spectrogram", net.constant(np.array([1]))])
    norm = [net.weight(f"ref_enc.layernorm.{part}") for part in ("weight", "bias")]
    x = net.add("LayerNormalization", [x, *norm], axis=-1)
    for layer in range(_REFERENCE_LAYERS):
        parts = [net.weight(f"ref_enc.convs.{layer}.{part}") for part in ("weight", "bias")]
        x = net.add("Relu", [net.add("Conv", [x, *parts], strides=[2, 2], pads=[1, 1, 1, 1])])
    # To (frames, 1, channels * bins): the recurrent layer takes the frames first.
    x = net.add("Transpose", [x], perm=[2, 0, 1, 3])
    x = net.add("Reshape", [x, net.constant(np.array([0, 1, -1]))])
    recurrent, size = _recurrent(net)
    _, last = net.add_several("GRU", [x, *recurrent], 2, hidden_size=size, linear_before_reset=1)
    last = net.add("Squeeze", [last, net.constant(np.array([0]))])
    projection = [net.weight(f"ref_enc.proj.{part}") for part in ("weight", "bias")]
    net.add("Gemm", [last, *projection], output="embedding", transB=1)
    width = len(weights["ref_enc.proj.bias"])
    return net.extract({"spectrogram": [1, "frames", BINS]}, {"embedding": [1, width]})


def _recurrent(net: _Network) -> tuple[list[str], int]:
    """The inputs of ONNX's GRU, whose gates are in another order than PyTorch's, and its size."""

    def gates(name: str) -> Floats:
        reset, update, new = np.split(net.weights[f"ref_enc.gru.{name}_l0"], 3)
        return np.concatenate([update, reset, new])

    biases = np.concatenate([gates("bias_ih"), gates("bias_hh")])
    inputs = [gates("weight_ih"), gates("weight_hh"), biases]
    return [net.constant(each[np.newaxis]) for each in inputs], len(biases) // 6


def latent(weights: Mapping[str, Floats]) -> bytes:
    """`spectrogram` (1, 513, frames), `noise` (1, channels, frames), `source` and `target`
    (1, size, 1) to `latent` (1, channels, frames).

    `noise` has a standard deviation of 1.
    """
    net = _Network(weights)
    hidden = len(weights["enc_q.pre.bias"])
    channels = len(weights["enc_q.proj.bias"]) // 2
    size = weights["flow.flows.0.enc.cond_layer.weight"].shape[1]
    x = net.convolution(net.row("spectrogram"), "enc_q.pre")
    # The encoder gets an embedding of zeros, so only the bias of that layer remains.
    unspoken = np.split(weights["enc_q.enc.cond_layer.bias"], _ENCODER_LAYERS)
    x = _wavenet(net, x, "enc_q.enc", hidden, biases=unspoken)
    mean, scale = net.halves(net.convolution(x, "enc_q.proj"), channels, channels)
    noise = net.add("Mul", [net.row("noise"), net.constant(_TAU)])
    x = net.add("Add", [mean, net.add("Mul", [noise, net.add("Exp", [scale])])])
    given, wanted = net.row("source"), net.row("target")
    for flow in range(_FLOWS):
        x = net.reversed_channels(_coupled(net, x, flow, given, "Add"))
    for flow in reversed(range(_FLOWS)):
        x = _coupled(net, net.reversed_channels(x), flow, wanted, "Sub")
    net.without_row(x, "latent")
    return net.extract(
        {
            "spectrogram": [1, BINS, "frames"],
            "noise": [1, channels, "frames"],
            "source": [1, size, 1],
            "target": [1, size, 1],
        },
        {"latent": [1, channels, "frames"]},
    )


def _coupled(net: _Network, x: str, flow: int, speaker: str, operator: str) -> str:
    """One coupling layer: a half of the channels changes by what the other half says."""
    name = f"flow.flows.{2 * flow}"
    half = net.weights[f"{name}.pre.weight"].shape[1]
    hidden = len(net.weights[f"{name}.pre.bias"])
    kept, changed = net.halves(x, half, half)
    inside = net.convolution(kept, f"{name}.pre")
    condition = net.convolution(speaker, f"{name}.enc.cond_layer")
    sizes = net.constant(np.full(_FLOW_LAYERS, 2 * hidden))
    added = net.add_several("Split", [condition, sizes], _FLOW_LAYERS, axis=1)
    inside = _wavenet(net, inside, f"{name}.enc", hidden, conditions=added)
    mean = net.convolution(inside, f"{name}.post")
    return net.add("Concat", [kept, net.add(operator, [changed, mean])], axis=1)


def _wavenet(
    net: _Network,
    x: str,
    name: str,
    hidden: int,
    *,
    biases: Sequence[Floats] = (),
    conditions: Sequence[str] = (),
) -> str:
    """Gated convolutions with a sum of what each layer gives, by `biases` or `conditions`."""
    total = ""
    layers = len(biases) or len(conditions)
    for layer in range(layers):
        bias = biases[layer] if biases else None
        gated = net.convolution(x, f"{name}.in_layers.{layer}", bias=bias)
        if conditions:
            gated = net.add("Add", [gated, conditions[layer]])
        value, gate = net.halves(gated, hidden, hidden)
        acts = net.add("Mul", [net.add("Tanh", [value]), net.add("Sigmoid", [gate])])
        given = net.convolution(acts, f"{name}.res_skip_layers.{layer}")
        if layer < layers - 1:
            rest, given = net.halves(given, hidden, hidden)
            x = net.add("Add", [x, rest])
        total = net.add("Add", [total, given]) if total else given
    return total


def sound(weights: Mapping[str, Floats]) -> bytes:
    """`latent`, shape (1, channels, frames), to `samples`, shape (1, 1, 256 * frames)."""
    net = _Network(weights)
    # The vocoder gets an embedding of zeros too.
    x = net.convolution(net.row("latent"), "dec.conv_pre", bias=weights["dec.cond.bias"])
    for stage, rate in enumerate(_RATES):
        x = net.add("LeakyRelu", [x], alpha=_SLOPE)
        x = _raised(net, x, f"dec.ups.{stage}", rate)
        made = [
            _residual(net, x, f"dec.resblocks.{stage * _BLOCKS + block}")
            for block in range(_BLOCKS)
        ]
        x = net.add("Mul", [net.add("Sum", made), net.constant(1.0 / _BLOCKS)])
    x = net.add("LeakyRelu", [x], alpha=_LAST_SLOPE)
    x = net.add("Tanh", [net.convolution(x, "dec.conv_post")])
    net.without_row(x, "samples")
    channels = weights["dec.conv_pre.weight"].shape[1]
    return net.extract({"latent": [1, channels, "frames"]}, {"samples": [1, 1, "samples"]})


def _raised(net: _Network, x: str, layer: str, rate: int) -> str:
    cut = (net.weights[f"{layer}.weight"].shape[2] - rate) // 2
    inputs = [x, net.weight(f"{layer}.weight"), net.weight(f"{layer}.bias")]
    return net.add("ConvTranspose", inputs, strides=[1, rate], pads=[0, cut, 0, cut])


def _residual(net: _Network, x: str, name: str) -> str:
    for number, dilation in enumerate(_DILATIONS):
        inside = net.add("LeakyRelu", [x], alpha=_SLOPE)
        inside = net.convolution(inside, f"{name}.convs1.{number}", dilation=dilation)
        inside = net.add("LeakyRelu", [inside], alpha=_SLOPE)
        x = net.add("Add", [x, net.convolution(inside, f"{name}.convs2.{number}")])
    return x

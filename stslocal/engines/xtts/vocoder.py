"""XTTS's vocoder in windows: turns GPT latents into samples, each sample made once.

Coqui's streaming vocodes all latents again for every chunk, so its time is quadratic in the
length, and it cross-fades the chunks where they differ. A sample of a HiFi-GAN depends only on the
frames within its receptive field. So a window is vocoded with that many frames of context on
either side, and the samples of the context are dropped. The rest equals the samples of vocoding
everything at once, so no cross-fade is needed.

The steps, for latents at 21.5 Hz (1024 samples at 22 050 Hz): linear interpolation by 1 / speed
(which keeps the pitch), by 4, and by 24 000 / 22 050, then HiFi-GAN at 256 samples a frame.

Source: Kong and others 2020, "HiFi-GAN" (the network); Casanova and others 2024, "XTTS".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import torch
from torch.nn.utils import parametrize

Tensor: TypeAlias = Any
"""A `torch.Tensor`; its shape and type stand where it is used."""


class WindowedVocoder:
    """XTTS's `HifiDecoder`. Holds only weights; a `VocoderStream` holds the state of a speech."""

    def __init__(self, decoder: Any) -> None:
        """`decoder` is Coqui's `HifiDecoder`; its weight normalization is folded into weights."""
        self._generator = decoder.waveform_decoder
        _fold_weight_norm(self._generator)
        self._ratios = (
            decoder.ar_mel_length_compression / decoder.output_hop_length,
            decoder.output_sample_rate / decoder.input_sample_rate,
        )
        self.context = receptive_frames(self._generator)
        """Frames before and after its own on which a sample may depend."""
        self.hop = math.prod(up.stride[0] for up in self._generator.ups)
        """Samples in a frame."""
        self.width = int(self._generator.cond_layer.in_channels)
        """Numbers in a speaker embedding."""

    def stream(self, speaker: Tensor, *, speed: float = 1.0) -> VocoderStream:
        """Start a stream in a voice; `speaker` is an embedding, shape (1, d, 1)."""
        return VocoderStream(self, speaker, speed)

    def ratios(self, speed: float) -> tuple[float, ...]:
        """The factors by which the interpolations between latents and frames lengthen."""
        ratios = (1.0 / speed, *self._ratios)
        return tuple(ratio for ratio in ratios if ratio != 1.0)

    def vocode(self, frames: Tensor, speaker: Tensor) -> Tensor:
        """Samples (n * hop,) of frames (n, d)."""
        return self._generator(frames.T[None], g=speaker)[0, 0]


class VocoderStream:
    """One speech: takes latents as they come, and gives samples as soon as they are final."""

    def __init__(self, vocoder: WindowedVocoder, speaker: Tensor, speed: float) -> None:
        self._vocoder = vocoder
        self._speaker = speaker
        self._stages = [Interpolation(ratio) for ratio in vocoder.ratios(speed)]
        self._frames: Tensor | None = None
        self._first = 0
        """Position of the first frame in `_frames`."""
        self._vocoded = 0
        """Frames whose samples have been given out."""

    def push(self, latents: Sequence[Tensor], *, last: bool) -> Tensor:
        """Return the samples, shape (n,), that follow those of earlier calls; n may be 0.

        `latents` have shape (d,) each. Until the `last` of them, the last `context` frames are
        kept back, because later latents change their samples.
        """
        frames = torch.stack(tuple(latents)) if latents else self._speaker.new_empty(0, 0)
        for stage in self._stages:
            frames = stage.push(frames, last=last)
        if self._frames is None:
            self._frames = frames
        elif len(frames):
            self._frames = torch.cat([self._frames, frames])
        return self._vocode_final(last=last)

    def _vocode_final(self, *, last: bool) -> Tensor:
        assert self._frames is not None
        context, hop = self._vocoder.context, self._vocoder.hop
        known = self._first + len(self._frames)
        final = known if last else known - context
        if final <= self._vocoded:
            return self._speaker.new_empty(0)
        start = max(0, self._vocoded - context)
        window = self._frames[start - self._first : final + context - self._first]
        samples = self._vocoder.vocode(window, self._speaker)
        new = samples[(self._vocoded - start) * hop : (final - start) * hop]
        self._vocoded = final
        kept = max(0, final - context)
        self._frames, self._first = self._frames[kept - self._first :], kept
        return new


class Interpolation:
    """Linear interpolation of a sequence that arrives in parts, as if it came at once.

    It equals `torch.nn.functional.interpolate(..., scale_factor=ratio, mode="linear")`: the n-th
    value is at (n + 0.5) / ratio - 0.5 of the input, bounded by its ends.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio
        self._known: Tensor | None = None
        self._first = 0
        """Position of the first input in `_known`."""
        self._made = 0

    def push(self, values: Tensor, *, last: bool) -> Tensor:
        """Take inputs (n, d), return the outputs (m, d) now known; `last`: no inputs follow."""
        if self._known is None:
            self._known = values
        elif len(values):
            self._known = torch.cat([self._known, values])
        known = self._first + len(self._known)
        places = torch.arange(self._made, math.floor(known * self._ratio), dtype=torch.float64)
        places = torch.clamp((places + 0.5) / self._ratio - 0.5, min=0.0)
        if not last:
            places = places[places < known - 1]
        below = places.long()
        weights = (places - below).to(self._known)[:, None]
        below -= self._first
        above = torch.clamp(below + 1, max=len(self._known) - 1)
        made = torch.lerp(self._known[below], self._known[above], weights)
        self._made += len(made)
        # The next output needs no input before those of the last output.
        if len(below):
            self._known, self._first = self._known[below[-1] :], self._first + int(below[-1])
        return made


def receptive_frames(generator: Any) -> int:
    """The number of frames before and after its own on which a sample of a HiFi-GAN depends.

    Counted from the samples back to the frames: a convolution adds half its dilated kernel, a
    transposed one adds the inputs whose kernels overlap.
    """
    reach = _reach(generator.conv_post)
    blocks = len(generator.ups)
    kinds = generator.num_kernels
    for index in reversed(range(blocks)):
        resblocks = generator.resblocks[index * kinds : (index + 1) * kinds]
        reach += max(
            sum(_reach(layer) for layer in block.modules() if isinstance(layer, torch.nn.Conv1d))
            for block in resblocks
        )
        up = generator.ups[index]
        (kernel,), (stride,), (padding,) = up.kernel_size, up.stride, up.padding
        reach = math.ceil((reach + max(padding, kernel - 1 - padding)) / stride)
    return int(reach + _reach(generator.conv_pre))


def _reach(convolution: Any) -> int:
    return int((convolution.kernel_size[0] - 1) // 2 * convolution.dilation[0])


def _fold_weight_norm(module: Any) -> None:
    """Compute the normalized weights once, and not in every call."""
    for layer in module.modules():
        if parametrize.is_parametrized(layer, "weight"):
            parametrize.remove_parametrizations(layer, "weight")

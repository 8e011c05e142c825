"""XTTS's language model, run token by token: makes audio tokens and latents of text and a voice.

The weights are those of Coqui's `GPT` (a GPT-2 of 30 layers over voice, text and audio tokens).
The loop is written here and does not use `transformers.generate`: one buffer for each sentence
holds keys and values, those of a voice are computed once, only the last position goes through the
output layer, and sampling is a few operations. In float32, a seed draws the same tokens as Coqui's
`inference_stream` on the same device.

On a CPU the time for a token is the time to read all matrices. So they may be kept in float16
there, which halves the reading, and the computation stays in float32.

The vocoder's input is the latent of each token. It is computed with the token: attention is causal,
so Coqui's second pass over all tokens (in `inference`) would give the same latents.

Source: Casanova and others 2024, "XTTS: a Massively Multilingual Zero-Shot Text-to-Speech Model".
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any, TypeAlias

import torch
from torch.nn import functional

_log = logging.getLogger(__name__)

Tensor: TypeAlias = Any
"""A `torch.Tensor`; shape and type are documented where it is used."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Settings for drawing the next token. The defaults are Coqui's for streaming."""

    temperature: float = 0.75
    """0 takes the likeliest token."""
    top_k: int = 50
    top_p: float = 0.85
    repetition_penalty: float = 10.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """Keys and values of a voice's conditioning latents, shape (layers, 2, heads, n, d / heads)."""

    memory: Tensor

    @property
    def length(self) -> int:
        return int(self.memory.shape[3])


@dataclass(frozen=True, slots=True)
class Token:
    """One step of speech, 46 ms at normal speed."""

    code: int
    latent: Tensor
    """Shape (d,), float32."""


class XttsGpt:
    """The weights of XTTS's language model, safe to share between threads."""

    def __init__(self, gpt: Any, dtype: Any) -> None:
        """`gpt` is Coqui's `GPT`, on the device that shall compute.

        `dtype` is the type of the layers' matrices, and on a GPU also of the computation.
        """
        computing = dtype if gpt.mel_head.weight.is_cuda else torch.float32
        transformer = gpt.gpt.to(computing)
        self._blocks = [_Block(layer, dtype) for layer in transformer.h]
        self._norms = (transformer.ln_f, gpt.final_norm.to(computing))
        self._head = gpt.mel_head.to(computing)
        self._text, self._text_places = gpt.text_embedding, gpt.text_pos_embedding.emb
        self._audio, self._audio_places = gpt.mel_embedding, gpt.mel_pos_embedding.emb
        self._start_text, self._stop_text = gpt.start_text_token, gpt.stop_text_token
        self._start, self._stop = gpt.start_audio_token, gpt.stop_audio_token
        self._heads = transformer.config.n_head
        self._dtype = computing
        self._checks_range = dtype != torch.float32
        widest = transformer.h[0].mlp.c_fc.weight.numel()
        self._unpacked = widest if dtype != computing else 0
        """Numbers in the largest matrix if matrices have to be converted to float32, else 0."""
        self.width = int(self._head.in_features)
        """Numbers in a latent."""
        self.max_text_tokens = int(self._text_places.num_embeddings) - 2
        """The most tokens of text in one run."""
        self.max_audio_tokens = int(gpt.max_gen_mel_tokens)
        """The most tokens of audio in one run."""

    @property
    def device(self) -> Any:
        return self._head.weight.device

    def prompt(self, conditioning: Tensor) -> Prompt:
        """Compute the prompt of a voice from its conditioning latents, shape (n, d)."""
        memory = self._empty_memory(len(conditioning))
        self._forward(conditioning.to(self._dtype), memory, 0)
        return Prompt(memory)

    def speak(
        self, prompt: Prompt, text: Sequence[int], sampling: Sampling, *, max_tokens: int
    ) -> Iterator[Token]:
        """Yield audio tokens for tokens of text until the model stops; `max_tokens` at most.

        If the model stopped, the last token is the stop token; its latent is vocoded too. Raises
        OverflowError when the model's numbers are too large for float16.
        """
        max_tokens = min(max_tokens, self.max_audio_tokens)
        opening = self._opening(text)
        position = prompt.length + len(opening)
        memory = self._empty_memory(position + max_tokens)
        memory[:, :, :, : prompt.length] = prompt.memory
        hidden = self._forward(opening, memory, prompt.length)[-1:]
        sampler = _Sampler(sampling, self._head.out_features, self.device, seen=(1, self._start))
        for step in range(max_tokens):
            latent = self._normalized(hidden)
            if self._checks_range and not latent.isfinite().all():
                raise OverflowError(
                    "its numbers do not fit into 16 bits: speak with `--compute-type float32`"
                )
            code = sampler.draw(self._head(latent)[0].float())
            yield Token(code, latent[0].float())
            if code == self._stop:
                return
            if step + 1 == max_tokens:
                _log.debug(
                    "the speech is cut off after %d audio tokens: its text takes no more",
                    max_tokens,
                )
                return
            hidden = self._forward(self._embedded_audio(code, step + 1), memory, position + step)

    def _opening(self, text: Sequence[int]) -> Tensor:
        """Embed start, text, stop and the start of the audio: shape (n, d)."""
        codes = torch.tensor([self._start_text, *text, self._stop_text], device=self.device)
        places = torch.arange(len(codes), device=self.device)
        embedded = self._text(codes) + self._text_places(places)
        return torch.cat([embedded.to(self._dtype), self._embedded_audio(self._start, 0)])

    def _embedded_audio(self, code: int, place: int) -> Tensor:
        """Embed an audio token at its position: shape (1, d)."""
        embedded = self._audio.weight[code] + self._audio_places.weight[place]
        return embedded[None].to(self._dtype)

    def _normalized(self, hidden: Tensor) -> Tensor:
        for norm in self._norms:
            hidden = norm(hidden)
        return hidden

    def _empty_memory(self, length: int) -> Tensor:
        """A buffer for keys and values, shape (layers, 2, heads, length, d / heads)."""
        shape = (len(self._blocks), 2, self._heads, length, self.width // self._heads)
        return torch.empty(shape, dtype=self._dtype, device=self.device)

    def _forward(self, inputs: Tensor, memory: Tensor, position: int) -> Tensor:
        """Run inputs (n, d) at `position` through all layers; store their keys and values."""
        mask = None
        count, end = len(inputs), position + len(inputs)
        if count > 1:
            mask = torch.ones(count, end, dtype=torch.bool, device=self.device).tril(position)
        unpacked = torch.empty(self._unpacked if count > 1 else 0)
        for block, remembered in zip(self._blocks, memory, strict=True):
            inputs = block(inputs, remembered[:, :, :end], mask, unpacked)
        return inputs


class _Block:
    """A layer of GPT-2."""

    def __init__(self, layer: Any, dtype: Any) -> None:
        self._before, self._after = layer.ln_1, layer.ln_2
        self._attention = _affine(layer.attn.c_attn, dtype)
        self._joined = _affine(layer.attn.c_proj, dtype)
        self._wide, self._narrow = _affine(layer.mlp.c_fc, dtype), _affine(layer.mlp.c_proj, dtype)

    def __call__(
        self, inputs: Tensor, memory: Tensor, mask: Tensor | None, unpacked: Tensor
    ) -> Tensor:
        """Run the layer on inputs (n, d); write the last n of memory (2, heads, all, d / heads).

        `unpacked` is a buffer for the largest matrix, needed for float16 and n above 1.
        """
        count, size = inputs.shape
        _, heads, end, width = memory.shape
        mixed = self._attention(self._before(inputs), unpacked)
        query, *key_value = mixed.view(count, 3, heads, width).permute(1, 2, 0, 3)
        memory[:, :, end - count :] = torch.stack(key_value)
        keys, values = memory
        seen = functional.scaled_dot_product_attention(
            query[None], keys[None], values[None], attn_mask=mask
        )
        inputs = inputs + self._joined(seen[0].transpose(0, 1).reshape(count, size), unpacked)
        wide = functional.gelu(self._wide(self._after(inputs), unpacked), approximate="tanh")
        return inputs + self._narrow(wide, unpacked)


def _affine(layer: Any, dtype: Any) -> _Affine | _Float16Affine:
    """Convert a `Conv1D` of transformers, with its matrix in `dtype`."""
    if dtype == layer.weight.dtype:
        return _Affine(layer)
    return _Float16Affine(layer, dtype)


class _Affine:
    """A matrix (in, out) and a bias."""

    def __init__(self, layer: Any) -> None:
        self._weight, self._bias = layer.weight, layer.bias

    def __call__(self, inputs: Tensor, _unpacked: Tensor) -> Tensor:
        return torch.addmm(self._bias, inputs, self._weight)


class _Float16Affine:
    """A matrix (out, in) in float16 and a bias; the computation is in float32.

    PyTorch multiplies a float16 matrix with one vector as fast as it can be read, summing in
    float32. With several vectors it is slow, so the matrix is converted to float32 first.
    """

    def __init__(self, layer: Any, dtype: Any) -> None:
        """`layer` keeps only the converted matrix."""
        self._weight = layer.weight.data.T.to(dtype).contiguous()
        layer.weight.data = self._weight.T
        self._bias = layer.bias

    def __call__(self, inputs: Tensor, unpacked: Tensor) -> Tensor:
        if len(inputs) == 1:
            made = torch.mv(self._weight, inputs[0].to(self._weight.dtype))
            return (self._bias + made)[None]
        room = unpacked[: self._weight.numel()].view_as(self._weight)
        # oneDNN computes a convolution of width 1; MKL's product took 1.4 times as long on an EPYC.
        made = functional.conv1d(inputs.T[None], room.copy_(self._weight)[:, :, None], self._bias)
        return made[0].T


@lru_cache(maxsize=1)
def float16_is_fast() -> bool:
    """Whether this processor multiplies a float16 matrix with a vector faster than a float32 one.

    It does if PyTorch has code for the processor; otherwise float16 takes 20 times as long.
    """
    size = 4096
    vector = torch.ones(size)
    times = []
    for dtype in (torch.float16, torch.float32):
        matrix, taken = torch.ones(size, size, dtype=dtype), []
        for _ in range(4):
            began_s = perf_counter()
            torch.mv(matrix, vector.to(dtype))
            taken.append(perf_counter() - began_s)
        times.append(min(taken))
    return times[0] < times[1]


class _Sampler:
    """Draws the same tokens as transformers with the same settings and seed."""

    def __init__(self, sampling: Sampling, size: int, device: Any, seen: Sequence[int]) -> None:
        """`seen` are tokens that count as drawn before: Coqui uses 1 in place of the prompt."""
        self._sampling = sampling
        self._seen = torch.zeros(size, dtype=torch.bool, device=device)
        self._seen[list(seen)] = True
        self._random = torch.Generator(device).manual_seed(sampling.seed)

    def draw(self, scores: Tensor) -> int:
        """Draw the next token from scores, shape (vocabulary,)."""
        sampling = self._sampling
        penalty = sampling.repetition_penalty
        penalized = torch.where(scores < 0, scores * penalty, scores / penalty)
        scores = torch.where(self._seen, penalized, scores)
        if sampling.temperature == 0:
            code = scores.argmax()
        else:
            best, places = torch.topk(
                scores / sampling.temperature, min(sampling.top_k, len(scores))
            )
            shares = torch.softmax(best, 0)
            # The least likely tokens are left out, as long as their sum is within 1 - top_p.
            unlikely = shares.flip(0).cumsum(0).flip(0) <= 1 - sampling.top_p
            unlikely[0] = False
            shares = torch.softmax(best.masked_fill(unlikely, -torch.inf), 0)
            # Drawn over the whole vocabulary: the same seed then draws the same token as Coqui.
            spread = torch.zeros_like(scores).scatter_(0, places, shares)
            code = torch.multinomial(spread, 1, generator=self._random)[0]
        self._seen[code] = True
        return int(code)

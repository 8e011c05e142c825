"""XTTS's language model, run token by token: text and voice to audio tokens and their latents.

The weights are those of Coqui's `GPT` (a GPT-2 of 30 layers over voice, text and audio tokens).
The loop is written out here instead of going through `transformers.generate`: keys and values
lie in one buffer that is made once a sentence, those of the voice are computed once a voice,
only the last position goes through the output layer, and sampling is a few operations. Given a
seed it draws, in float32, the tokens that Coqui's `inference_stream` draws on the same device.

On a processor a token takes as long as reading all matrices does, so they may be kept in float16
there and still be computed with in float32: half as much to read.

A token's latent is what the vocoder speaks. It comes with the token: attention is causal, so
Coqui's second pass over all tokens (in `inference`) would compute the same again.

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
"""A `torch.Tensor`; its shape and type stand where it is used."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. The values are Coqui's for streaming."""

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
        """`gpt` is Coqui's `GPT`, on the device where it shall run.

        `dtype` is what the layers' matrices are kept in, and on a GPU what is computed in.
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
        self._halves = dtype != torch.float32
        widest = transformer.h[0].mlp.c_fc.weight.numel()
        self._unpacked = widest if dtype != computing else 0
        """Numbers in the largest matrix, where matrices have to be unpacked."""
        self.width = int(self._head.in_features)
        """Numbers in a latent."""
        self.most_text = int(self._text_places.num_embeddings) - 2
        """Tokens of text that it can be given at once."""
        self.most_audio = int(gpt.max_gen_mel_tokens)
        """Tokens of audio that it can make at once."""

    @property
    def device(self) -> Any:
        return self._head.weight.device

    def prompt(self, conditioning: Tensor) -> Prompt:
        """Read a voice's conditioning latents, shape (n, d), once for all that it will say."""
        memory = self._room(len(conditioning))
        self._forward(conditioning.to(self._dtype), memory, 0)
        return Prompt(memory)

    def speak(
        self, prompt: Prompt, text: Sequence[int], sampling: Sampling, *, most: int
    ) -> Iterator[Token]:
        """Speak tokens of text until the model stops, or for `most` tokens of audio.

        The last token is the stop token if the model stopped; its latent is spoken too. Raises
        OverflowError when the model's numbers are too large for halves.
        """
        most = min(most, self.most_audio)
        opening = self._opening(text)
        position = prompt.length + len(opening)
        memory = self._room(position + most)
        memory[:, :, :, : prompt.length] = prompt.memory
        hidden = self._forward(opening, memory, prompt.length)[-1:]
        sampler = _Sampler(sampling, self._head.out_features, self.device, seen=(1, self._start))
        for step in range(most):
            latent = self._latent(hidden)
            if self._halves and not latent.isfinite().all():
                raise OverflowError(
                    "its numbers do not fit into 16 bits: speak with `--compute-type float32`"
                )
            code = sampler.draw(self._head(latent)[0].float())
            yield Token(code, latent[0].float())
            if code == self._stop:
                return
            if step + 1 == most:
                _log.debug(
                    "the speech is cut off after %d audio tokens: its text takes no more", most
                )
                return
            hidden = self._forward(self._embedded_audio(code, step + 1), memory, position + step)

    def _opening(self, text: Sequence[int]) -> Tensor:
        """The text between its marks and the mark that starts the audio, embedded, (n, d)."""
        codes = torch.tensor([self._start_text, *text, self._stop_text], device=self.device)
        places = torch.arange(len(codes), device=self.device)
        embedded = self._text(codes) + self._text_places(places)
        return torch.cat([embedded.to(self._dtype), self._embedded_audio(self._start, 0)])

    def _embedded_audio(self, code: int, place: int) -> Tensor:
        """An audio token, embedded, shape (1, d)."""
        embedded = self._audio.weight[code] + self._audio_places.weight[place]
        return embedded[None].to(self._dtype)

    def _latent(self, hidden: Tensor) -> Tensor:
        for norm in self._norms:
            hidden = norm(hidden)
        return hidden

    def _room(self, length: int) -> Tensor:
        """Room for keys and values, shape (layers, 2, heads, length, d / heads)."""
        shape = (len(self._blocks), 2, self._heads, length, self.width // self._heads)
        return torch.empty(shape, dtype=self._dtype, device=self.device)

    def _forward(self, inputs: Tensor, memory: Tensor, position: int) -> Tensor:
        """Take inputs (n, d) at `position` through all layers; remember their keys and values."""
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
        """Inputs (n, d), and memory (2, heads, all, d / heads), whose last n are to be made.

        `unpacked` is room for the largest matrix, where halves come with an n of more than 1.
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


def _affine(layer: Any, dtype: Any) -> _Affine | _HalfAffine:
    """Take over a `Conv1D` of transformers, with its matrix in `dtype`."""
    if dtype == layer.weight.dtype:
        return _Affine(layer)
    return _HalfAffine(layer, dtype)


class _Affine:
    """A matrix (in, out) and a bias."""

    def __init__(self, layer: Any) -> None:
        self._weight, self._bias = layer.weight, layer.bias

    def __call__(self, inputs: Tensor, _unpacked: Tensor) -> Tensor:
        return torch.addmm(self._bias, inputs, self._weight)


class _HalfAffine:
    """A matrix (out, in) of halves, computed with in float32.

    PyTorch multiplies halves with one vector as fast as they can be read, summing in float32;
    with several it does not, and they are unpacked first.
    """

    def __init__(self, layer: Any, dtype: Any) -> None:
        """The layer keeps no matrix but this one."""
        self._weight = layer.weight.data.T.to(dtype).contiguous()
        layer.weight.data = self._weight.T
        self._bias = layer.bias

    def __call__(self, inputs: Tensor, unpacked: Tensor) -> Tensor:
        if len(inputs) == 1:
            made = torch.mv(self._weight, inputs[0].to(self._weight.dtype))
            return (self._bias + made)[None]
        room = unpacked[: self._weight.numel()].view_as(self._weight)
        # As a convolution of width 1 it is oneDNN's: MKL took 1.4 times as long on an EPYC.
        made = functional.conv1d(inputs.T[None], room.copy_(self._weight)[:, :, None], self._bias)
        return made[0].T


@lru_cache(maxsize=1)
def halves_are_fast() -> bool:
    """Whether this processor multiplies a matrix of halves with a vector sooner than of floats.

    It does where PyTorch has code for it; where it has none it takes twenty times as long.
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
    """Draws tokens as transformers does with the same settings and seed."""

    def __init__(self, sampling: Sampling, size: int, device: Any, seen: Sequence[int]) -> None:
        """`seen` are tokens that count as drawn before: Coqui fills the prompt's place with 1."""
        self._sampling = sampling
        self._seen = torch.zeros(size, dtype=torch.bool, device=device)
        self._seen[list(seen)] = True
        self._random = torch.Generator(device).manual_seed(sampling.seed)

    def draw(self, scores: Tensor) -> int:
        """The next token of scores (vocabulary,)."""
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
            # What is left out are the unlikely ones that together stay within 1 - top_p.
            unlikely = shares.flip(0).cumsum(0).flip(0) <= 1 - sampling.top_p
            unlikely[0] = False
            shares = torch.softmax(best.masked_fill(unlikely, -torch.inf), 0)
            # Drawn over the whole vocabulary, so that the same seed draws what Coqui draws.
            spread = torch.zeros_like(scores).scatter_(0, places, shares)
            code = torch.multinomial(spread, 1, generator=self._random)[0]
        self._seen[code] = True
        return int(code)

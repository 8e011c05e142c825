"""Compare our XTTS streaming with Coqui's `inference_stream`, on random weights of the real size.

    python scripts/bench/xtts.py [-o out/bench] [--device cpu] [--compute-type float32]
                                 [--tokens 30 60 120] [--rounds 3]

Both speak the same text in the same voice with the same seed, in turn, from the same weights. The
model never stops by itself, so speech has the length of `--tokens`. First each runs `--rounds`
times up to the first audio, then once for each length. Writes xtts.json and xtts.md.
"""

from __future__ import annotations

import argparse
import copy
import json
import resource
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from xtts_models import TEXT, real_size_model

from stslocal.engines.xtts.checkpoint import profile
from stslocal.engines.xtts.gpt import Sampling
from stslocal.engines.xtts.synthesizer import SAMPLE_RATE, XttsSynthesizer, dtype_for
from stslocal.engines.xtts.text import TOKEN_S
from stslocal.types import Samples, VoiceProfile

ALIKE = 1e-2
"""Largest difference of equal latents. Their deviation is 1; another order of computation changes
them by 2e-6 in float32."""


@dataclass(frozen=True, slots=True)
class Run:
    """One synthesis."""

    who: str
    tokens: int
    """Audio tokens spoken."""
    first_s: float
    """Time to first audio."""
    first_audio_s: float
    """Audio in the first chunk."""
    total_s: float
    vocoder_s: float
    """The vocoder's part of the total."""
    vocoded: float
    """Audio that went through the vocoder, as a multiple of the spoken audio."""

    @property
    def token_ms(self) -> float:
        return (self.total_s - self.vocoder_s) / self.tokens * 1e3

    @property
    def real_time_factor(self) -> float:
        return self.total_s / (self.tokens * TOKEN_S)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How similar our speech is to Coqui's."""

    tokens: int
    alike: int
    """Tokens before the first one that was drawn differently. A draw may depend on the last digit
    of a probability."""
    latents: float
    """The largest difference between our latents and Coqui's for these tokens."""
    difference: float
    """The largest difference between our samples and Coqui's vocoding of all our latents."""
    peak: float
    """The largest sample."""


class Stopwatch:
    """Measures the time and the samples of a vocoder, and keeps its last input."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self.reset()

    def reset(self) -> None:
        self.seconds, self.samples = 0.0, 0
        self.given: Any = None

    def __call__(self, given: Any, *args: Any, **kwargs: Any) -> Any:
        wait()
        began = perf_counter()
        made = self._function(given, *args, **kwargs)
        wait()
        self.seconds += perf_counter() - began
        self.samples += made.shape[-1]
        self.given = given
        return made


class Bench:
    """Our synthesizer and Coqui's, with the same weights."""

    def __init__(self, device: str, compute_type: str) -> None:
        self.device = device
        self.coqui = real_size_model().to(device)
        # Ours folds the vocoder's weights and may halve the language model's.
        dtype = dtype_for(device, compute_type)
        ours = copy.copy(self.coqui)
        ours._modules = dict(ours._modules)
        ours.hifigan_decoder = same_vocoder(self.coqui.hifigan_decoder).to(device)
        if dtype != torch.float32:
            ours.gpt = copy.deepcopy(self.coqui.gpt)
        self.ours = XttsSynthesizer(ours, {}, device=device, dtype=dtype)
        self.voice = random_voice()
        self.their_vocoder = Stopwatch(self.coqui.hifigan_decoder.forward)
        self.coqui.hifigan_decoder.forward = self.their_vocoder
        self.our_vocoder = Stopwatch(self.ours.vocoder.vocode)
        vars(self.ours.vocoder)["vocode"] = self.our_vocoder

    def compare(self, tokens: int, samples: Samples) -> Likeness:
        """Compare our speech with Coqui's, after both have spoken `tokens` tokens."""
        with torch.inference_mode():
            codes = self.ours.gpt.speak(
                self.ours.gpt.prompt(self._on_device("conditioning_latents")),
                TEXT,
                Sampling(),
                max_tokens=tokens,
            )
            ours = torch.stack([token.latent for token in codes])
            # The last input of Coqui's vocoder has all latents.
            apart = (self.their_vocoder.given[0] - ours).abs().amax(1)
            speaker = self._on_device("speaker_embedding")[None, :, None]
            whole = self.their_vocoder(ours[None], g=speaker)[0, 0].cpu().numpy()
        others = (apart > ALIKE).nonzero()
        alike = int(others[0]) if len(others) else tokens
        return Likeness(
            tokens,
            alike,
            float(apart[:alike].max()) if alike else 0.0,
            float(np.abs(whole - samples).max()),
            float(np.abs(whole).max()),
        )

    def _on_device(self, name: str) -> Any:
        return torch.from_numpy(self.voice.arrays[name]).to(self.device)

    def run(self, who: str, tokens: int, *, first_only: bool = False) -> tuple[Run, Samples]:
        """Speak `tokens` of audio, or until the first chunk is there."""
        watch = self.their_vocoder if who == "Coqui" else self.our_vocoder
        watch.reset()
        torch.manual_seed(0)
        chunks = self._coqui(tokens) if who == "Coqui" else self._ours(tokens)
        wait()
        began = perf_counter()
        made = [next(chunks)]
        first_s = perf_counter() - began
        if not first_only:
            made += chunks
        total_s = perf_counter() - began
        spoken = tokens * TOKEN_S * SAMPLE_RATE
        run = Run(
            who,
            tokens,
            first_s,
            len(made[0]) / SAMPLE_RATE,
            total_s,
            watch.seconds,
            watch.samples / spoken,
        )
        return run, np.concatenate(made)

    def _coqui(self, tokens: int) -> Iterator[Samples]:
        self.coqui.gpt.max_gen_mel_tokens = tokens
        conditioning = self._on_device("conditioning_latents")[None]
        speaker = self._on_device("speaker_embedding")[None, :, None]
        for chunk in self.coqui.inference_stream("text", "en", conditioning, speaker):
            yield chunk.cpu().numpy()

    def _ours(self, tokens: int) -> Iterator[Samples]:
        return self.ours.stream(TEXT, self.voice, max_tokens=tokens)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--compute-type", choices=("auto", "float16", "float32"), default="auto")
    parser.add_argument("--tokens", type=int, nargs="+", default=[30, 60, 120])
    parser.add_argument("--rounds", type=int, default=3, help="first audio only (default: 3)")
    arguments = parser.parse_args()
    bench = Bench(arguments.device, arguments.compute_type)
    runs: list[Run] = []
    firsts: list[Run] = []
    likeness: list[Likeness] = []
    for number in range(arguments.rounds + 1):
        for who in ("Coqui", "stslocal"):
            run, _ = bench.run(who, arguments.tokens[0], first_only=True)
            if number:  # The first of each warms up.
                firsts.append(run)
    for tokens in arguments.tokens:
        theirs, _ = bench.run("Coqui", tokens)
        ours, samples = bench.run("stslocal", tokens)
        runs += [theirs, ours]
        likeness.append(bench.compare(tokens, samples))
        print(f"{tokens} tokens: {theirs.total_s:.1f} s, {ours.total_s:.1f} s", flush=True)
    report = markdown(firsts, runs, likeness, peak_gb(arguments.device))
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Sequence[Any]] = {"firsts": firsts, "runs": runs, "likeness": likeness}
    found = {name: [asdict(one) for one in part] for name, part in parts.items()}
    found_text = json.dumps(found, indent=1)
    (arguments.output_dir / "xtts.json").write_text(found_text + "\n", "utf-8")
    (arguments.output_dir / "xtts.md").write_text(report, "utf-8")
    print(report)
    return 0


def same_vocoder(decoder: Any) -> Any:
    """Another vocoder with the same weights. A deep copy would share those that folding removes."""
    from TTS.tts.models.xtts import HifiDecoder

    other = HifiDecoder()
    other.load_state_dict(decoder.state_dict())
    return other.eval()


def random_voice() -> VoiceProfile:
    conditioning = torch.randn(1, 32, 1024)
    speaker = torch.nn.functional.normalize(torch.randn(1, 512, 1), dim=1)
    return profile("random", conditioning, speaker, {})


def wait() -> None:
    """Wait until the GPU, if there is one, has finished its work."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def peak_gb(device: str) -> float:
    if device == "cuda":
        return float(torch.cuda.max_memory_allocated()) / 1024**3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 ** (3 if sys.platform == "darwin" else 2)


def markdown(
    firsts: Sequence[Run], runs: Sequence[Run], likeness: Sequence[Likeness], memory_gb: float
) -> str:
    """The report: two tables, then the ratios and the differences."""
    lines = [
        "| | time to first audio | audio in the first chunk |",
        "|---|---|---|",
    ]
    medians = {}
    for who in ("Coqui", "stslocal"):
        own = [run for run in firsts if run.who == who]
        medians[who] = statistics.median(run.first_s for run in own)
        lines.append(f"| {who} | {medians[who]:.2f} s | {own[0].first_audio_s:.2f} s |")
    lines += [
        "",
        "| | tokens | speech | total | real-time factor | a token | vocoder | vocoded |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {run.who} | {run.tokens} | {run.tokens * TOKEN_S:.1f} s | {run.total_s:.1f} s "
        f"| {run.real_time_factor:.2f} | {run.token_ms:.0f} ms | {run.vocoder_s:.1f} s "
        f"| {run.vocoded:.1f} × |"
        for run in runs
    ]
    lines += [
        "",
        f"Time to first audio against Coqui's, medians of {len(firsts) // 2}: "
        f"{medians['stslocal'] / medians['Coqui']:.2f}. Peak memory of both: {memory_gb:.1f} GB.",
        "Tokens drawn alike: "
        + ", ".join(f"{one.alike} of {one.tokens}" for one in likeness)
        + f"; their latents, of deviation 1, differ by {max(one.latents for one in likeness):.0e} "
        + "at most. Largest difference from Coqui's vocoding of the whole at once: "
        + f"{max(one.difference for one in likeness):.0e}, where the largest sample is "
        + f"{min(one.peak for one in likeness):.0e}.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

"""Compare our voice converter with Coqui's OpenVoice, on random weights of the real size.

    python scripts/bench/conversion.py [-o out/bench] [--threads 1] [--seconds 3 8] [--rounds 3]

Both convert the same speech into the same voice from the same checkpoint, in turn: Coqui's with
PyTorch as a whole, ours as a whole and in the windows of the product. Seconds are processor time.
Writes conversion.json and conversion.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any
from unittest import mock

import numpy as np
import torch
from TTS.vc.configs.openvoice_config import OpenVoiceConfig
from TTS.vc.models.openvoice import OpenVoice

from stslocal.audio.decode import read_audio
from stslocal.engines.openvoice import converter as engine
from stslocal.engines.openvoice.converter import OpenVoiceConverter
from stslocal.engines.openvoice.spectrogram import SAMPLE_RATE
from stslocal.machine import processor
from stslocal.samples import bundled_clips
from stslocal.types import Samples
from tests.tiny_openvoice import REAL, build

WHOLE = (1_000_000,)
"""Frames of a window that holds every recording."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cost of one converter for one length of speech, in processor seconds."""

    who: str
    speech_s: float
    embedding: float
    """For a second of the reference."""
    first: float
    """Until the first samples come."""
    conversion: float
    """For a second of speech."""
    difference: float
    """Largest difference of a sample from Coqui's with the same noise."""


def measured(rounds: int, call: Callable[[], Any]) -> float:
    """The median processor time of a call that ran once before."""
    call()
    times = []
    for _ in range(rounds):
        began = process_time()
        call()
        times.append(process_time() - began)
    return statistics.median(times)


def compare(folder: Path, *, seconds: Sequence[float], threads: int, rounds: int) -> list[Row]:
    """Measure all converters for each length of speech."""
    ours = OpenVoiceConverter.load(build(folder, REAL), threads=threads)
    theirs = OpenVoice(OpenVoiceConfig())
    theirs.load_checkpoint(theirs.config, folder / "checkpoint" / "checkpoint.pth", eval=True)
    clip = read_audio(bundled_clips()[0].path, sample_rate=SAMPLE_RATE)
    parts = [clip[: round(length_s * SAMPLE_RATE)] for length_s in seconds]
    return [row for audio in parts for row in _rows(ours, theirs, audio, rounds)]


def _rows(ours: OpenVoiceConverter, theirs: Any, audio: Samples, rounds: int) -> Iterator[Row]:
    length_s = len(audio) / SAMPLE_RATE
    target = np.random.default_rng(1).standard_normal(REAL.speaker).astype(np.float32)
    source, frames = theirs.extract_se(torch.from_numpy(audio))
    voices = {"g_src": source, "g_tgt": torch.from_numpy(target)[None, :, None]}
    noise = np.random.default_rng(0).standard_normal((frames.shape[2], REAL.channels), np.float32)
    equal = torch.from_numpy(np.ascontiguousarray(noise.T))[None]
    embedding = source[0, :, 0].numpy()

    def vendor() -> Samples:
        with mock.patch.object(torch, "randn_like", return_value=equal):
            made: Samples = theirs.inference(frames, voices)["model_outputs"][0, 0].numpy()
        return made

    def convert() -> Iterator[Samples]:
        return ours.convert([audio], SAMPLE_RATE, source=embedding, target=target)

    reference = vendor()
    embedded = measured(rounds, lambda: theirs.extract_se(torch.from_numpy(audio))) / length_s
    cost = measured(rounds, vendor)
    yield Row("Coqui, PyTorch", length_s, embedded, cost, cost / length_s, 0.0)
    embedded = measured(rounds, lambda: ours.embed(audio, SAMPLE_RATE)) / length_s
    usual = engine._LATENT_SIZES, engine._SOUND_SIZES
    for who, sizes in (("ours, as a whole", (WHOLE, WHOLE)), ("ours, in windows", usual)):
        with (
            mock.patch.object(engine, "_LATENT_SIZES", sizes[0]),
            mock.patch.object(engine, "_SOUND_SIZES", sizes[1]),
        ):
            first = measured(rounds, lambda: next(convert()))
            cost = measured(rounds, lambda: list(convert())) / length_s
            difference = float(np.abs(np.concatenate(list(convert())) - reference).max())
        yield Row(who, length_s, embedded, first, cost, difference)


def table(rows: Sequence[Row]) -> str:
    """The rows as a table of Markdown."""
    lines = [
        "| converter | speech | embedding, a second | first sound | conversion, a second | "
        "largest difference |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.who} | {row.speech_s:g} s | {row.embedding:.3f} s | {row.first:.2f} s | "
        f"{row.conversion:.2f} s | {row.difference:.1e} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, nargs="+", default=[3.0, 8.0])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args(argv)
    torch.set_num_threads(arguments.threads)
    with TemporaryDirectory() as folder:
        rows = compare(
            Path(folder),
            seconds=arguments.seconds,
            threads=arguments.threads,
            rounds=arguments.rounds,
        )
    machine = processor()
    about = {"processor": machine.name, "threads": arguments.threads}
    arguments.output.mkdir(parents=True, exist_ok=True)
    record = {**about, "rows": [asdict(row) for row in rows]}
    (arguments.output / "conversion.json").write_text(json.dumps(record, indent=1))
    text = table(rows)
    (arguments.output / "conversion.md").write_text(text)
    print(f"{machine.name}, {arguments.threads} threads, seconds of processor time")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Measure the separation of voice and music, on random weights of Spleeter's real size.

    python scripts/bench/separation.py [-o out/bench] [--seconds 60 240] [--threads 1 2]

Each row is a process of its own, with noise in stereo. Where sherpa-onnx is installed, it separates
the same with the same files, and the largest difference of a sample is a column: below 10.9 kHz,
because above 11 kHz sherpa-onnx leaves out both stems. Writes separation.json and separation.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np
from voices import peak_mb

from stslocal.engines.spleeter.frames import LAP, SIZE
from stslocal.engines.spleeter.separator import FILES, SpleeterSeparator
from stslocal.machine import processor
from stslocal.types import Samples
from tests.tiny_spleeter import REAL, TINY, build

RATE = SpleeterSeparator.sample_rate
_COMPARED_HZ = 10_900
_COMPARED_S = 30


@dataclass(frozen=True, slots=True)
class Row:
    """The cost of one separation."""

    seconds: int
    """Of the recording."""
    threads: int
    loading_s: float
    real_time_factor: float
    processor: float
    """Processor seconds for a second of the recording."""
    peak_mb: float
    """Of the whole process."""
    before_mb: float
    """Before the networks were loaded."""


def noise(seconds: int) -> Iterator[Samples]:
    """Noise in stereo, a second at a time."""
    random = np.random.default_rng(0)
    for _ in range(seconds):
        yield (0.1 * random.standard_normal((RATE, 2))).astype(np.float32)


def measure(folder: Path, seconds: int, threads: int) -> Row:
    """Separate noise with the networks in `folder`."""
    before_mb, began = peak_mb(), perf_counter()
    separator = SpleeterSeparator.load(folder, threads=threads)
    loading_s, began, worked = perf_counter() - began, perf_counter(), process_time()
    for _ in separator.voices(noise(seconds)):
        pass
    took_s, cost_s = perf_counter() - began, process_time() - worked
    return Row(
        seconds, threads, loading_s, took_s / seconds, cost_s / seconds, peak_mb(), before_mb
    )


def difference(folder: Path) -> float:
    """The largest difference of a sample of the voice from sherpa-onnx's, at most _COMPARED_HZ."""
    sherpa_onnx: Any = importlib.import_module("sherpa_onnx")

    vocals, accompaniment = (str(folder / name) for name in FILES)
    spleeter = sherpa_onnx.OfflineSourceSeparationSpleeterModelConfig(
        vocals=vocals, accompaniment=accompaniment
    )
    model = sherpa_onnx.OfflineSourceSeparationModelConfig(spleeter=spleeter, num_threads=1)
    theirs = sherpa_onnx.OfflineSourceSeparation(
        sherpa_onnx.OfflineSourceSeparationConfig(model=model)
    )
    recording = np.concatenate(list(noise(_COMPARED_S)))
    # Theirs begins with the first whole frame, ours with four frames over the first sample.
    padded = np.pad(recording, [(LAP, SIZE), (0, 0)])
    made = theirs.process(sample_rate=RATE, samples=np.ascontiguousarray(padded.T))
    voice = np.array(made.stems[0].data).T[LAP : LAP + len(recording)]
    ours = np.concatenate(list(SpleeterSeparator.load(folder, threads=1).voices([recording])))
    inside = slice(RATE, -RATE)
    return float(np.abs(_low(voice) - _low(ours))[inside].max())


def _low(samples: Samples) -> Samples:
    spectrum = np.fft.rfft(samples, axis=0)
    spectrum[round(_COMPARED_HZ / RATE * len(samples)) :] = 0
    return np.fft.irfft(spectrum, len(samples), axis=0).astype(np.float32)


def table(rows: Sequence[Row]) -> str:
    """The rows as a table of Markdown."""
    lines = [
        "| recording | threads | loading | a minute of it | processor | memory, of which before |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.seconds} s | {row.threads} | {row.loading_s:.1f} s "
        f"| {60 * row.real_time_factor:.1f} s | {60 * row.processor:.1f} s "
        f"| {row.peak_mb:.0f} MB, {row.before_mb:.0f} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"))
    parser.add_argument("--seconds", type=int, nargs="+", default=[60, 240])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.one is not None:
        row = measure(arguments.one, arguments.seconds[0], arguments.threads[0])
        print(json.dumps(asdict(row)))
        return 0
    arguments.output.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        folder = build(Path(name) / "real", REAL)
        rows = [
            _in_a_process(folder, seconds, threads)
            for seconds in arguments.seconds
            for threads in arguments.threads
        ]
        worst = difference(build(Path(name) / "tiny", TINY)) if find_spec("sherpa_onnx") else None
    result = {
        "machine": processor().name,
        "rows": [asdict(row) for row in rows],
        "difference_from_sherpa_onnx": worst,
    }
    (arguments.output / "separation.json").write_text(json.dumps(result, indent=2), "utf-8")
    (arguments.output / "separation.md").write_text(table(rows), "utf-8")
    print(table(rows), end="")
    print("largest difference from sherpa-onnx:", "not installed" if worst is None else worst)
    return 0


def _in_a_process(folder: Path, seconds: int, threads: int) -> Row:
    command = [sys.executable, __file__, "--one", str(folder), "--seconds", str(seconds),
               "--threads", str(threads)]  # fmt: skip
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Row(**json.loads(said))


if __name__ == "__main__":
    sys.exit(main())

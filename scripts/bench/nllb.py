"""Measure the time that NLLB takes for a sentence, whole and trimmed, by compute type.

    python scripts/bench/nllb.py [-o out/bench] [--kept 40000 80000] [--rounds 5]

The weights are random and of the real size (NLLB-200-distilled-600M: 256 206 tokens, 12 + 12
layers, width 1024). The script makes them, stores them in int8 and trims them with the code of
`models build`. The time does not depend on the values of the weights. A sentence has 22 tokens,
and its translation is forced to 22 tokens. For each trimmed model, one process loads it and the
whole model, which translate in turn. Memory is the peak of a process that loads only one model
and translates.

The number of tokens that English, Portuguese, Spanish and French keep cannot be counted here,
because the real sentencepiece model is missing. 40 000 is an estimate from mT5's 250 000, of which
30 000 were enough for Russian with English (D. Dale, 2021). 80 000 is measured for comparison.

Writes nllb.json and nllb.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import ctranslate2

from stslocal.engines.process import prepare_process
from stslocal.machine import processor

TOKENS_IN_AND_OUT = 22
BEAMS = (1, 4)
PACKED = "CT2_USE_EXPERIMENTAL_PACKED_GEMM"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--kept", type=int, nargs="+", default=[40_000, 80_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    prepare_process()  # for the processes that measure, which inherit the environment
    if arguments.work:
        kind, rounds, *folders = arguments.work
        print(json.dumps(work(kind, int(rounds), [Path(folder) for folder in folders])))
        return 0
    with tempfile.TemporaryDirectory() as name:
        # In a separate process, because on Linux the peak memory of a process includes the peak
        # of the process that started it.
        maker = Path(__file__).with_name("nllb_models.py")
        subprocess.run([sys.executable, maker, name, *map(str, arguments.kept)], check=True)
        whole = Path(name, "whole")
        first, *others = ((count, Path(name, str(count))) for count in arguments.kept)
        runs = [(*way, *first) for way in ways()] + [("int8", False, *other) for other in others]
        rows = [
            measure(kind, packed, whole, folder, tokens, arguments.rounds)
            for kind, packed, tokens, folder in runs
        ]
    machine = processor()
    report = {
        "machine": f"{machine.name}, {machine.cores} cores, {', '.join(machine.features)}",
        "ctranslate2": ctranslate2.__version__,
        "load": machine.load,
        "rows": rows,
    }
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    (arguments.output_dir / "nllb.json").write_text(json.dumps(report, indent=1) + "\n")
    (arguments.output_dir / "nllb.md").write_text(markdown(report))
    print(markdown(report))
    return 0


def ways() -> list[tuple[str, bool]]:
    """The compute types of this processor, and int8 and float32 with packed weights."""
    here = ctranslate2.get_supported_compute_types("cpu")
    types = [kind for kind in ("int8", "int16", "float32") if kind in here]
    return [(kind, False) for kind in types] + [("int8", True), ("float32", True)]


def measure(
    kind: str, packed: bool, whole: Path, trimmed: Path, tokens: int, rounds: int
) -> dict[str, Any]:
    """The times of two models that translate in turn, and the memory of each one alone."""
    times = run(kind, packed, rounds, whole, trimmed)["times"]
    both = (whole, trimmed)
    return {
        "compute_type": kind,
        "packed": packed,
        "tokens": tokens,
        "seconds": {beam: [statistics.median(each) for each in t] for beam, t in times.items()},
        "faster": {
            beam: statistics.median(a / b for a, b in zip(*t, strict=True))
            for beam, t in times.items()
        },
        "peak_mb": [run(kind, packed, 0, folder)["peak_mb"] for folder in both],
        "disk_mb": [(folder / "model.bin").stat().st_size / 1e6 for folder in both],
    }


def run(kind: str, packed: bool, rounds: int, *folders: Path) -> Any:
    """Measure in a separate process."""
    command = [sys.executable, __file__, "--work", kind, str(rounds), *map(str, folders)]
    environ = {**os.environ, PACKED: "1" if packed else "0"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environ)
    return json.loads(done.stdout)


def work(kind: str, rounds: int, folders: list[Path]) -> dict[str, Any]:
    """Load models, translate once to warm up, then measure translations in turn."""
    threads = processor().cores
    models = [
        ctranslate2.Translator(
            str(folder), device="cpu", compute_type=kind, inter_threads=1, intra_threads=threads
        )
        for folder in folders
    ]
    times: dict[int, list[list[float]]] = {beam: [[] for _ in models] for beam in BEAMS}
    for turn in range(rounds + 1):
        for beam in BEAMS:
            for model, taken in zip(models, times[beam], strict=True):
                seconds = translate(model, beam)
                if turn:
                    taken.append(seconds)
    scale = 1024 * (1024 if sys.platform == "darwin" else 1)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    return {"times": times, "peak_mb": peak_mb}


def translate(model: ctranslate2.Translator, beam: int) -> float:
    source = ["eng_Latn", *(f"piece{n * 97}" for n in range(TOKENS_IN_AND_OUT - 2)), "</s>"]
    began = time.perf_counter()
    model.translate_batch(
        [source],
        target_prefix=[["por_Latn"]],
        beam_size=beam,
        min_decoding_length=TOKENS_IN_AND_OUT,
        max_decoding_length=TOKENS_IN_AND_OUT,
    )
    return time.perf_counter() - began


def markdown(report: dict[str, Any]) -> str:
    """The report as a table; each pair of figures is of the whole and of the trimmed model."""
    lines = [
        f"{report['machine']}, CTranslate2 {report['ctranslate2']}, one sentence of "
        f"{TOKENS_IN_AND_OUT} tokens",
        "",
        "| compute type | kept | beam 1 | faster | beam 4 | faster | peak memory | on disk |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in report["rows"]:
        cells = [row["compute_type"] + (", packed" if row["packed"] else ""), f"{row['tokens']:,}"]
        for beam, (whole, trimmed) in row["seconds"].items():
            cells += [f"{whole:.2f} → {trimmed:.2f} s", f"{row['faster'][beam]:.2f} ×"]
        cells += [f"{a:.0f} → {b:.0f} MB" for a, b in (row["peak_mb"], row["disk_mb"])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

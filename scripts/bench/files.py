"""Measure time and memory of file translation, compared with a plain sequential script.

    python scripts/bench/files.py [-o out/bench] [--data FOLDER] [--minutes 10]
                                  [--plain-minutes N] [--rounds 1]

Both translate the long English recording into Portuguese in separate processes, in turn; loading
the models counts. Half of the recording is translated too, to see whether memory grows with the
length. The plain script may get a shorter part, because its work is the same for each minute. It
speaks with Kokoro's graph as it is published, which is fetched once, into models/ of the output
folder. Writes files.json and files.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter

import soundfile
from corpus import Corpus, add_data_option

from stslocal.models.download import DownloadCache, pull
from stslocal.models.manifest import Manifest
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.types import RECOGNITION_RATE

PLAIN = Path(__file__).with_name("plain_cascade.py")


@dataclass(frozen=True, slots=True)
class Cost:
    """The time and memory of one process, as the operating system counted them."""

    name: str
    audio_s: float
    wall_s: float
    cpu_s: float
    peak_mb: float

    @property
    def real_time_factor(self) -> float:
        return self.wall_s / self.audio_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--plain-minutes", type=float, help="default: as --minutes")
    parser.add_argument("--rounds", type=int, default=1, help="how often each runs (default: 1)")
    add_data_option(parser)
    arguments = parser.parse_args()
    data: Corpus = arguments.data
    audio, _ = data.passage("en")
    graph = published_kokoro(arguments.output_dir / "models")
    whole = audio[: round(arguments.minutes * 60 * RECOGNITION_RATE)]
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain_minutes = arguments.plain_minutes or arguments.minutes
        part_for_plain = whole[: round(plain_minutes * 60 * RECOGNITION_RATE)]
        recordings = {
            "whole": whole, "half": whole[: len(whole) // 2], "for-plain": part_for_plain,
        }  # fmt: skip
        for part, samples in recordings.items():
            soundfile.write(folder / f"{part}.wav", samples, RECOGNITION_RATE)
        ours = [sys.executable, "-m", "stslocal", "translate", "--from", "en", "--to", "pt",
                "--overwrite", "-q", "-o", str(folder / "out")]  # fmt: skip
        plain = [sys.executable, str(PLAIN), str(folder / "for-plain.wav"), "en", "pt",
                 str(folder / "plain.wav"), str(graph)]  # fmt: skip
        for _ in range(arguments.rounds):
            costs.append(measure("stslocal", [*ours, str(folder / "whole.wav")], len(whole)))
            costs.append(measure("plain script", plain, len(part_for_plain)))
        costs.append(measure("stslocal, half", [*ours, str(folder / "half.wav")], len(whole) // 2))
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    (arguments.output_dir / "files.json").write_text(
        json.dumps([{**asdict(cost), "data": data.title} for cost in costs], indent=1) + "\n"
    )
    report = f"{markdown(costs)}\nMeasured on {data.title}.\n"
    (arguments.output_dir / "files.md").write_text(report)
    print(report)
    return 0


class SilentDisplay:
    """A display of a pull that shows nothing."""

    def update(self, model_id: str, done: int, note: str) -> None: ...


def published_kokoro(folder: Path) -> Path:
    """Fetch the graph from which stslocal builds its Kokoro model, and return its path."""
    built = load_manifest().model("kokoro-82m-int8")
    assert built.build is not None
    published = replace(built, files=built.build.inputs, build=None)
    store = ModelStore(folder, Manifest({published.id: published}, {}))
    pull(store, [published], display=SilentDisplay(), cache=DownloadCache.discover())
    return store.folder(published.id) / published.files[0].name


def measure(name: str, command: Sequence[str], samples: int) -> Cost:
    """Run a command to its end and measure its costs."""
    began = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = perf_counter() - began
    if status:
        raise SystemExit(f"{name} failed with exit code {os.waitstatus_to_exitcode(status)}")
    return Cost(
        name,
        samples / RECOGNITION_RATE,
        wall_s,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / (1024 * (1024 if sys.platform == "darwin" else 1)),
    )


def markdown(costs: Sequence[Cost]) -> str:
    """The report as a table, with the ratio of the real-time factors below it."""
    lines = [
        "| | audio | wall | real-time factor | CPU | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {cost.name} | {cost.audio_s:.0f} s | {cost.wall_s:.0f} s "
        f"| {cost.real_time_factor:.2f} | {cost.cpu_s:.0f} s | {cost.peak_mb:.0f} MB |"
        for cost in costs
    ]
    ratios = [
        ours.real_time_factor / plain.real_time_factor
        for ours, plain in zip(costs[:-1:2], costs[1:-1:2], strict=True)
    ]
    whole, half = costs[0], costs[-1]
    lines += [
        "",
        f"Real-time factor against the plain script's, median of {len(ratios)}: "
        f"{statistics.median(ratios):.2f}. Peak memory of the whole against half of the "
        f"recording: {whole.peak_mb / half.peak_mb:.2f}.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

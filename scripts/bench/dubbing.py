"""Measure how a translation lies beside its original: times, speed and loudness.

    python scripts/bench/dubbing.py [-o out/bench] [--data FOLDER] [--language en] [--to pt]
                                    [--seconds 60] [--factors 1 1.25 1.5] [--original duck]
                                    [--recording FILE]

The long recording of a language, or FILE, is shortened by each factor, translated, and the written
file is measured: how far each sentence starts from its original (by the words' times, and by the
first sound of both), how fast it is spoken, the integrated loudness and the true peak of both files
(FFmpeg's `ebur128`), and the processor time of the second pass, which mixes. Writes dubbing.json
and dubbing.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import process_time

import numpy as np
import soundfile
from corpus import CHECKOUT, Corpus, add_data_option

from stslocal.audio.decode import read_audio
from stslocal.audio.tempo import shortened
from stslocal.files import write
from stslocal.files.mixdown import Mixdown
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.loading.engines import Engines
from stslocal.loading.load import load_engines
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples

sys.path.insert(0, str(CHECKOUT))
from tests.r128 import loudness

_NEAR_S = 0.25
"""The first sound is at most so far from the time of the first word."""
_SOUND_BELOW_PEAK_DB = 30.0
"""A sentence begins with the first 10 ms that are less than this below its loudest ones."""


@dataclass(frozen=True, slots=True)
class Dub:
    """One translation beside its recording."""

    factor: float
    sentences: int
    off_median_s: float
    off_95_s: float
    off_worst_s: float
    sound_off_median_s: float
    """By the first sound of both, not by the times of words."""
    early: int
    mean_speed: float
    highest_speed: float
    above_comfortable: int
    recording_lufs: float
    translation_lufs: float
    translation_dbtp: float
    mixing_s: float
    """Processor seconds of the second pass for a minute of the recording."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--language", default="en")
    parser.add_argument("--to", default="pt")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--factors", type=float, nargs="+", default=[1.0, 1.25, 1.5])
    parser.add_argument("--recording", type=Path)
    parser.add_argument("--original", default="off")
    parser.add_argument("--threads", type=int, default=0)
    add_data_option(parser)
    arguments = parser.parse_args()
    data: Corpus = arguments.data
    settings = Settings(
        source=arguments.language, target=arguments.to, threads=arguments.threads,
        original=arguments.original,
    )  # fmt: skip
    engines = load_engines(settings, ModelStore.discover())
    dubs = []
    for factor in arguments.factors:
        if arguments.recording is not None:
            audio = read_audio(arguments.recording)
        else:
            audio, _ = data.passage(arguments.language, seconds=factor * arguments.seconds)
        fast = shortened(audio, RECOGNITION_RATE, factor)
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "talk.wav"
            soundfile.write(
                source, fast[: round(arguments.seconds * RECOGNITION_RATE)], RECOGNITION_RATE
            )
            dubs.append(measure(engines, source, FileOptions.from_settings(settings), factor))
        print(dubs[-1], file=sys.stderr)
    report = markdown(dubs) + f"\nMeasured on {data.title}.\n"
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(dub), "data": data.title} for dub in dubs]
    (arguments.output_dir / "dubbing.json").write_text(json.dumps(rows, indent=1) + "\n")
    (arguments.output_dir / "dubbing.md").write_text(report)
    print(report)
    return 0


class _TimedMixdown(Mixdown):
    """Notes the processor time at which mixing begins."""

    began_s = 0.0

    def blocks(self) -> Generator[Samples, None, None]:
        type(self).began_s = process_time()
        yield from super().blocks()


def measure(engines: Engines, source: Path, options: FileOptions, factor: float) -> Dub:
    """Translate a recording, and measure the written file."""
    vars(write)["Mixdown"] = _TimedMixdown
    task = FileTask(source, source.parent / "talk.out.wav", "talk.out", "")
    session = write.translate_to_files(engines, task, replace(options, subtitles=())).session
    mixing_s = process_time() - _TimedMixdown.began_s
    rows = [row for row in session.segments if row.target is not None]
    late_s = np.array([row.late_s for row in rows], float)
    recording, translation = read_audio(source), read_audio(task.audio)
    sounds = np.array(
        [
            first_sound(translation, row.target.start_s, row.target.end_s)
            - first_sound(recording, row.source.start_s, row.source.end_s)
            for row in rows
            if row.target is not None
        ]
    )
    speeds = [row.speed for row in rows]
    written = soundfile.read(task.audio, dtype="float32")
    said = loudness(*written)
    return Dub(
        factor=factor,
        sentences=len(rows),
        off_median_s=float(np.median(np.abs(late_s))),
        off_95_s=float(np.quantile(np.abs(late_s), 0.95)),
        off_worst_s=float(np.abs(late_s).max()),
        sound_off_median_s=float(np.median(np.abs(sounds))),
        early=int((late_s < -0.05).sum()),
        mean_speed=float(np.mean(speeds)),
        highest_speed=max(speeds),
        above_comfortable=sum(speed > 1.2001 for speed in speeds),
        recording_lufs=loudness(recording, RECOGNITION_RATE).integrated_lufs,
        translation_lufs=said.integrated_lufs,
        translation_dbtp=said.true_peak_dbtp,
        mixing_s=mixing_s / session.source.duration_s * 60,
    )


def first_sound(samples: Samples, start_s: float, end_s: float) -> float:
    """When speech begins whose first word has these times: behind the quietest moment near it."""
    first = max(0, round((start_s - _NEAR_S) * RECOGNITION_RATE))
    part = samples[first : round(end_s * RECOGNITION_RATE)]
    size = RECOGNITION_RATE // 100
    steps = part[: len(part) - len(part) % size].reshape(-1, size).astype(np.float64)
    power = (steps**2).mean(axis=1)
    loud = power > np.quantile(power, 0.95) * 10 ** (-_SOUND_BELOW_PEAK_DB / 10)
    near = power[: round((start_s + _NEAR_S) * 100) - round(first / size)]
    begin = len(near) - 1 - int(near[::-1].argmin())  # the last of several that are silent
    return first / RECOGNITION_RATE + float(begin + loud[begin:].argmax()) / 100


def markdown(dubs: Sequence[Dub]) -> str:
    """The result as a table."""
    lines = [
        "| recording | sentences | off, median | 95 % | worst | by sound | mean speed | highest "
        "| above 1.2 | recording, LUFS | translation | dBTP | mixing, s a minute |",
        "|" + "---|" * 13,
    ]
    lines += [
        f"| {dub.factor:g} × | {dub.sentences} | {dub.off_median_s:.2f} s | {dub.off_95_s:.2f} s "
        f"| {dub.off_worst_s:.2f} s | {dub.sound_off_median_s:.2f} s | {dub.mean_speed:.2f} "
        f"| {dub.highest_speed:.2f} | {dub.above_comfortable} | {dub.recording_lufs:.1f} "
        f"| {dub.translation_lufs:.1f} | {dub.translation_dbtp:.1f} | {dub.mixing_s:.2f} |"
        for dub in dubs
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

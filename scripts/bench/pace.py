"""Measure how well translated speech keeps up with fast speakers, and whether it is understood.

    python scripts/bench/pace.py [-o out/bench] [--data FOLDER] [--language en] [--to pt]
                                 [--factors 1 1.5] [--caps 1.2 1.5 2] [--seconds 60]
                                 [--voice-speed 1.2]

The long recording of a language is shortened by each factor, translated with each `--speed-cap`,
and the translated sentences are recognized again. Late is the time from the start of a sentence to
the start of its translation. The words wrong compare what is recognized with the translation.
`--voice-speed` is the highest speed that the voice itself is asked for; the rest is shortened.
Writes pace.json and pace.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from corpus import Corpus, add_data_option, word_error_rate

from stslocal.audio.resample import Resampler
from stslocal.audio.tempo import shortened
from stslocal.engines import registry
from stslocal.engines.protocols import SpeechRecognizer
from stslocal.files import speak
from stslocal.files.options import FileOptions
from stslocal.files.placement import COMFORTABLE_SPEED
from stslocal.files.speak import PlacedSegment
from stslocal.files.translation import FileTranslation
from stslocal.loading.engines import Engines
from stslocal.loading.load import load_engines
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, SpokenSegment


@dataclass(frozen=True, slots=True)
class Pace:
    """One translation of one recording."""

    factor: float
    cap: float
    recording_s: float
    speech_ends_s: float
    worst_late_s: float
    last_late_s: float
    mean_speed: float
    highest_speed: float
    words_wrong: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--language", default="en")
    parser.add_argument("--to", default="pt")
    parser.add_argument("--factors", type=float, nargs="+", default=[1.0, 1.5])
    parser.add_argument("--caps", type=float, nargs="+", default=[1.2, 1.5, 2.0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--voice-speed", type=float, default=COMFORTABLE_SPEED)
    add_data_option(parser)
    arguments = parser.parse_args()
    data: Corpus = arguments.data
    vars(speak)["COMFORTABLE_SPEED"] = arguments.voice_speed
    settings = Settings(source=arguments.language, target=arguments.to)
    store = ModelStore.discover()
    engines = load_engines(settings, store)
    recognizer = registry.create(registry.RECOGNIZER, "whisper-base", store)
    paces = []
    with tempfile.TemporaryDirectory() as folder:
        for factor in arguments.factors:
            audio, _ = data.passage(arguments.language, seconds=factor * arguments.seconds)
            path = Path(folder) / "fast.wav"
            fast = shortened(audio, RECOGNITION_RATE, factor)
            soundfile.write(
                path, fast[: round(arguments.seconds * RECOGNITION_RATE)], RECOGNITION_RATE
            )
            for cap in arguments.caps:
                options = replace(FileOptions.from_settings(settings), max_speed=cap)
                paces.append(measure(engines, recognizer, path, options, factor))
                print(paces[-1], file=sys.stderr)
    report = markdown(paces) + f"\nMeasured on {data.title}.\n"
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(pace), "data": data.title} for pace in paces]
    (arguments.output_dir / "pace.json").write_text(json.dumps(rows, indent=1) + "\n")
    (arguments.output_dir / "pace.md").write_text(report)
    print(report)
    return 0


def measure(
    engines: Engines,
    recognizer: SpeechRecognizer,
    recording: Path,
    options: FileOptions,
    factor: float,
) -> Pace:
    """Translate a recording, and recognize the translation."""
    running = FileTranslation(engines, recording, options)
    placed = [one for one in running.segments() if len(one.spoken.samples)]
    if not placed:
        raise SystemExit(f"nothing is translated of {recording}")
    texts = [one.spoken.translated.text for one in placed]
    again = [recognized(recognizer, one.spoken) for one in placed]
    late_s = [late(one) for one in placed]
    speech_s = sum(one.spoken.duration_s for one in placed)
    return Pace(
        factor=factor,
        cap=options.max_speed,
        recording_s=running.duration_s,
        speech_ends_s=placed[-1].end_s,
        worst_late_s=max(late_s),
        last_late_s=late_s[-1],
        mean_speed=sum(one.spoken.duration_s * one.spoken.speed for one in placed) / speech_s,
        highest_speed=max(one.spoken.speed for one in placed),
        words_wrong=word_error_rate(texts, again),
    )


def late(placed: PlacedSegment) -> float:
    return placed.start_s - placed.spoken.translated.segment.start_s


def recognized(recognizer: SpeechRecognizer, spoken: SpokenSegment) -> str:
    resampler = Resampler(spoken.sample_rate, RECOGNITION_RATE)
    sound = [resampler.process(spoken.samples), resampler.flush()]
    return recognizer.transcribe(
        np.concatenate(sound)[: 30 * RECOGNITION_RATE], language=spoken.translated.language
    ).text


def markdown(paces: Sequence[Pace]) -> str:
    lines = [
        "| recording | speed cap | translation ends | worst late | last late | mean speed "
        "| highest | words wrong, % |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {pace.recording_s:.0f} s at {pace.factor:g} × | {pace.cap:g} "
        f"| {pace.speech_ends_s:.1f} s | {pace.worst_late_s:.1f} s | {pace.last_late_s:.1f} s "
        f"| {pace.mean_speed:.2f} | {pace.highest_speed:.2f} | {pace.words_wrong:.1f} |"
        for pace in paces
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

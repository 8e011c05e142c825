"""What a recognizer gains when it recognizes the sounds of several speakers together.

    python scripts/bench/together.py [--model whisper-base] [--device cpu] [--threads N]
                                     [--windows N] [--rounds N] [--data FOLDER] [--out DIR]

Takes windows of 5 to 6 s from long recordings, and makes a hypothesis of each as a live session
does: alone, and 2, 4 and 8 at once. A row has the processor time and the time of a hypothesis, the
median of the rounds, and how many of the texts are those that the sound alone gives.

Writes together.json and together.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
from corpus import Corpus, add_data_option

from stslocal.audio.decode import read_audio
from stslocal.engines.whisper.recognizer import FasterWhisperRecognizer
from stslocal.models.store import ModelStore
from stslocal.types import RECOGNITION_RATE, Samples

AT_ONCE = (1, 2, 4, 8)
LEAST_S, MOST_S = 5.0, 6.0
LONG_S = 10.0


def windows(corpus: Corpus, count: int) -> list[tuple[Samples, str]]:
    """Pieces of long recordings with their languages, the same ones every time."""
    dice = np.random.default_rng(1)
    clips = [clip for clip in corpus.clips if clip.language in ("en", "pt", "es", "fr")]
    long = [
        (sound, clip.language)
        for clip in clips
        if len(sound := read_audio(clip.path)) > LONG_S * RECOGNITION_RATE
    ]
    found = []
    for _ in range(count):
        sound, language = long[int(dice.integers(len(long)))]
        length = round(dice.uniform(LEAST_S, MOST_S) * RECOGNITION_RATE)
        start = int(dice.integers(len(sound) - length))
        found.append((sound[start : start + length], language))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--windows", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    add_data_option(parser)
    arguments = parser.parse_args()
    store = ModelStore.discover()
    recognizer = FasterWhisperRecognizer.load(
        store.folder(arguments.model), device=arguments.device, threads=arguments.threads
    )
    sounds = windows(arguments.data, arguments.windows)
    alone = [recognizer.hypothesize(sound, language=code).text for sound, code in sounds]
    times: dict[int, list[tuple[float, float]]] = {number: [] for number in AT_ONCE}
    same = dict.fromkeys(AT_ONCE, 0)
    for _ in range(arguments.rounds):
        for number in AT_ONCE:  # in turns, because the machine's pace changes
            used_s, began_s = time.process_time(), time.perf_counter()
            texts: list[str] = []
            for start in range(0, len(sounds), number):
                if number == 1:
                    sound, code = sounds[start]
                    texts.append(recognizer.hypothesize(sound, language=code).text)
                else:
                    found = recognizer.hypothesize_together(sounds[start : start + number])
                    texts += [each.text for each in found]
            spent = time.process_time() - used_s, time.perf_counter() - began_s
            times[number].append((spent[0] / len(sounds), spent[1] / len(sounds)))
            same[number] = sum(a == b for a, b in zip(alone, texts, strict=True))
    lines = ["| at once | processor s | s | same text |", "|---|---|---|---|"]
    rows = []
    for number in AT_ONCE:
        cpu_s, wall_s = (statistics.median(column) for column in zip(*times[number], strict=True))
        rows.append({"at_once": number, "cpu_s": cpu_s, "s": wall_s, "same": same[number]})
        lines.append(f"| {number} | {cpu_s:.3f} | {wall_s:.3f} | {same[number]}/{len(sounds)} |")
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "together.json").write_text(json.dumps(rows, indent=1) + "\n")
    (arguments.out / "together.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""How many of a speaker's words are recognized while the loudspeaker speaks, room by room.

    python scripts/bench/echo.py [--out DIR] [--data FOLDER] [--seconds N] [--only WORDS...]
                                 [--beginning]

Somebody reads English; another person's Portuguese reading comes from the loudspeaker all the
time. What the microphone would capture in simulated rooms is recognized by whisper-base as it is,
and after the echo canceller of `--duplex aec`. A word is kept if it is recognized with headphones
and here; an invented word is one that is not. Writes echo.json and echo.md.

With --beginning, the loudspeaker begins while somebody reads, at eight places of the reading, and
the words are counted with and without what the canceller corrects when it has found the echo.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from corpus import OWN, Corpus, add_data_option
from rooms import Room, reading
from streaming import recognize_utterances

from stslocal.audio.echo_canceller import EchoCanceller
from stslocal.engines.process import prepare_process
from stslocal.engines.silero.detector import SileroVad
from stslocal.engines.whisper.recognizer import FasterWhisperRecognizer
from stslocal.live.anchors import plain_word
from stslocal.types import RECOGNITION_RATE, Samples

BLOCK = 800
"""Captured samples that arrive at once: 50 ms."""
PIECE = 3200
"""Played samples that are sent at once, as far ahead."""
JITTER_S = 0.004
"""The output reports wrong times by up to so much."""
BEGINNINGS = 8
BEFORE_S, SPOKEN_S, AFTER_S = 3.0, 3.0, 2.0
"""With --beginning: seconds of reading before the loudspeaker, beside it, and after it."""
PREAMBLE_S = 20.0
"""The longer Portuguese recording begins with its title."""

ROOMS = {
    "-6 dB": Room(echo_db=-6),
    "0 dB": Room(),
    "+6 dB": Room(echo_db=6),
    "+10 dB": Room(echo_db=10),
    "0 dB, 0.4 s of reverberation, 300 ms late": Room(reverberation_s=0.4, delay_s=0.3),
    "0 dB, drift 100 ppm": Room(drift_ppm=100),
    "+6 dB, drift 100 ppm": Room(echo_db=6, drift_ppm=100),
    "+6 dB, drift -200 ppm": Room(echo_db=6, drift_ppm=-200),
    "0 dB, distortion": Room(distortion=1.0),
    "+6 dB, distortion": Room(echo_db=6, distortion=1.0),
    "+6 dB, the room changes": Room(echo_db=6, changes_at_s=20.0),
}


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What the recognizer gets, and what that took."""

    samples: Samples
    muted_s: float
    processor_share: float


def cancel(captured: Samples, played: Samples, *, correct: bool = False) -> Cancelled:
    """What the canceller gives; with `correct`, its corrections are made."""
    canceller = EchoCanceller()
    rng = np.random.default_rng(0)
    given: list[Samples] = []
    sent = 0
    began_s = time.process_time()
    for start in range(0, len(captured), BLOCK):
        while sent < min(len(played), start + 2 * PIECE):
            at_s = sent / RECOGNITION_RATE + rng.uniform(-JITTER_S, JITTER_S)
            canceller.played(played[sent : sent + PIECE], RECOGNITION_RATE, at_s, sent)
            sent += PIECE
        samples, _ = canceller.process(captured[start : start + BLOCK], start / RECOGNITION_RATE)
        if correct and len(corrected := canceller.take_corrected()):
            before = np.concatenate(given)
            before[len(before) - len(corrected) :] = corrected
            given = [before]
        given.append(samples)
    took_s = time.process_time() - began_s
    share = took_s / (len(captured) / RECOGNITION_RATE)
    return Cancelled(np.concatenate(given), canceller.muted_s, share)


def words(text: str) -> list[str]:
    return [word for word in map(plain_word, text.split()) if word]


def compared(text: str, reference: str) -> tuple[int, int]:
    """How many words of the reference are kept, and how many are invented."""
    found, wanted = words(text), words(reference)
    matcher = SequenceMatcher(None, wanted, found, autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    replaced = sum(
        min(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag == "replace"
    )
    return kept, len(found) - kept - replaced


def beginning(
    recognized: Callable[[Samples], str], speaker: Samples, played: Samples, echo_db: float
) -> str:
    """A row: words kept and invented without and with corrections, where the loudspeaker begins."""
    total = 0
    counts = np.zeros((2, 2), int)
    length = round((BEFORE_S + SPOKEN_S + AFTER_S) * RECOGNITION_RATE)
    sounds = round(BEFORE_S * RECOGNITION_RATE), round((BEFORE_S + SPOKEN_S) * RECOGNITION_RATE)
    for number in range(BEGINNINGS):
        first = number * (len(speaker) - length) // (BEGINNINGS - 1)
        said = speaker[first : first + length]
        reference = recognized(said)
        total += len(words(reference))
        sound = np.zeros(length, np.float32)
        sound[slice(*sounds)] = played[first + sounds[0] : first + sounds[1]]
        captured = Room(echo_db=echo_db, seed=number).captured(sound, said)
        for row, correct in enumerate((False, True)):
            counts[row] += compared(
                recognized(cancel(captured, sound, correct=correct).samples), reference
            )
    (kept, invented), (kept_corrected, invented_corrected) = counts
    return (
        f"| {echo_db:+g} dB | {kept} of {total} (+{invented}) |"
        f" {kept_corrected} of {total} (+{invented_corrected}) |"
    )


def markdown(results: list[dict[str, Any]]) -> str:
    lines = [
        "| echo against speech | nothing done | cancelled | kept % | invented | processor % |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in results:
        untouched = f"{row['untouched_kept']} (+{row['untouched_invented']})"
        lines.append(
            f"| {row['room']} | {untouched} | {row['kept']} | {row['kept_percent']} |"
            f" {row['invented']} | {row['processor_percent']} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--only", nargs="*", default=[], help="rooms whose name has one of these")
    parser.add_argument("--skip-untouched", action="store_true")
    parser.add_argument("--beginning", action="store_true")
    add_data_option(parser)
    arguments = parser.parse_args()
    prepare_process()
    data: Corpus = arguments.data
    vad = SileroVad.load()
    recognizer = FasterWhisperRecognizer.load(arguments.models / "whisper-base", threads=1)

    def recognized(samples: Samples) -> str:
        return str(recognize_utterances(samples, "en", vad, recognizer)["text"])

    skip_s = 0.0 if data.folder == OWN else PREAMBLE_S
    speaker = reading(data, "en", arguments.seconds)
    played = reading(data, "pt", arguments.seconds, skip_s)
    if arguments.beginning:
        print("| echo against speech | not corrected | corrected |\n|---|---|---|")
        for echo_db in (0.0, 6.0, 12.0):
            print(beginning(recognized, speaker, played, echo_db), flush=True)
        return
    with_headphones = recognized(speaker)
    total = len(words(with_headphones))
    nobody = recognized(cancel(Room().captured(played), played).samples)
    print(f"{total} words with headphones; while nobody speaks: {nobody!r}", flush=True)
    results: list[dict[str, Any]] = []
    for name, room in ROOMS.items():
        if arguments.only and not any(part in name for part in arguments.only):
            continue
        captured = room.captured(played, speaker)
        cancelled = cancel(captured, played)
        kept, invented = compared(recognized(cancelled.samples), with_headphones)
        before = (0, 0)
        if not arguments.skip_untouched:
            before = compared(recognized(captured), with_headphones)
        row = {
            "room": name, "words": total, "untouched_kept": before[0],
            "untouched_invented": before[1], "kept": kept, "invented": invented,
            "kept_percent": round(100 * kept / total, 1), "muted_s": round(cancelled.muted_s, 2),
            "processor_percent": round(100 * cancelled.processor_share, 1),
        }  # fmt: skip
        results.append(row)
        print(markdown([row]).splitlines()[-1], f"muted {row['muted_s']} s", flush=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "echo.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    (arguments.out / "echo.md").write_text(
        f"{markdown(results)}\nMeasured on {data.title}; {total} words with headphones; while "
        f"nobody speaks, {len(words(nobody))} words are recognized.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()

"""Measure the recognition of files: words wrong, words invented, and short answers kept.

    python scripts/bench/recognition.py [-o out/bench] [--data FOLDER] [--minutes 60]
                                        [--parts words nobody short]

`words`: the words wrong of each collection, as files are recognized (detector, utterances,
guards), and by faster-whisper's batched pipeline with beam 5 on the same clips in the same run;
also by language, and the time of both. `--half 1` and `--half 2` take every second clip: one half
to choose by, the other to confirm.
`nobody`: the words that are recognized in an hour of noise, music and silence, and in pieces of it
that are given to the recognizer without the detector. `short`: which one-word answers and
deliberate repetitions, spoken by espeak-ng, keep their words. Writes recognition.json and
recognition.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from corpus import CHECKOUT, Clip, Corpus, add_data_option, normalized, word_error_rate
from espeak import speech
from faster_whisper import BatchedInferencePipeline, WhisperModel

from stslocal.audio.decode import read_audio
from stslocal.engines.silero.detector import SileroVad
from stslocal.engines.whisper.recognizer import FasterWhisperRecognizer
from stslocal.files.stages import SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.models.store import ModelStore
from stslocal.types import RECOGNITION_RATE, Recognition, Samples, Utterance

sys.path.insert(0, str(CHECKOUT))
from tests.sounds import NOT_SPOKEN

NOBODY = "zxx"
"""The language of clips in which nobody speaks."""
_PIECE_S = 15
_LEVELS = (1.0, 0.3, 0.05)

SHORT = {
    "Stop!": "stop", "Help!": "help", "Ten.": "ten", "Yes.": "yes", "No.": "no", "Okay.": "okay",
    "Why?": "why", "Hello!": "hello", "Sorry.": "sorry", "Wait!": "wait", "Please.": "please",
    "Of course.": "course", "Thank you.": "thank", "Goodbye.": "goodbye", "Tomorrow.": "tomorrow",
    "I do.": "do", "Not me.": "me", "Go, go, go!": "go", "Seven.": "seven", "Never.": "never",
}  # fmt: skip
"""One-word answers, and a word that is to be recognized in each."""
REPEATED = {
    "My friends, the answer tonight is simple. Yes we can. Yes we can. Yes we can. Yes we can. "
    "Thank you, and God bless America.": ("yes we can", 4),
    "He asked me to sign the paper. No, no, no, no, no, no, no, no, I know him, I will never do "
    "that.": ("no", 8),
    "Never give up. Never give up. Never give up. That is all I can say.": ("never give up", 3),
    "She shouted from the door: fire, fire, fire, fire, fire, fire! Everybody ran.": ("fire", 6),
    "We shall fight on the beaches, we shall fight on the landing grounds, we shall fight in the "
    "fields, we shall fight in the hills.": ("we shall fight", 4),
    "Location, location, location. That is what matters.": ("location", 3),
    "Come on, come on, come on, come on, come on, come on, we are late.": ("come on", 6),
    "I want to go home. I want to go home. I want to go home.": ("i want to go home", 3),
}
"""Deliberate repetitions: what is repeated, and how often."""


class Recognizer:
    """Detector, utterances and recognizer, as files are recognized."""

    def __init__(self, folder: Path) -> None:
        self.whisper = FasterWhisperRecognizer.load(folder)
        self._vad = SileroVad.load()

    def utterances(self, sound: Samples) -> list[Utterance]:
        """The utterances of a recording."""
        stage = SegmentSpeech(self._vad, UtteranceCutter())
        step = 30 * RECOGNITION_RATE
        blocks = [sound[start : start + step] for start in range(0, len(sound), step)]
        return [*(found for block in blocks for found in stage.process(block)), *stage.finish()]

    def recognize(self, sound: Samples, language: str) -> Iterator[tuple[float, Recognition]]:
        """The recognition of each utterance, with the utterance's start in seconds."""
        for one in self.utterances(sound):
            yield one.start_s, self.whisper.transcribe(one.samples, language=language)

    def text(self, sound: Samples, language: str) -> str:
        """The text of a whole recording."""
        found = (recognition.text for _, recognition in self.recognize(sound, language))
        return " ".join(filter(None, found))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--minutes", type=float, default=60.0, help="of noise and music")
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--half", type=int, choices=(1, 2), help="of the clips, for `words`")
    parser.add_argument("--clips", type=int, default=1000, help="of each collection, for `words`")
    add_data_option(parser)
    arguments = parser.parse_args()
    data: Corpus = arguments.data
    folder = ModelStore.discover().folder("whisper-base")
    recognizer = Recognizer(folder)
    report: dict[str, Any] = {"data": data.title}
    for part in arguments.parts:
        report[part] = PARTS[part](recognizer, data, arguments, folder)
    text = f"{markdown(report)}\nMeasured on {data.title}.\n"
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    (arguments.output_dir / "recognition.json").write_text(json.dumps(report, indent=1) + "\n")
    (arguments.output_dir / "recognition.md").write_text(text)
    print(text)
    return 0


def words_wrong(
    recognizer: Recognizer, data: Corpus, options: argparse.Namespace, folder: Path
) -> list[Any]:
    """The words wrong by collection and language, ours and those of the batched pipeline."""
    batched = BatchedInferencePipeline(
        WhisperModel(str(folder), compute_type="int8", local_files_only=True)
    )
    groups: dict[str, list[Clip]] = defaultdict(list)
    for clip in data.clips:
        if clip.transcript and clip.language != NOBODY:
            groups[f"{clip.group} {clip.language}"].append(clip)

    def batched_text(sound: Samples, language: str) -> str:
        segments, _ = batched.transcribe(sound, language=language, beam_size=5)
        return " ".join(segment.text.strip() for segment in segments)

    rows = []
    by_language: dict[str, _Texts] = defaultdict(_Texts)
    for name, clips in groups.items():
        part = clips if options.half is None else clips[options.half - 1 :: 2]
        texts = _Texts()
        for clip in part[: options.clips]:
            sound = read_audio(clip.path)
            texts.said.append(clip.transcript or "")
            texts.ours.append(texts.our_time.of(recognizer.text, sound, clip.language))
            texts.theirs.append(texts.their_time.of(batched_text, sound, clip.language))
        if texts.said:
            rows.append({**texts.row(name), "texts": texts.ours})
            for total in (clips[0].language, "all"):
                by_language[total].add(texts)
    return [*rows, *(texts.row(name) for name, texts in sorted(by_language.items()))]


@dataclass
class _Time:
    """The time of many calls."""

    wall_s: float = 0.0
    processor_s: float = 0.0
    """Of all threads."""

    def of(self, call: Callable[[Samples, str], str], sound: Samples, language: str) -> str:
        """The result of a call, whose time is added."""
        wall_s, processor_s = perf_counter(), process_time()
        text = call(sound, language)
        self.wall_s += perf_counter() - wall_s
        self.processor_s += process_time() - processor_s
        return text


@dataclass
class _Texts:
    """What was said in some clips, and what was recognized."""

    said: list[str] = field(default_factory=list)
    ours: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    our_time: _Time = field(default_factory=_Time)
    their_time: _Time = field(default_factory=_Time)

    def add(self, more: _Texts) -> None:
        self.said += more.said
        self.ours += more.ours
        self.theirs += more.theirs
        for total, some in ((self.our_time, more.our_time), (self.their_time, more.their_time)):
            total.wall_s += some.wall_s
            total.processor_s += some.processor_s

    def row(self, name: str) -> dict[str, Any]:
        return {
            "group": name,
            "clips": len(self.said),
            "wer": word_error_rate(self.said, self.ours),
            "batched_wer": word_error_rate(self.said, self.theirs),
            "empty": sum(not normalized(text) for text in self.ours),
            "seconds": vars(self.our_time),
            "batched_seconds": vars(self.their_time),
        }


def nobody(
    recognizer: Recognizer, data: Corpus, options: argparse.Namespace, _: Path
) -> dict[str, Any]:
    """What is recognized where nobody speaks."""
    sounds = [read_audio(clip.path) for clip in data.clips if clip.language == NOBODY]
    sounds += [make() for make in NOT_SPOKEN.values()]
    mixed = mixture(sounds, options.minutes)
    invented = [
        (round(start_s, 1), found.text)
        for start_s, found in recognizer.recognize(mixed, "en")
        if found.text
    ]
    direct, pieces = [], 0
    step = _PIECE_S * RECOGNITION_RATE
    for start in range(0, min(len(mixed), len(mixed) // 12), step):
        for language in ("en", "pt"):
            pieces += 1
            found = recognizer.whisper.transcribe(mixed[start : start + step], language=language)
            direct += [(start / RECOGNITION_RATE, language, found.text)] if found.text else []
    return {
        "minutes": len(mixed) / RECOGNITION_RATE / 60,
        "invented": invented,
        "pieces": pieces,
        "invented_without_detector": direct,
    }


def mixture(sounds: list[Samples], minutes: float) -> Samples:
    """Sounds one after the other and over one another, at several levels, and silence between."""
    random = np.random.default_rng(3)
    parts: list[Samples] = []
    missing = round(minutes * 60 * RECOGNITION_RATE)
    while missing > 0:
        one, other = (sounds[at] for at in random.integers(0, len(sounds), 2))
        length = min(len(one), 20 * RECOGNITION_RATE)
        first = int(random.integers(0, len(one) - length + 1))
        part = one[first : first + length] * random.choice(_LEVELS)
        under = np.resize(other, length) * random.choice((0.0, *_LEVELS))
        part = (part + under).astype(np.float32)
        silence = np.zeros(int(random.integers(0, 3 * RECOGNITION_RATE)), np.float32)
        parts += [part, silence]
        missing -= len(part) + len(silence)
    return np.concatenate(parts)


def short(recognizer: Recognizer, *_: Any) -> dict[str, Any]:
    """Which short answers and repetitions keep their words."""
    before, after = (np.zeros(round(s * RECOGNITION_RATE), np.float32) for s in (0.6, 0.8))
    answers = {}
    for text, word in SHORT.items():
        for voice in ("en-us", "en-gb"):
            found = recognizer.text(
                np.concatenate([before, speech(text, voice=voice), after]), "en"
            )
            answers[f"{text} ({voice})"] = (found, word in normalized(found).split())
    repeated = {}
    for text, (phrase, times) in REPEATED.items():
        found = recognizer.text(speech(text), "en")
        count = spaced(normalized(found)).count(spaced(phrase))
        share = len(normalized(found).split()) / len(normalized(text).split())
        repeated[text] = (found, count, times, round(share, 2))
    return {"answers": answers, "repeated": repeated}


def spaced(text: str) -> str:
    """The text with a space of its own on both sides of each word, to count phrases."""
    return f" {text.replace(' ', '  ')} "


PARTS: dict[str, Callable[[Recognizer, Corpus, argparse.Namespace, Path], Any]] = {
    "words": words_wrong,
    "nobody": nobody,
    "short": short,
}


def markdown(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = []
    if rows := report.get("words"):
        lines += ["| collection | clips | words wrong | batched, beam 5 | clips without words |",
                  "|---|--:|--:|--:|--:|"]  # fmt: skip
        lines += [
            f"| {row['group']} | {row['clips']} | {row['wer']:.1f} % | "
            f"{row['batched_wer']:.1f} % | {row['empty']} |"
            for row in rows
        ]
        (total,) = (row for row in rows if row["group"] == "all")
        ours, theirs = total["seconds"], total["batched_seconds"]
        lines.append(
            f"\nTime of stslocal / batched: {ours['wall_s']:.0f} / {theirs['wall_s']:.0f} s, "
            f"of the processor {ours['processor_s']:.0f} / {theirs['processor_s']:.0f} s."
        )
    if nothing := report.get("nobody"):
        lines.append(
            f"\nNobody speaks for {nothing['minutes']:.0f} min: {len(nothing['invented'])} texts "
            f"invented; {len(nothing['invented_without_detector'])} in {nothing['pieces']} pieces "
            "without the detector."
        )
    if few := report.get("short"):
        kept = [ok for _, ok in few["answers"].values()]
        any_words = [bool(text) for text, _ in few["answers"].values()]
        lines.append(
            f"\nShort answers: {sum(any_words)} of {len(kept)} give words, {sum(kept)} the right "
            "one.\n"
        )
        lines += ["| repeated | words kept | times, of |", "|---|--:|--:|"]
        lines += [
            f"| {text[:60]} | {share:.0%} | {count} of {times} |"
            for text, (_, count, times, share) in few["repeated"].items()
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())

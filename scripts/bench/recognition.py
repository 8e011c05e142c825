"""Measure the recognition of files: words wrong, words invented, and short answers kept.

    python scripts/bench/recognition.py [-o out/bench] [--data FOLDER] [--minutes 60]
                                        [--parts words nobody short]

`words`: the words wrong of each collection, as files are recognized (detector, utterances,
guards), and by faster-whisper's batched pipeline with beam 5 on the same clips in the same run.
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
from pathlib import Path
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
    rows = []
    everything: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name, clips in groups.items():
        said, ours, theirs = [], [], []
        for clip in clips[: options.clips]:
            sound = read_audio(clip.path)
            said.append(clip.transcript or "")
            ours.append(recognizer.text(sound, clip.language))
            segments, _ = batched.transcribe(sound, language=clip.language, beam_size=5)
            theirs.append(" ".join(segment.text.strip() for segment in segments))
        rows.append(_wrong(name, said, ours, theirs, texts=True))
        for texts, some in zip(everything, (said, ours, theirs), strict=True):
            texts.extend(some)
    return [*rows, _wrong("all", *everything, texts=False)]


def _wrong(name: str, said: list[str], ours: list[str], theirs: list[str], *, texts: bool) -> Any:
    return {
        "group": name,
        "clips": len(said),
        "wer": word_error_rate(said, ours),
        "batched_wer": word_error_rate(said, theirs),
        "empty": sum(not normalized(text) for text in ours),
        **({"texts": ours} if texts else {}),
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

"""Compare ways to recognize while somebody speaks: word error rate, latency and processor time.

    python scripts/bench/streaming.py [--out DIR] [--data FOLDER] [--set tuning|unseen]
                                      [--seconds N] [--only NAME...]

Every variant recognizes recordings in English and Portuguese with the product's own listener, on
virtual time: the recording passes at its own pace, and each call of the recognizer takes the
processor time that it took here on one thread. So the figures include the time of computing, and
other programs on the machine hardly change them. The limits of the listener were chosen on the
recordings of `tuning`; those of `unseen` have other readers and texts, and need the larger set of
recordings. For comparison the same model recognizes the whole recording with faster-whisper and a
beam of 5, and whole utterances as file translation does. Writes streaming.json and streaming.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from corpus import Corpus, add_data_option, word_error_rate
from faster_whisper import WhisperModel
from streaming_sets import recording

from stslocal.clock import VirtualClock
from stslocal.engines.process import prepare_process
from stslocal.engines.protocols import VoiceActivityDetector
from stslocal.engines.silero.detector import SileroVad
from stslocal.engines.whisper.recognizer import FasterWhisperRecognizer
from stslocal.files.stages import SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.live.anchors import plain_word
from stslocal.live.hypotheses import CommitPolicy, HoldBack
from stslocal.live.listener import StreamingListener
from stslocal.live.listener_limits import ListenerLimits
from stslocal.live.segmentation import LiveSegmenter
from stslocal.metrics import Event, TextCommitted
from stslocal.types import RECOGNITION_RATE, Recognition, Samples, Segment, Word

BLOCK = 512
"""Samples that arrive at once."""
WHOLE_BEAM = 5
"""Beam of faster-whisper over the whole recording."""


@dataclass(frozen=True, slots=True)
class LocalAgreement:
    """Commits the words on which two hypotheses in a row agree (Macháček 2023)."""

    def stable_count(self, words: Sequence[Word], before: Sequence[Word], *, until_s: float) -> int:
        count = 0
        for word, earlier in zip(words, before, strict=False):
            if plain_word(word.text) != plain_word(earlier.text):
                break
            count += 1
        return count


@dataclass(frozen=True, slots=True)
class Variant:
    """A commit policy and limits that are compared with others."""

    name: str
    policy: Callable[[], CommitPolicy] = HoldBack
    limits: ListenerLimits = field(default_factory=ListenerLimits)


def variants() -> list[Variant]:
    usual = ListenerLimits()
    with_segments = replace(usual, certain_s=float("inf"))
    alone = replace(with_segments, context_s=0.0)
    trim = usual.trim
    return [
        Variant("usual", limits=usual),
        Variant("no context, committed with segments", limits=alone),
        Variant("committed with segments", limits=with_segments),
        Variant("context 3 s", limits=replace(usual, context_s=3.0)),
        Variant("context 6 s", limits=replace(usual, context_s=6.0)),
        Variant("certain 0.6 s", limits=replace(usual, certain_s=0.6)),
        Variant("trim late", limits=replace(usual, trim=replace(trim, word_s=20.0))),
        Variant("hop 0.4 s", limits=replace(usual, hop_s=0.4)),
        Variant("hop 1 s", limits=replace(usual, hop_s=1.0)),
        Variant("agreement", LocalAgreement, usual),
    ]


class TimedRecognizer:
    """A recognizer whose CPU time passes on a virtual clock."""

    def __init__(self, recognizer: FasterWhisperRecognizer, clock: VirtualClock) -> None:
        self._recognizer = recognizer
        self._clock = clock
        self.capabilities = recognizer.capabilities
        self.work_s: list[float] = []

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        return self._timed(
            lambda: self._recognizer.hypothesize(audio, language=language, paused=paused)
        )

    def transcribe(self, audio: Samples, **options: Any) -> Recognition:
        return self._timed(lambda: self._recognizer.transcribe(audio, **options))

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        raise NotImplementedError("the benchmark gives the language")

    def _timed(self, work: Callable[[], Recognition]) -> Recognition:
        began_s = time.process_time()
        recognition = work()
        took_s = time.process_time() - began_s
        self._clock.work(took_s)
        self.work_s.append(took_s)
        return recognition


def recognize_live(
    variant: Variant,
    sound: Samples,
    language: str,
    vad: VoiceActivityDetector,
    recognizer: FasterWhisperRecognizer,
) -> dict[str, Any]:
    """Recognize a recording at its own pace. Returns the text and the figures."""
    clock = VirtualClock()
    timed = TimedRecognizer(recognizer, clock)
    events: list[Event] = []
    listener = StreamingListener(
        vad,
        timed,
        LiveSegmenter(language),
        language=language,
        clock=clock,
        policy=variant.policy(),
        limits=variant.limits,
        emit=events.append,
    )
    segments: list[tuple[float, Segment]] = []

    def take(given: Iterator[Segment]) -> None:
        segments.extend((clock.now(), segment) for segment in given)

    position = 0
    while position < len(sound):
        captured = max(position + BLOCK, int(clock.now() * RECOGNITION_RATE) // BLOCK * BLOCK)
        captured = min(captured, len(sound))
        clock.sleep_until(captured / RECOGNITION_RATE)
        take(listener.feed(sound[position:captured]))
        position = captured
    take(listener.finish())

    commits = [event for event in events if isinstance(event, TextCommitted)]
    latencies = [late for event in commits for late in event.commit_latencies_s]
    waits = [at_s - segment.end_s for at_s, segment in segments]
    return {
        "text": " ".join(segment.text for _, segment in segments),
        "segments": len(segments),
        "segment_words": round(float(np.mean([len(s.words) for _, s in segments])), 1),
        "commit_latency_mean_s": round(float(np.mean(latencies)), 3),
        "commit_latency_p95_s": round(float(np.percentile(latencies, 95)), 3),
        "segment_latency_p50_s": round(float(np.percentile(waits, 50)), 3),
        "segment_latency_p95_s": round(float(np.percentile(waits, 95)), 3),
        "recognitions": len(timed.work_s),
        "recognition_mean_s": round(float(np.mean(timed.work_s)), 3),
        "cpu_per_second": round(sum(timed.work_s) / (len(sound) / RECOGNITION_RATE), 3),
        "revisions_per_word": round(listener.revisions / max(1, len(latencies)), 3),
    }


def recognize_whole(sound: Samples, language: str, model: WhisperModel) -> dict[str, Any]:
    """Recognize a whole recording with faster-whisper's own loop. Returns the text and figures."""
    began_s = time.process_time()
    pieces, _ = model.transcribe(sound, beam_size=WHOLE_BEAM, language=language)
    text = " ".join(piece.text for piece in pieces)
    took_s = time.process_time() - began_s
    return {"text": text, "cpu_per_second": round(took_s * RECOGNITION_RATE / len(sound), 3)}


def recognize_utterances(
    sound: Samples,
    language: str,
    vad: VoiceActivityDetector,
    recognizer: FasterWhisperRecognizer,
) -> dict[str, Any]:
    """Recognize whole utterances, as file translation does. Returns the text and the figures."""
    timed = TimedRecognizer(recognizer, VirtualClock())
    stage = SegmentSpeech(vad, UtteranceCutter())
    utterances = [*stage.process(sound), *stage.finish()]
    texts = [timed.transcribe(u.samples, language=language).text for u in utterances]
    seconds = len(sound) / RECOGNITION_RATE
    return {
        "text": " ".join(texts),
        "cpu_per_second": round(sum(timed.work_s) / seconds, 3),
    }


COLUMNS = {
    "wer": "WER %",
    "commit_latency_mean_s": "commit mean s",
    "commit_latency_p95_s": "p95 s",
    "segment_latency_p50_s": "segment p50 s",
    "segment_latency_p95_s": "p95 s",
    "segment_words": "words/segment",
    "cpu_per_second": "CPU s/s",
    "recognition_mean_s": "recognition s",
    "revisions_per_word": "revisions/word",
}


def markdown(results: list[dict[str, Any]]) -> str:
    lines = [
        "| variant | language | " + " | ".join(COLUMNS.values()) + " |",
        "|---|---|" + "---:|" * len(COLUMNS),
    ]
    for row in results:
        cells = [str(row.get(key, "")) for key in COLUMNS]
        lines.append(f"| {row['variant']} | {row['language']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--set", choices=["tuning", "unseen"], default="tuning")
    parser.add_argument("--seconds", type=float, default=0.0, help="of the tuning set; 0: all")
    parser.add_argument("--only", nargs="*", default=[], help="names of variants")
    parser.add_argument("--languages", nargs="*", default=["en", "pt"])
    add_data_option(parser)
    arguments = parser.parse_args()
    prepare_process()
    data: Corpus = arguments.data

    vad = SileroVad.load()
    folder = arguments.models / "whisper-base"
    recognizer = FasterWhisperRecognizer.load(folder, threads=1)
    model = WhisperModel(
        str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
    )
    results: list[dict[str, Any]] = []

    def add_row(variant: str, language: str, row: dict[str, Any], reference: str) -> None:
        row = {
            "variant": variant,
            "language": language,
            "data": f"{data.title}, {arguments.set}",
            "wer": round(word_error_rate([reference], [row["text"]]), 2),
            **row,
        }
        results.append(row)
        print(markdown([row]).splitlines()[-1], flush=True)

    for language in arguments.languages:
        sound, transcript = recording(data, language, arguments.set, arguments.seconds)
        row = recognize_whole(sound, language, model)
        add_row(f"faster-whisper, whole recording, beam {WHOLE_BEAM}", language, row, transcript)
        row = recognize_utterances(sound, language, vad, recognizer)
        add_row("whole utterances", language, row, transcript)
        for variant in variants():
            if not arguments.only or variant.name in arguments.only:
                row = recognize_live(variant, sound, language, vad, recognizer)
                add_row(variant.name, language, row, transcript)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "streaming.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    (arguments.out / "streaming.md").write_text(
        f"{markdown(results)}\nMeasured on {data.title}, {arguments.set}.\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()

"""Latency and lag of a live session, on the long recordings at the pace of their speech.

    python scripts/bench/live.py [--language en|pt] [--data FOLDER] [--seconds N] [--dense]
                                 [--patience quick balanced sentence] [--no-plain]
                                 [--virtual [--call-s SECONDS]] [--out DIR]

The recording goes through the product's own session, as `stslocal live --simulate` runs it, once
for each patience, and then, in the same run, through a plain cascade with the same engines: whole
utterances after 0.7 s of silence, recognized in windows of 30 s and spoken sentence by sentence,
without pacing.

In real time, each column takes the length of the recording. With --virtual, each stage has a
processor of its own and every engine call takes the processor time that it took here (see
lanes.py), so the figures do not depend on other programs on the machine; with --call-s, they do not
depend on the machine either. With --dense, the pauses are cut out and the rest is played at 190
words a minute.

chrF of whole sentences compares what was translated live with what the same translator makes of the
same recognized text, cut into whole sentences.

Writes live.json, live.md, the event log of each run and live.png, a plot of lag and latencies.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from corpus import Corpus, add_data_option, chrf, word_error_rate
from dense import dense
from lanes import Lanes, Timed
from live_plot import plot

from stslocal.audio.simulated import SilentOutput
from stslocal.clock import Clock, RealClock
from stslocal.engines import registry
from stslocal.engines.process import prepare_process
from stslocal.files.utterances import UtteranceCutter, UtteranceLimits
from stslocal.live.options import LiveOptions
from stslocal.live.pipeline import LiveSession
from stslocal.live.ports import LivePorts, PlayedSegment
from stslocal.live.stream_clock import StreamClock
from stslocal.live.translation import LiveTranslation
from stslocal.loading.engines import Engines
from stslocal.loading.load import load_engines
from stslocal.metrics import (
    Event,
    FirstAudio,
    LagMeasured,
    SegmentDropped,
    SegmentPaced,
    SegmentTranslated,
    Summary,
    summarize,
    to_json,
)
from stslocal.models.store import ModelStore
from stslocal.settings import PATIENCES, Settings
from stslocal.text.sentences import split_sentences
from stslocal.translation.request import TranslationRequest
from stslocal.translation.segmentation import Segmenter
from stslocal.types import RECOGNITION_RATE, WINDOW, Samples, Segment, Word

PLAIN = "plain"
FIRST_AUDIO_CHARACTERS = (0, 20, 40, 80, 160)
TARGETS = {"en": "pt", "pt": "en"}
WINDOW_S = 30.0


class SamplesInput:
    """A microphone that captures samples at the pace at which they were spoken."""

    overrun = 0
    latency_s = 0.0

    def __init__(self, samples: Samples, clock: Clock, block_s: float = 0.032) -> None:
        self._samples = samples
        self._clock = clock
        self._block = round(block_s * RECOGNITION_RATE)
        self._began_s: float | None = None
        self._given = 0
        self._stopped = False

    @property
    def captured_s(self) -> float:
        return self._clock.now() - (self._clock.now() if self._began_s is None else self._began_s)

    def read(self) -> Samples:
        if self._began_s is None:
            self._began_s = self._clock.now()
        if self._stopped:
            return self._samples[:0]
        least = min(self._given + self._block, len(self._samples))
        self._clock.sleep_until(self._began_s + least / RECOGNITION_RATE)
        captured = int((self._clock.now() - self._began_s) * RECOGNITION_RATE + 0.5)
        first, self._given = self._given, max(least, min(captured, len(self._samples)))
        return self._samples[first : self._given]

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self._stopped = True


class WholeUtterances:
    """The plain cascade's listener: recognizes an utterance when it is over, as 30 s of sound."""

    def __init__(self, engines: Engines, language: str) -> None:
        self._engines = engines
        self._language = language
        self._cutter = UtteranceCutter(UtteranceLimits(silence_s=0.7))
        self._segmenter = Segmenter(language)
        self._rest = np.zeros(0, np.float32)
        self._state = engines.vad.initial_state()

    def feed(self, samples: Samples) -> Iterator[Segment]:
        stream = np.concatenate([self._rest, samples])
        whole = len(stream) // WINDOW * WINDOW
        self._rest = stream[whole:]
        probabilities, self._state = self._engines.vad.probabilities(stream[:whole], self._state)
        for utterance in self._cutter.push(stream[:whole], probabilities):
            yield from self._recognize(utterance.samples, utterance.start_s)

    def finish(self) -> Iterator[Segment]:
        for utterance in self._cutter.flush():
            yield from self._recognize(utterance.samples, utterance.start_s)

    def correct(self, samples: Samples) -> None:
        pass

    def recognize_less_often(self, less: bool) -> None:
        pass

    def _recognize(self, samples: Samples, start_s: float) -> Iterator[Segment]:
        window = np.zeros(round(WINDOW_S * RECOGNITION_RATE) - 1, np.float32)
        window[: len(samples)] = samples
        recognition = self._engines.recognizer.transcribe(window, language=self._language)
        words = [_shifted(word, start_s) for word in recognition.words]
        yield from self._segmenter.push(words)
        yield from self._segmenter.flush()


class WholeSentences:
    """The plain cascade's synthesizer: yields all of a segment's speech at once."""

    def __init__(self, synthesizer: Any) -> None:
        self._synthesizer = synthesizer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._synthesizer, name)

    def synthesize(self, text: str, **options: Any) -> Iterator[Samples]:
        chunks = list(self._synthesizer.synthesize(text, **options))
        if chunks:
            yield np.concatenate(chunks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--language", choices=sorted(TARGETS), default="en")
    parser.add_argument("--seconds", type=float, default=np.inf, help="only the first N seconds")
    parser.add_argument("--virtual", action="store_true", help="on virtual time")
    parser.add_argument(
        "--speedup", type=float, default=1.0,
        help="with --virtual: how much faster synthesis is on all cores (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--call-s", type=float,
        help="with --virtual: seconds of each call of an engine, as on any machine (the detector "
        "takes none)",
    )  # fmt: skip
    parser.add_argument(
        "--patience", choices=PATIENCES, nargs="+", default=list(PATIENCES),
        help="the patiences to measure (default: all)",
    )  # fmt: skip
    parser.add_argument("--no-plain", action="store_true", help="without the plain cascade")
    parser.add_argument(
        "--dense", action="store_true", help="without pauses, at 190 words a minute"
    )
    parser.add_argument("--voice", default="match")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    add_data_option(parser)
    arguments = parser.parse_args()
    prepare_process()
    data: Corpus = arguments.data
    arguments.out.mkdir(parents=True, exist_ok=True)
    source, target = arguments.language, TARGETS[arguments.language]
    recording, transcript = data.passage(source, seconds=arguments.seconds)
    options = LiveOptions(TranslationRequest(target, source, voice=arguments.voice), duplex="full")
    settings = Settings.load({"source": source, "target": target})
    if arguments.virtual:
        settings = replace(settings, threads=1)
    store = ModelStore.discover()
    engines = load_engines(settings, store, use="live")
    engines.warm_up(source, target)
    if arguments.dense:
        recording = dense(recording, len(transcript.split()), engines.vad)
    results = {}
    logs: dict[str, list[Event]] = {}
    stem = arguments.out / f"live-{source}{'-dense' if arguments.dense else ''}"
    for name in [*arguments.patience, *([] if arguments.no_plain else [PLAIN])]:
        lanes = Lanes() if arguments.virtual else None
        events: list[Event] = []
        clock: Clock = lanes or RealClock()
        used = engines
        if lanes:
            used = timed_engines(engines, lanes, arguments.speedup, arguments.call_s)
        elif name == PLAIN:
            used = _each_on_all_cores(engines, store)
        began_s = time.process_time()
        if name == PLAIN:
            played = _plain(used, options, recording, clock, events, lanes)
        else:
            patient = replace(options, patience=name)
            played = _live(used, patient, recording, clock, events, lanes)
        processor_s = time.process_time() - began_s
        log = stem.with_name(f"{stem.name}-{name}.events.jsonl")
        log.write_text("".join(to_json(event) + "\n" for event in events), encoding="utf-8")
        logs[name] = events
        results[name] = {
            "data": data.title,
            "processor_share": processor_s / len(recording) * RECOGNITION_RATE,
            "chrf_of_whole_sentences": _chrf_of_whole_sentences(engines, source, target, played),
            **_figures(recording, transcript, played, events, lanes),
        }
    text = f"{_table(results)}\n{_first_audio_table(logs)}\nMeasured on {data.title}.\n"
    stem.with_suffix(".json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    stem.with_suffix(".md").write_text(text, encoding="utf-8")
    plot(logs, stem.with_suffix(".png"))
    print(text)


def _chrf_of_whole_sentences(
    engines: Engines, source: str, target: str, played: list[PlayedSegment]
) -> float:
    """chrF of what was translated live against the same recognized text in whole sentences."""
    translator = engines.translators_with(None).for_pair(source, target)
    assert translator is not None
    recognized = " ".join(segment.item.segment.text for segment in played)
    sentences = split_sentences(recognized, source)
    whole = translator.translate(sentences, source=source, target=target, quick=True)
    live = " ".join(segment.item.text for segment in played)
    return chrf([live], [" ".join(whole)])


def _each_on_all_cores(engines: Engines, store: ModelStore) -> Engines:
    """The engines of the plain cascade, where each engine uses all cores."""
    threads = os.cpu_count() or 1
    return replace(
        engines,
        recognizer=registry.create(
            registry.RECOGNIZER, engines.selection.recognizer, store, threads=threads
        ),
        synthesizer=registry.create(
            registry.SYNTHESIZER, engines.selection.synthesizer, store, threads=threads
        ),
    )


def timed_engines(
    engines: Engines, lanes: Lanes, speedup: float, call_s: float | None = None
) -> Engines:
    """The engines, whose work takes its time on the lanes."""
    return replace(
        engines,
        vad=engines.vad if call_s is not None else Timed(engines.vad, lanes),
        recognizer=Timed(engines.recognizer, lanes, call_s=call_s),
        translators={
            name: Timed(each, lanes, call_s=call_s) for name, each in engines.translators.items()
        },
        synthesizer=Timed(engines.synthesizer, lanes, speedup=speedup, call_s=call_s),
    )


def _live(
    engines: Engines,
    options: LiveOptions,
    recording: Samples,
    clock: Clock,
    events: list[Event],
    lanes: Lanes | None,
) -> list[PlayedSegment]:
    output = SilentOutput(engines.synthesizer.sample_rate, clock)
    with LiveTranslation(
        engines,
        options,
        SamplesInput(recording, clock),
        output,
        clock=clock,
        emit=events.append,
        run=lanes.run if lanes else None,
    ) as talk:
        return list(talk.session)


def _plain(
    engines: Engines,
    options: LiveOptions,
    recording: Samples,
    clock: Clock,
    events: list[Event],
    lanes: Lanes | None,
) -> list[PlayedSegment]:
    request = options.request
    assert request.source_language is not None
    session = LiveSession(
        LivePorts(
            SamplesInput(recording, clock),
            WholeUtterances(engines, request.source_language),
            engines.translators_with(None),
            WholeSentences(engines.synthesizer),
            SilentOutput(engines.synthesizer.sample_rate, clock),
        ),
        target=request.target_language,
        clock=StreamClock(clock),
        reliefs=(),
        emit=events.append,
        run=lanes.run if lanes else None,
    )
    return list(session)


def _figures(
    recording: Samples,
    transcript: str,
    played: list[PlayedSegment],
    events: list[Event],
    lanes: Lanes | None,
) -> dict[str, Any]:
    summary: Summary = summarize(events)
    lags = [event for event in events if isinstance(event, LagMeasured)]
    end_s = len(recording) / RECOGNITION_RATE
    segments = [segment.item.segment for segment in played]
    text = " ".join(segment.text for segment in segments)
    paces = [event for event in events if isinstance(event, SegmentPaced)]
    return {
        "summary": asdict(summary),
        "segments": len(segments),
        "sentences_ended_percent": 100 * _mean([float(each.complete) for each in segments]),
        "words_a_segment": len(text.split()) / max(1, len(segments)),
        "behind_maximum_s": max(pace.behind_s for pace in paces),
        "speed_mean": _mean([pace.speed for pace in paces]),
        "speed_maximum": max(pace.speed for pace in paces),
        "not_spoken": sum(isinstance(event, SegmentDropped) for event in events),
        "lag_minute_one_s": _mean([lag.lag_s for lag in lags if lag.at_s <= 60]),
        "lag_last_minute_s": _mean([lag.lag_s for lag in lags if lag.at_s >= end_s - 60]),
        "word_error_rate": word_error_rate([transcript], [text]),
        "busy_s": lanes.busy_s if lanes else None,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "recording_s": end_s,
        "virtual": lanes is not None,
    }


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _first_audio_table(logs: dict[str, list[Event]]) -> str:
    """The median time to first audio by the length of the translated segment."""
    lines = [
        f"| time to first audio, median | {' | '.join(logs)} |",
        "|---" * (len(logs) + 1) + "|",
    ]
    for least, most in pairwise((*FIRST_AUDIO_CHARACTERS, 10_000)):
        title = f"{least} to {most} characters" if most < 10_000 else f"from {least} characters"
        cells = [_first_audio_cell(events, least, most) for events in logs.values()]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _first_audio_cell(events: list[Event], least: int, most: int) -> str:
    lengths = {
        event.segment: len(event.text) for event in events if isinstance(event, SegmentTranslated)
    }
    times_s = [
        event.time_to_first_audio_s
        for event in events
        if isinstance(event, FirstAudio) and least <= lengths[event.segment] < most
    ]
    return f"{np.median(times_s):.2f} of {len(times_s)}" if times_s else "-"


def _table(results: dict[str, dict[str, Any]]) -> str:
    rows = [
        ("end-of-speech latency p50", "end_of_speech_latency", "p50"),
        ("end-of-speech latency p95", "end_of_speech_latency", "p95"),
        ("commit latency p50", "commit_latency", "p50"),
        ("recognition final after the endpoint p50", "final_delay", "p50"),
        ("translation p50", "translation", "p50"),
        ("time to first audio p50", "time_to_first_audio", "p50"),
        ("lag p50", "lag", "p50"),
        ("lag maximum", "lag", "maximum"),
    ]
    lines = [f"| seconds | {' | '.join(results)} |", "|---" * (len(results) + 1) + "|"]
    for title, figure, part in rows:
        cells = [_cell(result["summary"][figure], part) for result in results.values()]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    for title in ("chrf_of_whole_sentences", "sentences_ended_percent", "words_a_segment",
                  "lag_minute_one_s", "lag_last_minute_s", "behind_maximum_s", "speed_mean",
                  "speed_maximum", "word_error_rate", "not_spoken", "segments", "processor_share",
                  "peak_memory_mb"):  # fmt: skip
        cells = [_cell(result, title) for result in results.values()]
        lines.append(f"| {title.replace('_', ' ')} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(values: dict[str, Any] | None, name: str) -> str:
    value = None if values is None else values[name]
    return "-" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _shifted(word: Word, by_s: float) -> Word:
    return replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s)


if __name__ == "__main__":
    main()

"""A live session made of fakes, on virtual time."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stslocal.audio.resample import to_int16
from stslocal.audio.simulated import SilentOutput
from stslocal.clock import Clock, VirtualClock
from stslocal.files.utterances import UtteranceCutter, UtteranceLimits
from stslocal.live.pipeline import LiveSession
from stslocal.live.ports import LivePorts, PlayedSegment
from stslocal.live.segmentation import LiveSegmenter
from stslocal.live.stream_clock import StreamClock
from stslocal.metrics import Event
from stslocal.pipeline.inline import run_inline
from stslocal.types import RECOGNITION_RATE, WINDOW, Samples, Segment, Word
from tests.fakes import (
    Cost,
    FakeRecognizer,
    FakeSynthesizer,
    FakeTranslator,
    FakeVad,
    Lexicon,
    only_translator,
)


class WholeUtterances:
    """A listener that recognizes each utterance when it is over."""

    def __init__(self, vad: FakeVad, recognizer: FakeRecognizer, *, silence_s: float = 0.3) -> None:
        self._vad = vad
        self._recognizer = recognizer
        self._cutter = UtteranceCutter(UtteranceLimits(silence_s=silence_s, longest_s=12.0))
        self._segmenter = LiveSegmenter(recognizer.language)
        self._rest = np.zeros(0, np.float32)
        self._state = vad.initial_state()

    def feed(self, samples: Samples) -> Iterator[Segment]:
        stream = np.concatenate([self._rest, samples])
        whole = len(stream) // WINDOW * WINDOW
        windows, self._rest = stream[:whole], stream[whole:]
        probabilities, self._state = self._vad.probabilities(windows, self._state)
        for utterance in self._cutter.push(windows, probabilities):
            yield from self._recognize(utterance.samples, utterance.start_s)

    def finish(self) -> Iterator[Segment]:
        for utterance in self._cutter.flush():
            yield from self._recognize(utterance.samples, utterance.start_s)
        yield from self._segmenter.flush()

    def correct(self, samples: Samples) -> None:
        pass

    def recognize_less_often(self, less: bool) -> None:
        pass

    def _recognize(self, samples: Samples, start_s: float) -> Iterator[Segment]:
        recognition = self._recognizer.transcribe(samples, language=self._recognizer.language)
        yield from self._segmenter.push(
            [
                Word(word.text, start_s + word.start_s, start_s + word.end_s, word.probability)
                for word in recognition.words
            ]
        )


def as_wav(samples: Samples, sample_rate: int = RECOGNITION_RATE) -> io.BytesIO:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(sample_rate)
        writer.writeframes(to_int16(samples).tobytes())
    stream.seek(0)
    return stream


class ScriptedInput:
    """A microphone that captures `samples` as time passes."""

    overrun = 0
    latency_s = 0.0

    def __init__(self, samples: Samples, clock: Clock, *, block_s: float = 0.032) -> None:
        self._samples = samples
        self._clock = clock
        self._block = round(block_s * RECOGNITION_RATE)
        self._began_s: float | None = None
        self._given = 0
        self.stopped = self.closed = False

    @property
    def captured_s(self) -> float:
        began_s = self._clock.now() if self._began_s is None else self._began_s
        return min(self._clock.now() - began_s, len(self._samples) / RECOGNITION_RATE)

    def read(self) -> Samples:
        if self._began_s is None:
            self._began_s = self._clock.now()
        if self.stopped:
            return self._samples[:0]
        until = min(self._given + self._block, len(self._samples))
        self._clock.sleep_until(self._began_s + until / RECOGNITION_RATE)
        captured = round((self._clock.now() - self._began_s) * RECOGNITION_RATE)
        first, self._given = self._given, max(until, min(captured, len(self._samples)))
        return self._samples[first : self._given]

    def stop(self) -> None:
        self.stopped = True

    def close(self) -> None:
        self.closed = True


class EndlessInput(ScriptedInput):
    """A microphone that captures the same samples `times` times in a row."""

    def __init__(self, samples: Samples, clock: Clock, *, times: int, block_s: float = 0.4) -> None:
        super().__init__(samples, clock, block_s=block_s)
        self._left = times * len(samples)

    @property
    def captured_s(self) -> float:
        return self._clock.now() - (self._began_s or 0.0)

    def read(self) -> Samples:
        if self._began_s is None:
            self._began_s = self._clock.now()
        count = min(self._block, self._left)
        self._clock.sleep_until(self._began_s + (self._given + count) / RECOGNITION_RATE)
        at = (self._given + np.arange(count)) % len(self._samples)
        self._given += count
        self._left -= count
        return self._samples[at]


class EchoingInput(ScriptedInput):
    """A microphone that also captures the loudspeaker's speech, `delay_s` later."""

    def __init__(
        self, samples: Samples, clock: Clock, *, delay_s: float = 0.05, block_s: float = 0.032
    ) -> None:
        super().__init__(samples.copy(), clock, block_s=block_s)
        self._delay_s = delay_s

    def add_echo(self, samples: Samples, sample_rate: int, at_s: float) -> None:
        """Add the echo of speech that sounds at `at_s` in stream time, where nobody speaks."""
        step = sample_rate / RECOGNITION_RATE
        echo = samples[(np.arange(int(len(samples) / step)) * step).astype(int)]
        start = round((at_s + self._delay_s) * RECOGNITION_RATE)
        echo = echo[: max(0, len(self._samples) - start)]
        free = self._samples[start : start + len(echo)] == 0
        self._samples[start : start + len(echo)][free] = echo[free]


@dataclass
class FakeLive:
    """Engines with declared costs, and a session that uses them."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    clock: VirtualClock = field(default_factory=VirtualClock)
    events: list[Event] = field(default_factory=list)
    recognition: Cost = field(default_factory=lambda: Cost(0.1, 0.05))
    translation: Cost = field(default_factory=lambda: Cost(0.05))
    synthesis: Cost = field(default_factory=lambda: Cost(0.1, 0.3))
    latency_s: float = 0.1
    fails: dict[str, int] = field(default_factory=dict)
    """The call at which an engine fails, by `vad`, `recognizer`, `translator`, `synthesizer`."""

    def __post_init__(self) -> None:
        clock, fails = self.clock, self.fails
        self.vad = FakeVad(clock, Cost(), fails.get("vad"))
        self.recognizer = FakeRecognizer(
            clock, self.recognition, fails.get("recognizer"), lexicon=self.lexicon
        )
        self.translator = FakeTranslator(clock, self.translation, fails.get("translator"))
        self.synthesizer = FakeSynthesizer(
            clock, self.synthesis, fails.get("synthesizer"), lexicon=self.lexicon
        )
        self.stream_clock = StreamClock(clock)
        self.output = SilentOutput(
            self.synthesizer.sample_rate, self.stream_clock, latency_s=self.latency_s
        )

    def session(self, recording: Samples, **options: Any) -> LiveSession:
        options.setdefault("run", run_inline)
        options.setdefault("clock", self.stream_clock)
        options.setdefault("emit", self.events.append)
        options.setdefault("input", ScriptedInput(recording, self.clock))
        options.setdefault("output", self.output)
        ports = LivePorts(
            options.pop("input"),
            options.pop("listener", None) or WholeUtterances(self.vad, self.recognizer),
            only_translator(self.translator),
            self.synthesizer,
            options.pop("output"),
            **{
                name: options.pop(name)
                for name in ("voice", "duplex", "record", "watch")
                if name in options
            },
        )
        return LiveSession(ports, target="pt", **options)

    def run(self, recording: Samples, **options: Any) -> list[PlayedSegment]:
        return list(self.session(recording, **options))

    def seen(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

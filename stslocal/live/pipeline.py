"""Live translation: someone speaks, and a moment later a listener hears it in another language.

    input -> listener -> guard -> translate -> speak -> play -> output

The thread of the source hears and recognizes; each stage behind it has its own. Whatever fails
ends all of them, and what was recognized and translated until then is in the recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, Protocol, TypeAlias

import numpy as np

from stslocal.engines.protocols import SpeechSynthesizer, TextTranslator
from stslocal.live.echo import Duplex, FullDuplex, KeepOwnVoiceOut, OwnVoice
from stslocal.live.lag import MEASURES, LagController, Measure
from stslocal.live.playback import AudioOutput, HeardSegment, Play
from stslocal.live.playhead import Playhead
from stslocal.live.speak import Speak
from stslocal.live.stream_clock import StreamClock
from stslocal.metrics import (
    DeviceXrun,
    Emit,
    InputLevel,
    MeasureChanged,
    SegmentCommitted,
    ignore,
)
from stslocal.pipeline.runner import PipelineRunner
from stslocal.translation.translate import Translate
from stslocal.types import RECOGNITION_RATE, Samples, Segment, TranslatedSegment, VoiceProfile

Run: TypeAlias = Callable[[Iterator[Segment], Sequence[Any]], Iterator[HeardSegment]]
"""Moves what a source gives through stages."""

LEVEL_EVERY_S = 0.1
_RING_CAPACITY = 256
"""Segments and pieces of speech between two stages: more than ever wait there, since a segment
that comes much too late is not spoken. The recognizer so never waits for a slow voice."""


class AudioInput(Protocol):
    """A microphone, or what stands for one."""

    @property
    def captured_s(self) -> float:
        """Seconds that have come by now, read or not."""
        ...

    @property
    def latency_s(self) -> float:
        """From the air until it has come."""
        ...

    @property
    def overrun(self) -> int:
        """Samples lost so far."""
        ...

    def read(self) -> Samples:
        """All that was heard since the last call: mono, 16 kHz, shape (n,). Waits for some.

        Empty when there will be no more. Raises AudioDeviceError.
        """
        ...

    def stop(self) -> None:
        """Let `read` give what was heard until now and then end. For any thread."""
        ...

    def close(self) -> None: ...


class Listener(Protocol):
    """Sound to segments, as they are committed."""

    def feed(self, samples: Samples) -> Iterable[Segment]:
        """Hear the next samples of the stream, at 16 kHz, shape (n,)."""
        ...

    def finish(self) -> Iterable[Segment]:
        """The stream is over: commit what is open."""
        ...


class Voice(Protocol):
    """Whose voice speaks. `listen` and `add` belong to one thread, `voice` to another."""

    def listen(self, samples: Samples) -> None:
        """Hear the input, at 16 kHz, as the recognizer does."""
        ...

    def add(self, segment: Segment) -> None:
        """Learn what was recognized in it."""
        ...

    def voice(self) -> VoiceProfile | None:
        """The voice for the next segment; None is the language's default."""
        ...

    @property
    def profile(self) -> VoiceProfile | None:
        """The voice that spoke last. For any thread."""
        ...


class FixedVoice:
    """The same voice from beginning to end."""

    def __init__(self, profile: VoiceProfile | None) -> None:
        self.profile = profile

    def listen(self, samples: Samples) -> None:
        pass

    def add(self, segment: Segment) -> None:
        pass

    def voice(self) -> VoiceProfile | None:
        return self.profile


class Record(Protocol):
    """Where a session is kept while it goes on."""

    def heard_source(self, samples: Samples) -> None:
        """The next of the input, at 16 kHz."""
        ...

    def recognized(self, segment: Segment) -> None: ...

    def translated(self, item: TranslatedSegment) -> None: ...

    def speech(self, samples: Samples, at_s: float) -> None:
        """Translated speech that is heard from `at_s` on."""
        ...

    def spoken(self, segment: HeardSegment) -> None: ...


class NoRecord:
    """Keeps nothing."""

    def heard_source(self, samples: Samples) -> None:
        pass

    def recognized(self, segment: Segment) -> None:
        pass

    def translated(self, item: TranslatedSegment) -> None:
        pass

    def speech(self, samples: Samples, at_s: float) -> None:
        pass

    def spoken(self, segment: HeardSegment) -> None:
        pass


class LiveSession:
    """One conversation, from the first sample to the last. Iterate it once.

    It closes input and output. `emit` is called from several threads.
    """

    def __init__(
        self,
        input: AudioInput,
        listener: Listener,
        translator: TextTranslator | None,
        synthesizer: SpeechSynthesizer,
        output: AudioOutput,
        *,
        target: str,
        clock: StreamClock,
        voice: Voice | None = None,
        duplex: Duplex | None = None,
        playhead: Playhead | None = None,
        max_lag_s: float = 4.0,
        synthesis_workers: int = 1,
        measures: Iterable[Measure] = MEASURES,
        relieve: Callable[[frozenset[Measure]], None] = lambda _: None,
        record: Record | None = None,
        emit: Emit = ignore,
        run: Run | None = None,
    ) -> None:
        """`translator` may be None when the recognizer translates by itself.

        `playhead` is where a listener may look how much is still to be heard.
        `synthesis_workers` pieces of a segment are synthesized at once.
        `measures` are those that may be taken against lag; `relieve` is told, in the thread that
        recognizes, which are in force. `run` takes the source and the stages and gives the
        results, such as `run_inline` for tests on a VirtualClock; None runs each in a thread.
        """
        self._input = input
        self._listener = listener
        self._output = output
        self._clock = clock
        self._voice = voice or FixedVoice(None)
        self._duplex = duplex or FullDuplex()
        self._record = record or NoRecord()
        self._emit = emit
        self._run_stages = run or self._run_in_threads
        self._relieve = relieve
        self._own_voice = OwnVoice()
        self._level = _Level(emit)
        self._overrun = 0
        self.lag = LagController(max_lag_s, available=measures, on_change=self._measure_changed)
        self._playhead = playhead or Playhead()
        self._play = Play(output, self._playhead, clock=clock, emit=emit, on_audio=self._on_audio)
        speak = Speak(
            synthesizer, self._voice.voice, self.lag, self._playhead,
            clock=clock, workers=synthesis_workers, emit=emit,
        )  # fmt: skip
        self._stages: list[Any] = [
            KeepOwnVoiceOut(
                self._own_voice,
                target=target,
                clock=clock,
                pairs=None if translator is None else translator.capabilities.pairs,
                emit=emit,
            ),
            Translate(translator, target=target, clock=clock, emit=emit),
            _Noted(speak, self._on_translated),
            self._play,
        ]

    def __iter__(self) -> Iterator[HeardSegment]:
        """Run, and yield each segment once it is on its way to the loudspeaker.

        Raises StageError when a stage fails; then, as after Ctrl-C, everything is closed.
        """
        with closing(self._input), closing(self._output):
            self._clock.begin()
            for segment in self._run_stages(self._listen(), self._stages):
                self._record.spoken(segment)
                yield segment

    def stop(self) -> None:
        """End gracefully: what was said until now is still translated and spoken.

        May be called from any thread and from a signal handler.
        """
        self._input.stop()

    def _run_in_threads(
        self, source: Iterator[Segment], stages: Sequence[Any]
    ) -> Iterator[HeardSegment]:
        with PipelineRunner(
            source,
            stages,
            ring_capacity=_RING_CAPACITY,
            name="live",
            emit=self._emit,
            on_stop=self._input.stop,
            on_abort=self._play.stop,
        ) as run:
            yield from run

    def _listen(self) -> Iterator[Segment]:
        position = 0
        while len(samples := self._input.read()):
            self._clock.delivered(self._input.captured_s, self._input.latency_s)
            self._record.heard_source(samples)
            heard = self._duplex.process(samples, position / RECOGNITION_RATE)
            position += len(samples)
            self._level.add(samples, position / RECOGNITION_RATE, muted=heard is not samples)
            self._voice.listen(heard)
            self._notice_overrun()
            self._relieve(self.lag.active)
            for segment in self._listener.feed(heard):
                yield self._recognized(segment)
            self._play.look()
        for segment in self._listener.finish():
            yield self._recognized(segment)

    def _recognized(self, segment: Segment) -> Segment:
        self._playhead.promised(segment, self._clock.now())
        self._emit(
            SegmentCommitted(
                self._clock.now(),
                segment.index,
                segment.start_s,
                segment.end_s,
                segment.text,
                segment.language,
            )
        )
        self._record.recognized(segment)
        self._voice.add(segment)
        return segment

    def _on_translated(self, item: TranslatedSegment) -> None:
        self._record.translated(item)
        self._own_voice.said(item.text, self._clock.now())

    def _on_audio(self, samples: Samples, at_s: float) -> None:
        self._duplex.heard(samples, self._output.sample_rate, at_s)
        self._record.speech(samples, at_s)

    def _measure_changed(self, measure: Measure, taken: bool, behind_s: float) -> None:
        self._emit(MeasureChanged(self._clock.now(), measure, taken, behind_s))

    def _notice_overrun(self) -> None:
        lost, self._overrun = self._input.overrun - self._overrun, self._input.overrun
        if lost:
            self._emit(DeviceXrun(self._clock.now(), "input", lost))


class _Noted:
    """A stage, and somebody who is told of each item before it."""

    def __init__(self, stage: Speak, note: Any) -> None:
        self.name = stage.name
        self._stage = stage
        self._note = note

    def process(self, item: TranslatedSegment) -> Iterator[Any]:
        self._note(item)
        return self._stage.process(item)

    def finish(self) -> Iterator[Any]:
        return self._stage.finish()

    def close(self) -> None:
        self._stage.close()


class _Level:
    """Sums the input up, ten times a second."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._count = 0
        self._squares = 0.0
        self._peak = 0.0
        self._muted = False

    def add(self, samples: Samples, at_s: float, *, muted: bool) -> None:
        self._count += len(samples)
        self._squares += float(np.dot(samples, samples))
        self._peak = max(self._peak, float(np.abs(samples).max()))
        self._muted |= muted
        if self._count >= LEVEL_EVERY_S * RECOGNITION_RATE:
            rms = (self._squares / self._count) ** 0.5
            self._emit(InputLevel(at_s, self._peak, rms, self._muted))
            self._count, self._squares, self._peak, self._muted = 0, 0.0, 0.0, False

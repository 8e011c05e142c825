"""The stages of a live session and the threads that they run in. The flow is drawn in `ports`.

An error in any stage ends all of them. The record keeps what was recognized and translated before.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import TypeAlias

from stslocal.live.by_ear import LiveByEar
from stslocal.live.capture import Capture
from stslocal.live.echo import Guard, OwnVoice
from stslocal.live.lag import LAG_LIMITS, RELIEFS, LagController, LagLimits, Relief
from stslocal.live.playback import Play
from stslocal.live.playhead import Playhead
from stslocal.live.ports import LivePorts, PlayedSegment
from stslocal.live.recognize import Recognize
from stslocal.live.segmentation import segment_committed
from stslocal.live.speak import Speak, SpeechChunk
from stslocal.live.stream_clock import StreamClock
from stslocal.live.unspoken import LeaveUnspoken
from stslocal.metrics import Emit, ReliefChanged, ignore
from stslocal.pipeline.runner import PipelineRunner
from stslocal.pipeline.stage import Chain, Stage, chain
from stslocal.translation.translate import Translate
from stslocal.types import Samples, Segment, Sound, TranslatedSegment

RunStages: TypeAlias = Callable[
    [Iterable[Samples], Chain[Samples, PlayedSegment]], Iterator[PlayedSegment]
]
"""Moves the items of a source through stages, and yields what the last stage yields."""

_RING_CAPACITY = 256
"""Segments or chunks of speech that may wait between two stages. It is more than ever wait there,
since a segment that comes much too late is not spoken. So the recognizer never waits for speech."""


class LiveSession:
    """A live session, from the first sample to the last. Iterate it once.

    It closes input and output. `emit` is called from several threads.
    """

    def __init__(
        self,
        ports: LivePorts,
        *,
        target: str,
        clock: StreamClock,
        playhead: Playhead | None = None,
        by_ear: LiveByEar | None = None,
        lag: LagLimits = LAG_LIMITS,
        reliefs: Iterable[Relief] = RELIEFS,
        emit: Emit = ignore,
        run: RunStages | None = None,
        synthesis_workers: int = 1,
    ) -> None:
        """`by_ear` translates segments without a translator; None if every language has one.

        `playhead` is shared with the segmenter, which reads how much is still to be played.
        `reliefs` are the ones that may be taken against more lag than `lag` allows.
        `synthesis_workers` pieces of a segment are synthesized at once.
        `run` moves the source's items through the stages, such as `run_inline` for tests on a
        VirtualClock; None runs each stage in a thread.
        """
        self._ports = ports
        self._clock = clock
        self._emit = emit
        self._run_stages = run or self._run_in_threads
        self._own_voice = OwnVoice()
        self.lag = LagController(
            lag, available=reliefs, on_change=self._relief_changed,
            # Speech that waits for the speaker's pause is late on purpose.
            may_leave_out=lambda: ports.duplex.name != "half",
        )  # fmt: skip
        self._playhead = playhead or Playhead()
        coverage = ports.translators.coverage
        recognize = Recognize(
            ports.listener,
            by_ear=by_ear,
            reliefs=lambda: self.lag.active,
            on_segment=self._recognized,
        )
        guard = Guard(
            self._own_voice,
            target=target,
            clock=clock,
            is_captured=lambda: ports.duplex.name != "full",
            is_taken_out=lambda: ports.duplex.takes_echo_out,
            is_echo=ports.duplex.is_echo,
            has_translator=lambda language: coverage.has_translator(language, target),
            emit=emit,
        )
        translate = Translate(
            ports.translators, target=target, quick=True, across_cuts=True, clock=clock, emit=emit
        )
        speak: Stage[TranslatedSegment, SpeechChunk] = LeaveUnspoken(
            self._playhead, clock=clock, on_begin=self._translated
        )
        if ports.synthesizer is not None:
            speak = Speak(
                ports.synthesizer, ports.voice.voice, self.lag, self._playhead,
                clock=clock, workers=synthesis_workers, emit=emit, on_begin=self._translated,
            )  # fmt: skip
        self._play = Play(
            ports.output, self._playhead, clock=clock, emit=emit, on_audio=self._on_audio,
            may_start=lambda: ports.duplex.may_start(clock.now()),
        )  # fmt: skip
        self._chain = chain(recognize).then(guard).then(translate).then(speak).then(self._play)
        self._capture = Capture(
            ports.input, ports.duplex, ports.record,
            watch=ports.watch, clock=clock, emit=emit, on_block=self._play.report_played,
            correct=recognize.correct,
        )  # fmt: skip

    def __iter__(self) -> Generator[PlayedSegment, None, None]:
        """Run, and yield each segment once its speech is on its way to the loudspeaker.

        Raises StageError when a stage fails. Then, and after Ctrl-C, everything is closed.
        """
        with closing(self._ports.input), closing(self._ports.output):
            self._clock.begin()
            for segment in self._run_stages(self._capture, self._chain):
                self._ports.record.segment_played(segment)
                self._own_voice.played(segment.index, segment.start_s, segment.end_s)
                yield segment

    def stop(self) -> None:
        """End after the speech captured until now is translated and spoken.

        May be called from any thread and from a signal handler.
        """
        self._ports.input.stop()

    def _run_in_threads(
        self, source: Iterable[Samples], chain: Chain[Samples, PlayedSegment]
    ) -> Iterator[PlayedSegment]:
        with PipelineRunner(
            source,
            chain,
            pulling=1,
            ring_capacity=_RING_CAPACITY,
            name="live",
            emit=self._emit,
            on_stop=self._ports.input.stop,
            on_abort=self._play.stop,
        ) as run:
            yield from run

    def _recognized(self, segment: Segment, sound: Sound) -> None:
        self._playhead.expect(segment, self._clock.now())
        self._emit(segment_committed(segment, self._clock.now()))
        self._ports.record.recognized(segment)
        self._ports.voice.add(segment, sound)

    def _translated(self, item: TranslatedSegment) -> None:
        self._ports.record.translated(item)
        self._own_voice.remember(item, self._clock.now())

    def _on_audio(self, samples: Samples, at_s: float, position: int) -> None:
        output = self._ports.output
        at = output.clock_position(position)
        self._ports.duplex.played(samples, output.sample_rate, at_s, at)
        self._ports.record.played(samples, at_s)

    def _relief_changed(self, relief: Relief, taken: bool, behind_s: float) -> None:
        self._emit(ReliefChanged(self._clock.now(), relief, taken, behind_s))

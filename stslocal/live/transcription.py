"""A live session that recognizes, and translates and speaks nothing."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from stslocal.clock import Clock
from stslocal.live.capture import Capture
from stslocal.live.full_duplex import FullDuplex
from stslocal.live.listener import StreamingListener
from stslocal.live.ports import AudioInput, Duplex, NoRecord
from stslocal.live.recognize import Recognize
from stslocal.live.segmentation import LiveSegmenter, limits_for, segment_committed
from stslocal.live.stream_clock import StreamClock
from stslocal.loading.engines import RecognitionEngines
from stslocal.metrics import Emit, ignore
from stslocal.pipeline.runner import PipelineRunner
from stslocal.pipeline.stage import chain
from stslocal.settings import Settings
from stslocal.types import Segment


class LiveTranscription:
    """The recognition of one speaker, from the first sample to the last. Iterate it once."""

    def __init__(
        self,
        engines: RecognitionEngines,
        settings: Settings,
        input: AudioInput,
        *,
        duplex: Duplex | None = None,
        clock: Clock,
        emit: Emit = ignore,
    ) -> None:
        """Of the settings it takes the source language and the patience."""
        language = None if settings.source == "auto" else settings.source
        self._clock = stream_clock = StreamClock(clock)
        self._input = input
        self._emit = emit
        listener = StreamingListener(
            engines.vad,
            engines.recognizer,
            LiveSegmenter(language or "", limits=limits_for(settings.patience, settings.max_lag_s)),
            language=language,
            clock=stream_clock,
            emit=emit,
        )
        self._recognize = Recognize(listener)
        self._capture = Capture(
            input, duplex or FullDuplex(), NoRecord(),
            clock=stream_clock, emit=emit, correct=self._recognize.correct,
        )  # fmt: skip

    def __iter__(self) -> Generator[Segment, None, None]:
        """Run, and yield each segment when it is committed. Raises StageError when a stage fails.

        The input is closed at the end.
        """
        stop: Callable[[], None] = self._input.stop
        with closing(self._input):
            self._clock.begin()
            with PipelineRunner(
                self._capture, chain(self._recognize), pulling=1, name="live", emit=self._emit,
                on_stop=stop,
            ) as run:  # fmt: skip
                for segment in run:
                    self._emit(segment_committed(segment, self._clock.now()))
                    yield segment

"""Playback: when each chunk of speech goes to the loudspeaker, and when it sounds."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from stslocal.clock import Clock
from stslocal.live.fragments import ends_phrase
from stslocal.live.playhead import Playhead
from stslocal.live.ports import AudioOutput, PlayedSegment
from stslocal.live.speak import SpeechChunk
from stslocal.metrics import (
    DeviceXrun,
    Emit,
    LagMeasured,
    PlaybackEnded,
    PlaybackStarted,
    ignore,
)
from stslocal.text.sentences import ends_sentence
from stslocal.types import Samples, TranslatedSegment

CUT_PAUSE_S = 0.15
"""After a segment that ends within a phrase: the next one continues it."""
CLAUSE_PAUSE_S = 0.3
SENTENCE_PAUSE_S = 0.6
FADE_S = 0.012
"""Seconds of fade at the start and the end of speech, which would click without it."""

_POLL_S = 0.05
"""Interval at which `finish` checks whether all speech was played, and a segment whether it may
start."""


class Play:
    """Sends speech to the loudspeaker, with pauses between segments.

    A segment starts only when its later chunks are expected in time, so that there is no underrun.

    `report_played` reports the segments that began or ended since its last call. It is called with
    each chunk, and other threads may call it in between; the reported times do not depend on when.
    """

    name = "play"

    def __init__(
        self,
        output: AudioOutput,
        playhead: Playhead,
        *,
        clock: Clock,
        emit: Emit = ignore,
        on_audio: Callable[[Samples, float, int], None] = lambda *_: None,
        may_start: Callable[[], bool] = lambda: True,
    ) -> None:
        """`on_audio(samples, at_s, position)` gets all speech that was written to the output, with
        the time at which it will sound and the position of its first sample.

        `may_start` says whether a segment may start now; as long as it may not, it waits.
        """
        self._may_start = may_start
        self._output = output
        self._playhead = playhead
        self._clock = clock
        self._emit = emit
        self._on_audio = on_audio
        self._marks: deque[tuple[int, Callable[[float], None]]] = deque()
        self._marks_lock = threading.Lock()
        self._stopped = False
        self._start_s: float | None = None
        self._ends_s = 0.0
        self._pause_s = 0.0
        self._tail = np.zeros(0, np.float32)

    def process(self, chunk: SpeechChunk) -> Iterator[PlayedSegment]:
        self.report_played()
        if len(chunk.samples):
            duration_s = len(chunk.samples) / self._output.sample_rate
            samples = chunk.samples
            if chunk.first:
                self._wait_before(chunk)
                samples = faded_in(samples, self._fade)
            else:
                self._report_underrun()
            self._send(np.concatenate([self._tail, samples]), keep=self._fade)
            self._playhead.sent(duration_s, self._ends_s)
        if chunk.last:
            yield self._end(chunk)
        self.report_played()

    def finish(self) -> Iterator[PlayedSegment]:
        """Wait until all speech was played."""
        while self._marks and not self._stopped:
            self._clock.sleep_until(self._clock.now() + _POLL_S)
            self.report_played()
        if not self._stopped:
            self._clock.sleep_until(self._ends_s)
        yield from ()

    def stop(self) -> None:
        """End all waiting. May be called from any thread."""
        self._stopped = True
        self._output.stop()

    def report_played(self) -> None:
        """Report the segments whose beginning or end has left for the device.

        The reported time is when it sounds, which is a little later.
        """
        with self._marks_lock:
            played = self._output.played
            while self._marks and self._marks[0][0] < played:
                position, report = self._marks.popleft()
                report(self._sounds_at_s(position))

    @property
    def _fade(self) -> int:
        return round(FADE_S * self._output.sample_rate)

    def _sounds_at_s(self, position: int) -> float:
        """When the sample at `position` sounds, in stream time."""
        return self._clock.now() + self._output.sounds_in_s(position)

    def _free_s(self) -> float:
        """When a sample that is written now sounds, in stream time."""
        return self._sounds_at_s(self._output.written)

    def _wait_before(self, chunk: SpeechChunk) -> None:
        """Write silence before a segment: its pause, and the time until later chunks are ready."""
        while not self._may_start() and not self._stopped:
            self._clock.sleep_until(self._clock.now() + _POLL_S)
            self.report_played()
        now_s = self._clock.now()
        free_s = self._free_s()
        start_s = max(free_s, self._ends_s + chunk.pause_scale * self._pause_s)
        start_s = max(start_s, now_s + self._output.latency_s + chunk.lead_s)
        silence = round((start_s - free_s) * self._output.sample_rate)
        self._output.write(np.zeros(silence, np.float32))
        self._start_s = free_s + silence / self._output.sample_rate
        self._ends_s = self._start_s
        segment = chunk.item.segment
        self._mark(
            lambda at_s: self._emit(
                PlaybackStarted(at_s, segment.index, segment.start_s, segment.end_s)
            ),
            position=self._output.written,
        )

    def _report_underrun(self) -> None:
        missing_s = self._free_s() - self._ends_s
        missing = round(missing_s * self._output.sample_rate)
        if self._output.written == self._output.played and missing > self._fade:
            self._emit(DeviceXrun(self._clock.now(), "output", missing))

    def _send(self, samples: Samples, *, keep: int) -> None:
        """Write all but the last `keep` samples, which wait to be faded out if they are the end.

        `samples` begin with the samples that waited before.
        """
        follows_s = self._ends_s - len(self._tail) / self._output.sample_rate
        cut = max(0, len(samples) - keep)
        samples, self._tail = samples[:cut], samples[cut:]
        if not len(samples):
            return
        at_s = self._free_s()
        if abs(at_s - follows_s) <= FADE_S:  # no gap: the device's own figure is less exact
            at_s = follows_s
        position = self._output.written
        self._output.write(samples)
        # Only what was written has a place among the silence that the device fills in by itself.
        self._on_audio(samples, at_s, position)
        self._ends_s = at_s + (len(samples) + len(self._tail)) / self._output.sample_rate

    def _end(self, chunk: SpeechChunk) -> PlayedSegment:
        item = chunk.item
        if self._start_s is not None:
            self._send(faded_out(self._tail, self._fade), keep=0)
            self._pause_s = _pause_s(item)
            self._playhead.pause_after(chunk.pause_scale * self._pause_s)
            self._mark(lambda at_s: self._report_end(item, at_s), position=self._output.written - 1)
        played = PlayedSegment(
            item,
            start_s=self._start_s,
            end_s=self._ends_s,
            voice=chunk.voice,
            speed=chunk.speed,
            synthesis_s=chunk.synthesis_s,
        )
        self._start_s = None
        return played

    def _report_end(self, item: TranslatedSegment, at_s: float) -> None:
        self._emit(PlaybackEnded(at_s, item.index))
        self._emit(LagMeasured(at_s, spoken_s=at_s, played_s=item.segment.end_s))

    def _mark(self, report: Callable[[float], None], *, position: int) -> None:
        """Have `report` called with the time at which the sample at `position` sounds."""
        with self._marks_lock:
            self._marks.append((position, report))


def faded_in(samples: Samples, length: int) -> Samples:
    """A copy whose first `length` samples rise from zero."""
    length = min(length, len(samples))
    faded = samples.copy()
    faded[:length] *= np.linspace(0.0, 1.0, length, endpoint=False, dtype=np.float32)
    return faded


def faded_out(samples: Samples, length: int) -> Samples:
    """A copy whose last `length` samples fall to zero."""
    return faded_in(samples[::-1], length)[::-1].copy()


def _pause_s(item: TranslatedSegment) -> float:
    """The pause after a segment."""
    words = item.text.split()
    if item.segment.complete:
        is_sentence = bool(words) and ends_sentence(words[-1], None, item.language)
        return SENTENCE_PAUSE_S if is_sentence else CLAUSE_PAUSE_S
    return CLAUSE_PAUSE_S if ends_phrase(item.text) else CUT_PAUSE_S

"""Turns translated sentences into speech that stays beside the speaker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import numpy as np

from stslocal.audio.resample import resample
from stslocal.audio.tempo import shortened
from stslocal.engines.protocols import SpeechSynthesizer
from stslocal.files.placement import (
    COMFORTABLE_SPEED,
    USUAL_PLACEMENT,
    Expected,
    Place,
    PlacementLimits,
    TargetTimeline,
    place,
)
from stslocal.results.session_segment import SpeechCheck
from stslocal.text.chunks import CLAUSE_PAUSE_S
from stslocal.translation.dropped import is_silent
from stslocal.types import (
    RECOGNITION_RATE,
    Samples,
    SpokenSegment,
    TranslatedSegment,
    VoiceProfile,
)

LOOKAHEAD_S = 20.0
"""Seconds of the recording that are known beyond a sentence when its speed is chosen: in 20 s,
6 s more of speech are said at 1.5 than at 1.2."""

ORIGINAL = "original"
"""Stands for the name of the voice where a segment keeps its original sound."""

_MUCH_TOO_LONG_S = 0.5
"""A sentence that makes the next one so late is said in a shorter way if there is one."""

_PRIOR_S = 10.0
"""Seconds of speech after which what was measured counts as much as the engine's estimate."""


@dataclass(frozen=True, slots=True)
class PlacedSegment:
    """A spoken segment, and its start in the translated audio."""

    spoken: SpokenSegment
    start_s: float
    check: SpeechCheck | None = None
    """What was found when the speech was recognized again; None where it was not."""

    @property
    def end_s(self) -> float:
        return self.start_s + self.spoken.duration_s


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A segment whose speed is not chosen yet."""

    item: TranslatedSegment
    estimated_s: float
    """Seconds of its speech at the voice's own speed, as the engine estimates them."""


@dataclass(frozen=True, slots=True)
class _InWork:
    """A segment that is being synthesized."""

    estimated_s: float
    expected_s: float
    """The same, corrected by what was measured."""
    place: Place
    speech: Future[SpokenSegment]


def _one_way(item: TranslatedSegment) -> Sequence[str]:
    """There is no shorter way."""
    return ()


def speech_of(
    synthesizer: SpeechSynthesizer,
    voice: VoiceProfile,
    item: TranslatedSegment,
    speed: float,
    parts: Sequence[str] = (),
) -> SpokenSegment:
    """Speak a segment: its text, or the `parts` one by one. It has no samples if it is silent."""
    began = perf_counter()
    own_speed = min(speed, COMFORTABLE_SPEED)
    rate = synthesizer.sample_rate
    pause = np.zeros(round(CLAUSE_PAUSE_S / own_speed * rate), np.float32)
    chunks: list[Samples] = []
    for part in parts or (item.text,):
        if chunks:
            chunks.append(pause)
        chunks += synthesizer.synthesize(part, language=item.language, voice=voice, speed=own_speed)
    spoken = SpokenSegment(
        translated=item,
        samples=np.concatenate(chunks) if chunks else np.zeros(0, np.float32),
        sample_rate=rate,
        voice=voice.name,
        speed=speed,
        synthesis_s=perf_counter() - began,
    )
    if is_silent(spoken):
        return replace(spoken, samples=spoken.samples[:0])
    # Voices that are asked for more leave out sounds: words are lost (docs/benchmarks.md).
    return replace(spoken, samples=shortened(spoken.samples, rate, speed / own_speed))


class Synthesize:
    """Turns translated segments into speech, and places each of them.

    A segment waits until LOOKAHEAD_S of the recording after it are known. `workers` segments are
    synthesized at once; they leave in their order. A segment without sound has no samples.

    The result does not depend on how fast the threads are: of the segments before it, a segment's
    place takes into account the true lengths of all but the last `workers`.
    """

    name = "synthesize"

    def __init__(
        self,
        synthesizer: SpeechSynthesizer,
        voice: VoiceProfile,
        *,
        voices: Mapping[str, VoiceProfile] | None = None,
        limits: PlacementLimits = USUAL_PLACEMENT,
        shorter: Callable[[TranslatedSegment], Sequence[str]] = _one_way,
        on_shortened: Callable[[TranslatedSegment], None] = lambda item: None,
        workers: int = 1,
    ) -> None:
        """`voices` are those of speakers, by name; `voice` speaks for all others.

        `shorter` gives shorter translations of a segment, the longest first. `on_shortened` gets
        each segment that has one of them in the end.
        """
        self._voices = voices or {}
        self._synthesizer = synthesizer
        self._voice = voice
        self._limits = limits
        self._shorter = shorter
        self._on_shortened = on_shortened
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="synthesize")
        self._waiting: deque[_Waiting] = deque()
        self._in_work: deque[_InWork] = deque()
        self._timeline = TargetTimeline()
        """Of the segments that have left."""
        self._estimated_s = self._measured_s = _PRIOR_S
        """Seconds of speech at the voice's own speed: all that left, and `_PRIOR_S`."""

    def process(self, item: TranslatedSegment) -> Iterator[PlacedSegment]:
        self._waiting.append(self._estimated(item))
        known_s = item.segment.start_s - LOOKAHEAD_S
        while self._waiting[0].item.segment.start_s < known_s:
            self._start()
            while len(self._in_work) > self._workers:
                yield self._finished()

    def finish(self) -> Iterator[PlacedSegment]:
        while self._waiting:
            self._start()
            while len(self._in_work) > self._workers:
                yield self._finished()
        while self._in_work:
            yield self._finished()

    def close(self) -> None:
        """Drop the segments that are not begun, and wait for the others."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _estimated(self, item: TranslatedSegment) -> _Waiting:
        original = item.segment.original
        if original is not None:
            return _Waiting(item, len(original) / RECOGNITION_RATE)
        return _Waiting(
            item,
            self._synthesizer.estimate_s(
                item.text, language=item.language, voice=self._voice_for(item)
            ),
        )

    def _start(self) -> None:
        self._shorten_first()
        sentences = [self._expected(one) for one in self._waiting]
        first = self._waiting.popleft()
        if first.item.segment.original is None:
            chosen = place(sentences, self._expected_timeline(), self._limits)
            speech = self._pool.submit(self.say, first.item, chosen.speed)
        else:
            chosen = Place(first.item.segment.start_s, 1.0)
            speech = self._pool.submit(self._keep, first.item, first.item.segment.original)
        self._in_work.append(_InWork(first.estimated_s, sentences[0].duration_s, chosen, speech))

    def _shorten_first(self) -> None:
        """Say the first segment in a shorter way if it makes the next one late.

        That is the longest way that does not, or else the shortest one.
        """
        first = self._waiting[0]
        if first.item.segment.original is not None or len(self._waiting) < 2:
            return
        timeline = self._expected_timeline()
        latest_s = self._waiting[1].item.segment.start_s + _MUCH_TOO_LONG_S
        fits = partial(self._is_over_before, latest_s, timeline)
        if fits(first):
            return
        began = perf_counter()
        ways = [self._estimated(replace(first.item, text=t)) for t in self._shorter(first.item)]
        ways = [way for way in ways if way.estimated_s < first.estimated_s]
        if ways:
            way = next(filter(fits, ways), ways[-1])
            took_s = first.item.translation_s + perf_counter() - began
            item = replace(way.item, translation_s=took_s)
            self._waiting[0] = replace(way, item=item)
            self._on_shortened(item)

    def _is_over_before(self, latest_s: float, timeline: TargetTimeline, one: _Waiting) -> bool:
        """Whether a segment is over by `latest_s`, at a speed that nobody minds."""
        expected = self._expected(one)
        comfortable = min(COMFORTABLE_SPEED, self._limits.max_speed)
        start_s = timeline.earliest_s(expected.start_s)
        return start_s + expected.duration_s / comfortable <= latest_s

    def _expected(self, one: _Waiting) -> Expected:
        segment = one.item.segment
        correction = self._measured_s / self._estimated_s if segment.original is None else 1.0
        return Expected(segment.start_s, segment.end_s, correction * one.estimated_s)

    def _expected_timeline(self) -> TargetTimeline:
        """The timeline up to the last segment that is in work."""
        timeline = replace(self._timeline)
        for one in self._in_work:
            timeline.place(one.place.start_s, one.expected_s / one.place.speed)
        return timeline

    def _finished(self) -> PlacedSegment:
        """Wait for the first segment in work, and place it."""
        done = self._in_work.popleft()
        spoken = done.speech.result()
        if len(spoken.samples) and spoken.translated.segment.original is None:
            self._estimated_s += done.estimated_s
            self._measured_s += spoken.duration_s * spoken.speed
        return PlacedSegment(spoken, self._timeline.place(done.place.start_s, spoken.duration_s))

    def _voice_for(self, item: TranslatedSegment) -> VoiceProfile:
        return self._voices.get(item.segment.speaker, self._voice)

    def say(self, item: TranslatedSegment, speed: float) -> SpokenSegment:
        """Speak a segment at a speed; it is not placed."""
        return speech_of(self._synthesizer, self._voice_for(item), item, speed)

    def _keep(self, item: TranslatedSegment, original: Samples) -> SpokenSegment:
        """The segment with its original sound, at the synthesizer's rate."""
        began = perf_counter()
        rate = self._synthesizer.sample_rate
        samples = resample(original, RECOGNITION_RATE, rate)
        return SpokenSegment(item, samples, rate, ORIGINAL, 1.0, perf_counter() - began)


class LeaveUnspoken:
    """Passes translated segments on without samples, each at the time of its source."""

    name = "leave unspoken"

    def process(self, item: TranslatedSegment) -> Iterator[PlacedSegment]:
        silent = SpokenSegment(item, np.zeros(0, np.float32), RECOGNITION_RATE, "", 1.0, 0.0)
        yield PlacedSegment(silent, item.segment.start_s)

    def finish(self) -> Iterator[PlacedSegment]:
        yield from ()

"""Live synthesis: a translated segment to chunks of speech, the first as early as possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from stslocal.audio.tempo import shortened
from stslocal.clock import Clock
from stslocal.engines.protocols import SpeechSynthesizer
from stslocal.live.fragments import ends_phrase, fragments
from stslocal.live.lag import VOICE_SPEED, LagController
from stslocal.live.playhead import Playhead
from stslocal.metrics import Emit, FirstAudio, Notice, SegmentDropped, SegmentPaced, ignore
from stslocal.metrics.events import DropReason
from stslocal.translation.dropped import has_words, is_silence
from stslocal.types import Samples, TranslatedSegment, VoiceProfile

_LEARNING = 0.2
"""Weight of the newest observation in the estimate for the synthesizer."""
_TOO_SLOW = 1.0
"""Seconds of work for a second of speech from which synthesis does not keep up."""
FIRST_PIECE_S = 0.8
"""Speech in the first piece of a segment: the listener waits while it is synthesized."""
PHRASE_PAUSE_S = 0.15
"""Pause between two pieces at a comma and the like."""


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A chunk of a segment's speech. A segment ends with a chunk that is `last` and empty."""

    item: TranslatedSegment
    samples: Samples = field(repr=False)
    voice: str
    speed: float
    pause_scale: float
    """Factor for the pause before the segment: 1 leaves it as it is."""
    first: bool = False
    last: bool = False
    lead_s: float = 0.0
    """In the first chunk: how long to hold it back, so that the later ones come in time."""
    synthesis_s: float = 0.0
    """In the last chunk: seconds of work for the whole segment."""

    @property
    def index(self) -> int:
        return self.item.index


class Speak:
    """Speaks each segment at the pace that keeps the listener close to the speaker."""

    name = "speak"

    def __init__(
        self,
        synthesizer: SpeechSynthesizer,
        voice: Callable[[], VoiceProfile | None],
        controller: LagController,
        playhead: Playhead,
        *,
        clock: Clock,
        workers: int = 1,
        emit: Emit = ignore,
        on_begin: Callable[[TranslatedSegment], None] = lambda item: None,
    ) -> None:
        """`on_begin` is called with each segment before it is spoken or dropped.

        `voice` returns the voice for a segment; None is the language's default voice.

        `workers` pieces of a segment are synthesized at once; with 1, in the caller's thread.
        """
        self._synthesizer = synthesizer
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="speak")
        self._voice = voice
        self._controller = controller
        self._playhead = playhead
        self._clock = clock
        self._emit = emit
        self._on_begin = on_begin
        self._estimate = _SynthesisEstimate()
        self._is_slowness_reported = False

    def process(self, item: TranslatedSegment) -> Iterator[SpeechChunk]:
        self._on_begin(item)
        voice = self._voice()
        began_s = self._clock.now()
        expected_s = self._expected_s(item, voice)
        pace = self._controller.pace(
            item.segment,
            expected_s=expected_s,
            ready_s=began_s + self._estimate.wait_s(expected_s),
            free_s=self._playhead.free_s(began_s),
        )
        ending = SpeechChunk(
            item,
            np.zeros(0, np.float32),
            voice="" if voice is None else voice.name,
            speed=pace.speed,
            pause_scale=pace.pause_scale,
            last=True,
        )
        if not pace.spoken:
            self._emit(SegmentDropped(began_s, item.index, "too slow", item.text))
            self._playhead.completed(item.segment, 0.0, began_s)
            yield ending
            return
        self._emit(SegmentPaced(began_s, item.index, pace.speed, pace.pause_scale, pace.behind_s))
        spoken_s = work_s = 0.0
        has_sound = False
        pieces = self._pieces(item, expected_s / pace.speed)
        lead_s = self._estimate.lead_s([duration_s for _, duration_s in pieces])
        speech = self._synthesized(item, pieces, voice, pace.speed)
        for samples in self._timed(speech):
            first = spoken_s == 0
            if first:
                self._emit(FirstAudio(self._clock.now(), item.index, began_s))
            duration_s = len(samples) / self._synthesizer.sample_rate
            work_s += self._chunk_s
            spoken_s += duration_s
            has_sound = has_sound or not is_silence(samples)
            self._estimate.learn_from_chunk(self._chunk_s, duration_s, first=first)
            self._playhead.synthesized(item.index, duration_s, self._clock.now())
            yield SpeechChunk(
                item,
                samples,
                voice=ending.voice,
                speed=pace.speed,
                pause_scale=pace.pause_scale,
                first=first,
                lead_s=lead_s if first else 0.0,
            )
        if not has_sound and (item.text or not item.is_part):
            reason: DropReason
            reason = "no sound" if has_words(item.text) else "no words"
            self._emit(SegmentDropped(self._clock.now(), item.index, reason, item.text))
        self._playhead.completed(item.segment, spoken_s, self._clock.now())
        self._estimate.learn_from_segment(expected_s, spoken_s * pace.speed)
        if pace.behind_s > self._controller.limits.max_lag_s:
            self._report_slow_machine()
        yield SpeechChunk(
            item,
            ending.samples,
            voice=ending.voice,
            speed=pace.speed,
            pause_scale=pace.pause_scale,
            last=True,
            synthesis_s=work_s,
        )

    def finish(self) -> Iterator[SpeechChunk]:
        yield from ()

    def close(self) -> None:
        """Wait for the pieces that are being synthesized."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _expected_s(self, item: TranslatedSegment, voice: VoiceProfile | None) -> float:
        """The expected length of the segment's speech at speed 1.

        The synthesizer estimates it only once, because that takes time while the listener waits.
        """
        if self._estimate.character_s is None:
            speech_s = self._synthesizer.estimate_s(item.text, language=item.language, voice=voice)
            if speech_s <= 0:
                return 0.0  # a text without words: nothing to learn from it
            self._estimate.character_s = speech_s / max(1, len(item.text))
        return self._estimate.character_s * len(item.text)

    def _pieces(self, item: TranslatedSegment, expected_s: float) -> list[tuple[str, float]]:
        """(text, expected seconds of speech) of each piece that is synthesized at once."""
        if self._synthesizer.capabilities.streams_within or expected_s <= 0:
            return [(item.text, expected_s)]
        character_s = expected_s / max(1, len(item.text))
        growth = min(2.5, max(1.0, 0.8 / self._estimate.rate))
        texts = fragments(item.text, item.language, round(FIRST_PIECE_S / character_s), growth)
        return [(text, len(text) * character_s) for text in texts]

    def _synthesized(
        self,
        item: TranslatedSegment,
        pieces: list[tuple[str, float]],
        voice: VoiceProfile | None,
        speed: float,
    ) -> Iterator[Samples]:
        # Parts of a sound that streams would not fit each other if each were shortened alone.
        streams = self._synthesizer.capabilities.streams_within
        own_speed = speed if streams else min(speed, VOICE_SPEED)

        def speech(text: str, *, last: bool) -> Iterator[Samples]:
            # A comma keeps the voice from falling where the sentence goes on.
            ends = ends_phrase(text) or not has_words(text)
            goes_on = not last or not item.segment.complete
            for samples in self._synthesizer.synthesize(
                f"{text}," if goes_on and not ends else text,
                language=item.language,
                voice=voice,
                speed=own_speed,
            ):
                yield shortened(samples, self._synthesizer.sample_rate, speed / own_speed)
            if ends_phrase(text) and not last:
                pause = round(PHRASE_PAUSE_S / speed * self._synthesizer.sample_rate)
                yield np.zeros(pause, np.float32)

        parts = [
            speech(text, last=number == len(pieces)) for number, (text, _) in enumerate(pieces, 1)
        ]
        if self._workers == 1 or len(parts) == 1:
            for part in parts:
                yield from part
            return
        # The listener waits for the first piece, so nothing else is synthesized meanwhile.
        yield from parts[0]
        yield from in_order(parts[1:], self._pool)

    def _report_slow_machine(self) -> None:
        """Say once that the lag has its cause in the machine, if it has, and what helps."""
        rate = self._estimate.rate
        if rate > _TOO_SLOW and not self._is_slowness_reported:
            self._is_slowness_reported = True
            text = (
                f"this machine is too slow for the voice: a second of speech takes {rate:.1f} s. "
                "Close other programs, or see what `stslocal doctor` advises"
            )
            self._emit(Notice(self._clock.now(), text))

    def _timed(self, chunks: Iterator[Samples]) -> Iterator[Samples]:
        """Yield the chunks that are not empty, and set `_chunk_s` to the seconds of work for each.

        Values that are no numbers become silence: at a loudspeaker they would be anything.
        The consumer's time between two chunks, such as waiting for room, is not counted.
        """
        while True:
            began_s = self._clock.now()
            samples = next(chunks, None)
            self._chunk_s = self._clock.now() - began_s
            if samples is None:
                return
            if len(samples):
                yield np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)


def in_order(parts: Sequence[Iterator[Samples]], pool: ThreadPoolExecutor) -> Iterator[Samples]:
    """Yield the items of the iterators one after the other, while all of them work at once."""
    working = [pool.submit(list, part) for part in parts]
    try:
        for part in working:
            yield from part.result()
    finally:
        for part in working:
            part.cancel()


class _SynthesisEstimate:
    """The expected speed of the synthesizer, learnt from its work so far."""

    def __init__(self) -> None:
        self.character_s: float | None = None
        """Seconds of speech for a character of text; None before the first text."""
        self._first_s = 0.5
        """Seconds of work until the first chunk."""
        self.rate = 0.7
        """Seconds of work for a second of speech."""

    def wait_s(self, expected_s: float) -> float:
        """Time from the start of a synthesis until its speech can be played without underrun."""
        return self._first_s + max(0.0, (self.rate - 1) * expected_s)

    def lead_s(self, durations_s: Sequence[float]) -> float:
        """How long the first piece must wait, so that the later pieces come in time.

        `durations_s` are the expected seconds of speech of all pieces, in order.
        """
        lead_s = played_s = work_s = 0.0
        for duration_s, next_s in pairwise(durations_s):
            played_s += duration_s
            work_s += self.rate * next_s
            lead_s = max(lead_s, work_s - played_s)
        return lead_s

    def learn_from_chunk(self, work_s: float, duration_s: float, *, first: bool) -> None:
        if work_s == 0:
            return  # a pause
        self.rate += _LEARNING * (work_s / duration_s - self.rate)
        if first:
            self._first_s += _LEARNING * (work_s - self._first_s)

    def learn_from_segment(self, expected_s: float, duration_s: float) -> None:
        if expected_s > 0.5 and duration_s > 0 and self.character_s is not None:
            ratio = min(2.0, max(0.5, duration_s / expected_s))
            self.character_s *= 1 + _LEARNING * (ratio - 1)

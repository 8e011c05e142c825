"""A live session for a program that supplies the sound and takes the speech itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import numpy as np

from stslocal.audio.resample import Resampler
from stslocal.audio.simulated import SilentOutput
from stslocal.clock import Clock, RealClock
from stslocal.live.options import LiveOptions
from stslocal.live.translation import LiveTranslation
from stslocal.loading.engines import Engines
from stslocal.metrics import Event
from stslocal.rings import MessageRing, RingClosed
from stslocal.types import RECOGNITION_RATE, Samples

_QUEUE = 1024
"""Events that may wait for a slow consumer. When more come, the session waits for it."""


def translate_stream(
    engines: Engines,
    options: LiveOptions,
    chunks: Iterable[Samples],
    sample_rate: int,
    on_audio: Callable[[Samples], None],
) -> Iterator[Event]:
    """Translate `chunks` live, and yield the session's events; see `SpeechTranslator.stream`."""
    clock = RealClock()
    ring: MessageRing[Event] = MessageRing(_QUEUE)
    source = ChunksInput(chunks, sample_rate, clock)
    output = CallbackOutput(engines.synthesizer.sample_rate, clock, on_audio)
    failures: list[BaseException] = []

    def emit(event: Event) -> None:
        with suppress(RingClosed):  # the consumer has left
            ring.put(event)

    def run_session() -> None:
        try:
            with LiveTranslation(engines, options, source, output, clock=clock, emit=emit) as live:
                for _ in live.session:
                    pass
        except BaseException as error:  # noqa: BLE001 - raised in the consumer's thread
            failures.append(error)
        finally:
            ring.close()

    thread = threading.Thread(target=run_session, name="live stream")
    thread.start()
    try:
        yield from ring
    finally:
        source.stop()
        output.stop()
        ring.abort()
        thread.join()
    if failures:
        raise failures[0]


class ChunksInput:
    """An AudioInput that takes its samples from an iterable of chunks."""

    overrun = 0
    latency_s = 0.0

    def __init__(self, chunks: Iterable[Samples], sample_rate: int, clock: Clock) -> None:
        self._chunks = iter(chunks)
        self._resampler = Resampler(sample_rate, RECOGNITION_RATE)
        self._clock = clock
        self._given = 0
        self._ended = self._stopped = False

    @property
    def captured_s(self) -> float:
        return self._given / RECOGNITION_RATE

    def read(self) -> Samples:
        """Return the next samples at 16 kHz, from one chunk or from several short ones."""
        while not self._ended and not self._stopped:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._ended = True
                samples = self._resampler.flush()
            else:
                samples = self._resampler.process(np.asarray(chunk, np.float32))
            if len(samples):
                self._given += len(samples)
                return samples
        return np.zeros(0, np.float32)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self._stopped = True


class CallbackOutput(SilentOutput):
    """An AudioOutput that passes speech to a function, ahead of the time when it would sound."""

    def __init__(self, sample_rate: int, clock: Clock, on_audio: Callable[[Samples], None]) -> None:
        super().__init__(sample_rate, clock)
        self._on_audio = on_audio

    def write(self, samples: Samples) -> None:
        super().write(samples)
        if len(samples):
            self._on_audio(samples)

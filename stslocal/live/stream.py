"""A live session for a program that supplies the sound and takes the speech itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress

import numpy as np

from stslocal.audio.arrays import checked_samples
from stslocal.audio.resample import Resampler, downmix
from stslocal.audio.simulated import SilentOutput
from stslocal.clock import Clock, RealClock
from stslocal.live.options import LiveOptions
from stslocal.live.translation import LiveTranslation
from stslocal.loading.engines import Engines
from stslocal.metrics import Event
from stslocal.pipeline.open_runs import aborted_at_exit
from stslocal.rings import MessageRing, RingAborted, RingClosed
from stslocal.types import RECOGNITION_RATE, Samples

_QUEUE = 1024
"""Events that may wait for a slow consumer. When more come, the session waits for it."""
_CHUNKS_AHEAD = 8
"""Chunks that may wait for a busy recognizer."""
_PIECES_AHEAD = 8
"""Pieces of speech that may wait for a busy `on_audio`."""
_LEAVE_S = 0.2
"""Seconds that the end of a session waits for the program's own code to return."""


def translate_stream(
    engines: Engines,
    options: LiveOptions,
    chunks: Iterable[object],
    sample_rate: int,
    on_audio: Callable[[Samples], None],
) -> Generator[Event, None, None]:
    """Translate `chunks` live, and yield the session's events; see `SpeechTranslator.stream`."""
    session = StreamedSession(engines, options, chunks, sample_rate, on_audio)
    with aborted_at_exit(session.abort):
        session.start()
        try:
            with suppress(RingAborted):  # the program ends: the failure says so
                yield from session.events
        finally:
            session.close()
    session.raise_failure()


class StreamedSession:
    """A live session that runs in a thread of its own. Its events wait in a ring."""

    def __init__(
        self,
        engines: Engines,
        options: LiveOptions,
        chunks: Iterable[object],
        sample_rate: int,
        on_audio: Callable[[Samples], None],
        *,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_change` is called, in any thread, after each event and at the end."""
        self.events: MessageRing[Event] = MessageRing(_QUEUE)
        """Closed when the session is over."""
        self._engines = engines
        self._options = options
        self._clock = RealClock()
        self._source = ChunksInput(chunks, sample_rate, self._clock)
        rate = engines.synthesizer.sample_rate
        self._output = CallbackOutput(rate, self._clock, on_audio)
        self._on_change = on_change
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="live stream")
        self._ended = False

    def start(self) -> None:
        """Begin the session."""
        self._thread.start()

    def abort(self) -> None:
        """End the session at once, without waiting for its end."""
        self._source.stop()
        self._output.stop()
        self.events.abort()
        self._on_change()

    def close(self) -> None:
        """End the session at once, and wait until its threads have ended. May be called again."""
        self.abort()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def is_over(self) -> bool:
        """Whether the session has ended or was never begun: then `close` does not wait."""
        return self._ended or self._thread.ident is None

    def raise_failure(self) -> None:
        """Raise the error that ended the session, if one did."""
        if self._failure is not None:
            raise self._failure

    def _emit(self, event: Event) -> None:
        with suppress(RingClosed):  # the consumer has left
            self.events.put(event)
        self._on_change()

    def _run(self) -> None:
        """The body of the thread."""
        try:
            with LiveTranslation(
                self._engines,
                self._options,
                self._source,
                self._output,
                clock=self._clock,
                emit=self._emit,
            ) as live:
                for _ in live.session:
                    pass
        except BaseException as error:  # noqa: BLE001 - raised in the consumer's thread
            self._failure = error
        finally:
            self.events.close()
            self._ended = True
            self._on_change()


class ChunksInput:
    """An AudioInput that takes its samples from an iterable of chunks.

    A thread of its own takes them, because the iterable may wait for ever, for a queue that nobody
    fills any more. It is a daemon, so it holds up neither `stop` nor the end of the program.
    """

    overrun = 0
    latency_s = 0.0

    def __init__(self, chunks: Iterable[object], sample_rate: int, clock: Clock) -> None:
        """The first `read` starts to take chunks: float32 or int16, shape (n,) or (n, channels)."""
        self._chunks = chunks
        self._resampler = Resampler(sample_rate, RECOGNITION_RATE)
        self._clock = clock
        self._given = 0
        self._ring: MessageRing[object] = MessageRing(_CHUNKS_AHEAD)
        self._taken = 0
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._take, name="chunks", daemon=True)
        self._ended = False

    @property
    def captured_s(self) -> float:
        return self._given / RECOGNITION_RATE

    def read(self) -> Samples:
        """Return the next samples at 16 kHz, from one chunk or from several short ones.

        Raises AudioDecodeError for a chunk that is no sound, and what the iterable raises.
        """
        if self._thread.ident is None:
            self._thread.start()
        while not self._ended:
            samples = self._next()
            if len(samples):
                self._given += len(samples)
                return samples
        return np.zeros(0, np.float32)

    def stop(self) -> None:
        self._ring.abort()

    def close(self) -> None:
        self._ring.abort()
        if self._thread.ident is not None:
            self._thread.join(_LEAVE_S)

    def _next(self) -> Samples:
        """The next chunk, which may be empty, or the end."""
        try:
            chunk = self._ring.get()
        except RingAborted:
            self._ended = True
            return np.zeros(0, np.float32)
        except RingClosed:
            self._ended = True
            if self._failure is not None:
                raise self._failure from None
            return self._resampler.flush()
        samples = checked_samples(chunk, f"chunk {self._taken}")
        self._taken += 1
        return self._resampler.process(downmix(samples))

    def _take(self) -> None:
        """The body of the thread."""
        try:
            for chunk in self._chunks:
                self._ring.put(chunk)
        except RingClosed:
            pass  # the session is over
        except BaseException as error:  # noqa: BLE001 - raised by `read`
            self._failure = error
        finally:
            self._ring.close()


class CallbackOutput(SilentOutput):
    """An AudioOutput that passes speech to a function, ahead of the time when it would sound.

    A thread of its own calls the function, a daemon as in ChunksInput: it may wait for ever too.
    """

    def __init__(self, sample_rate: int, clock: Clock, on_audio: Callable[[Samples], None]) -> None:
        super().__init__(sample_rate, clock)
        self._on_audio = on_audio
        self._ring: MessageRing[Samples] = MessageRing(_PIECES_AHEAD)
        self._failure: BaseException | None = None
        self._over = threading.Event()
        """Set when all is passed on, and by `stop`."""
        self._thread = threading.Thread(target=self._pass_on, name="on_audio", daemon=True)

    def write(self, samples: Samples) -> None:
        """As a SilentOutput; waits for the function too. Raises what the function has raised."""
        super().write(samples)
        if not len(samples):
            return
        if self._thread.ident is None:
            self._thread.start()
        try:
            self._ring.put(samples)
        except RingClosed:  # stopped, or the function has failed
            self._raise_failure()

    def stop(self) -> None:
        super().stop()
        self._ring.abort()
        self._over.set()

    def close(self) -> None:
        """Wait until all speech is passed on. Raises what the function has raised."""
        self._ring.close()
        if self._thread.ident is not None:
            self._over.wait()
            if self._stopped:
                self._thread.join(_LEAVE_S)
        self._raise_failure()

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _pass_on(self) -> None:
        """The body of the thread."""
        try:
            for samples in self._ring:
                self._on_audio(samples)
        except RingClosed:
            pass  # the session is over
        except BaseException as error:  # noqa: BLE001 - raised by `write` or `close`
            self._failure = error
            self._ring.close()
        finally:
            self._over.set()

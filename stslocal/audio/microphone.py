"""Speech from a microphone, at the rate that the recognizer listens at."""

from __future__ import annotations

import math
import threading
from time import perf_counter

import numpy as np

from stslocal.audio.card import OnChange, SoundCard, unnoticed
from stslocal.audio.devices import AudioDevice
from stslocal.audio.resample import Resampler, downmix
from stslocal.audio.streams import CardStream
from stslocal.types import RECOGNITION_RATE, Samples


class Microphone:
    """What a microphone hears, mono, as a stream whose time never stands still.

    While the device is away its place is taken by silence at the pace of real time: an utterance
    that was cut off ends, and seconds of the stream remain seconds of the clock.
    """

    sample_rate = RECOGNITION_RATE

    def __init__(
        self,
        device: str | int | None = None,
        *,
        block_s: float = 0.05,
        buffer_s: float = 30.0,
        stall_s: float = 2.0,
        on_change: OnChange = unnoticed,
    ) -> None:
        """Open `device`, given as for `find_device`. Raises AudioDeviceError.

        `read` waits for `block_s` seconds of sound; `buffer_s` is how far it may fall behind
        before sound is lost; a device that delivers nothing for `stall_s` is away. `on_change`
        is called by the reading thread.
        """
        self._block_s = block_s
        self._stopped = threading.Event()
        self._given = 0
        """Samples that `read` has given."""
        self._recognized_until_s = 0.0
        """While the device is away: the stream is complete until this time of the clock."""
        self._card = SoundCard(
            device, "input", buffer_s=buffer_s, stall_s=stall_s, on_change=on_change
        )
        self._stream: CardStream | None = self._card.open()
        self._resampler = Resampler(self._stream.sample_rate, self.sample_rate)
        self._begun = False

    @property
    def device(self) -> AudioDevice:
        """What is listened to; after the default device was lost, perhaps another one."""
        return self._card.device

    @property
    def captured_s(self) -> float:
        """Seconds of the stream that have come here by now, read or not."""
        given_s = self._given / self.sample_rate
        stream = self._stream
        if stream is None:
            return given_s
        waiting_s = self._resampler.delay / self.sample_rate + stream.buffered_s
        return given_s + waiting_s

    @property
    def latency_s(self) -> float:
        """From the air until it has come here."""
        stream = self._stream
        return 0.0 if stream is None else stream.latency_s

    @property
    def overrun(self) -> int:
        """Samples lost, at `sample_rate`, because `read` was not called in time."""
        return round(self._card.overrun_s * self.sample_rate)

    @property
    def xruns(self) -> int:
        """How often the system lost samples before they came here."""
        return self._card.xruns

    def read(self) -> Samples:
        """All that was heard since the last call, shape (n,); waits for some.

        The stream begins with the first call. Empty after `stop`, once everything was given.
        """
        if not self._begun and self._stream is not None:
            _take(self._stream)
            self._begun = True
        while not self._stopped.is_set():
            heard = self._next()
            if len(heard):
                self._given += len(heard)
                return heard
        last = self._rest()
        self._given += len(last)
        return last

    def stop(self) -> None:
        """Let `read` give what was heard until now, and then end. For any thread."""
        self._stopped.set()

    def close(self) -> None:
        """Stop, and let go of the device."""
        self._stopped.set()
        self._card.close()

    def _next(self) -> Samples:
        """What there is after waiting a little, maybe nothing."""
        stream = self._card.check()
        if stream is not self._stream:
            return self._changed(stream)
        if stream is None:
            self._stopped.wait(self._block_s)
            return self._silence()
        frames = math.ceil(self._block_s * stream.sample_rate)
        if not stream.ring.wait_available(frames * stream.channels, timeout=4 * self._block_s):
            return np.zeros(0, np.float32)
        return self._resampler.process(_take(stream))

    def _changed(self, stream: CardStream | None) -> Samples:
        """End what the last stream heard, with silence from there until now."""
        pieces = []
        if self._stream is not None:
            self._recognized_until_s = self._stream.last_callback_s
            pieces.append(self._rest())
        pieces.append(self._silence())
        self._stream = stream
        if stream is not None:
            self._resampler = Resampler(stream.sample_rate, self.sample_rate)
        return np.concatenate(pieces)

    def _rest(self) -> Samples:
        stream, self._stream = self._stream, None
        if stream is None:
            return np.zeros(0, np.float32)
        return np.concatenate([self._resampler.process(_take(stream)), self._resampler.flush()])

    def _silence(self) -> Samples:
        missing = max(0, round((perf_counter() - self._recognized_until_s) * self.sample_rate))
        self._recognized_until_s += missing / self.sample_rate
        return np.zeros(missing, np.float32)


def _take(stream: CardStream) -> Samples:
    """Read all there is and mix it to mono: shape (frames,)."""
    samples = np.empty(stream.ring.available, np.float32)
    stream.ring.read_into(samples)
    return downmix(samples.reshape(-1, stream.channels))

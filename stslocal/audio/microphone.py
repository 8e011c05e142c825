"""Captures speech from a microphone, at the rate that the recognizer takes."""

from __future__ import annotations

import math
import threading
from time import perf_counter

import numpy as np

from stslocal.audio.card import OnChange, SoundCard, ignore_change
from stslocal.audio.devices import AudioDevice
from stslocal.audio.mixing import ChannelMix
from stslocal.audio.resample import Resampler
from stslocal.audio.streams import CardStream
from stslocal.types import RECOGNITION_RATE, Samples


class Microphone:
    """Captured sound, mono, as a stream that never stops.

    While the device is lost the stream is silence at the pace of real time. So an open utterance
    ends, and stream time goes on as the clock does.
    """

    sample_rate = RECOGNITION_RATE

    def __init__(
        self,
        device: str | int | None = None,
        *,
        channel: int | None = None,
        block_s: float = 0.05,
        buffer_s: float = 30.0,
        stall_s: float = 2.0,
        on_change: OnChange = ignore_change,
    ) -> None:
        """Open `device`, given as for `find_device`. Raises AudioDeviceError.

        `channel` is the input to capture, from 1; None mixes all of them.
        `read` waits for `block_s` seconds of sound. It may fall up to `buffer_s` seconds behind
        before samples are lost. A device that delivers nothing for `stall_s` seconds is lost.
        The reading thread calls `on_change`.
        """
        self._block_s = block_s
        self._stopped = threading.Event()
        self._returned = 0
        """Samples that `read` has returned."""
        self._complete_until_s = 0.0
        """While the device is lost: the stream is complete until this `perf_counter()` time."""
        self._channel = channel
        self._card = SoundCard(
            device, "input", buffer_s=buffer_s, stall_s=stall_s, channel=channel,
            on_change=on_change,
        )  # fmt: skip
        self._stream: CardStream | None = self._card.open()
        self._mix = ChannelMix(channel)
        self._resampler = Resampler(self._stream.sample_rate, self.sample_rate)
        self._begun = False

    @property
    def device(self) -> AudioDevice:
        """The device in use. After the default device was lost, it may be another one."""
        return self._card.device

    @property
    def captured_s(self) -> float:
        """Seconds of the stream that have arrived by now, read or not."""
        returned_s = self._returned / self.sample_rate
        stream = self._stream
        if stream is None:
            return returned_s
        waiting_s = self._resampler.delay / self.sample_rate + stream.buffered_s
        return returned_s + waiting_s

    @property
    def latency_s(self) -> float:
        """Seconds from when a sample sounds at the microphone until it arrives here."""
        stream = self._stream
        return 0.0 if stream is None else stream.latency_s

    @property
    def overrun(self) -> int:
        """Samples lost, at `sample_rate`, because `read` was not called in time."""
        return round(self._card.overrun_s * self.sample_rate)

    @property
    def xruns(self) -> int:
        """How often the system lost samples before they arrived here."""
        return self._card.xruns

    def read(self) -> Samples:
        """All samples captured since the last call, shape (n,); waits for some.

        The stream begins with the first call. After `stop` it returns the rest, then empty arrays.
        """
        if not self._begun and self._stream is not None:
            self._read_mono(self._stream)
            self._begun = True
        while not self._stopped.is_set():
            captured = self._read_block()
            if len(captured):
                self._returned += len(captured)
                return captured
        rest = self._read_rest()
        self._returned += len(rest)
        return rest

    def stop(self) -> None:
        """Let `read` return what was captured until now, and then end. Any thread may call it."""
        self._stopped.set()

    def close(self) -> None:
        """Stop, and release the device."""
        self._stopped.set()
        self._card.close()

    def _read_block(self) -> Samples:
        """All new samples after a short wait; perhaps none."""
        stream = self._card.check()
        if stream is not self._stream:
            return self._switch_stream(stream)
        if stream is None:
            self._stopped.wait(self._block_s)
            return self._silence()
        frames = math.ceil(self._block_s * stream.sample_rate)
        if not stream.ring.wait_available(frames * stream.channels, timeout=4 * self._block_s):
            return np.zeros(0, np.float32)
        return self._resampler.process(self._read_mono(stream))

    def _switch_stream(self, stream: CardStream | None) -> Samples:
        """Return the rest of the last stream and silence from its end until now."""
        pieces = []
        if self._stream is not None:
            self._complete_until_s = self._stream.last_callback_s
            pieces.append(self._read_rest())
        pieces.append(self._silence())
        self._stream = stream
        if stream is not None:
            self._mix = ChannelMix(self._channel)
            self._resampler = Resampler(stream.sample_rate, self.sample_rate)
        return np.concatenate(pieces)

    def _read_rest(self) -> Samples:
        stream, self._stream = self._stream, None
        if stream is None:
            return np.zeros(0, np.float32)
        last = self._resampler.process(self._read_mono(stream))
        return np.concatenate([last, self._resampler.flush()])

    def _silence(self) -> Samples:
        missing = max(0, round((perf_counter() - self._complete_until_s) * self.sample_rate))
        self._complete_until_s += missing / self.sample_rate
        return np.zeros(missing, np.float32)

    def _read_mono(self, stream: CardStream) -> Samples:
        """Read all samples of the ring and mix them to mono, shape (frames,)."""
        samples = np.empty(stream.ring.available, np.float32)
        stream.ring.read_into(samples)
        frames = samples.reshape(-1, stream.channels)
        return self._mix.mix(frames, _inputs(stream.channels), round(stream.sample_rate))


def _inputs(count: int) -> list[str]:
    """Names of channels: those of a card are inputs and no places of a surround mix."""
    return [str(number) for number in range(1, count + 1)]

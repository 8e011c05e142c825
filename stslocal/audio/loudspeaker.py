"""Plays speech on a loudspeaker, and counts how much of it has been played."""

from __future__ import annotations

import threading
from time import perf_counter

import numpy as np

from stslocal.audio.card import OnChange, SoundCard, ignore_change
from stslocal.audio.devices import AudioDevice
from stslocal.audio.resample import Resampler
from stslocal.audio.streams import CardStream
from stslocal.types import Samples

_SLICE_S = 0.1
"""Length of the slices that are written to the ring: `stop` and a lost device are noticed after
at most this time."""
_NEARLY_EMPTY_S = 0.12
"""When the ring holds less than this and no thread writes, the resampler is flushed."""


class Loudspeaker:
    """Plays mono samples of one rate as they come, with silence in between.

    While the device is lost, samples are dropped at the pace of real time and counted as
    `skipped`. So the program goes on, and is played again when the device is back. One thread
    writes; all other methods may be called from any thread.
    """

    def __init__(
        self,
        sample_rate: int,
        device: str | int | None = None,
        *,
        buffer_s: float = 30.0,
        stall_s: float = 2.0,
        on_change: OnChange = ignore_change,
    ) -> None:
        """Open `device`, given as for `find_device`. Raises AudioDeviceError.

        `sample_rate` is that of the samples to be written, in hertz. `write` accepts up to
        `buffer_s` seconds ahead of the device. A device that takes nothing for `stall_s` seconds
        is lost.
        """
        self.sample_rate = sample_rate
        self.written = 0
        """Samples accepted so far, at `sample_rate`; skipped ones included."""
        self.skipped = 0
        """Samples that were not played because the device was lost."""
        self._buffer_s = buffer_s
        self._stopped = threading.Event()
        self._skipped_until_s = 0.0
        """While the device is lost: when the last written sample will have been skipped, by
        `perf_counter()`."""
        self._card = SoundCard(
            device, "output", buffer_s=buffer_s, stall_s=stall_s, on_change=on_change
        )
        self._stream: CardStream | None = self._card.open()
        self._resampler = Resampler(sample_rate, self._stream.sample_rate)
        self._last_write: tuple[CardStream | None, int, float] = (self._stream, 0, 0.0)
        """(stream, position, frame): the sample written at that position is that frame of it."""
        self._writing = threading.Lock()

    @property
    def device(self) -> AudioDevice:
        """The device in use. After the default device was lost, it may be another one."""
        return self._card.device

    @property
    def xruns(self) -> int:
        """How often the system did not get samples in time."""
        return self._card.xruns

    @property
    def latency_s(self) -> float:
        """Seconds from when the device takes a sample until it sounds."""
        stream = self._stream
        return 0.0 if stream is None else stream.latency_s

    @property
    def played(self) -> int:
        """Samples, at `sample_rate`, that the device has taken so far.

        Read it now and then: it also tries to open a lost device again.
        """
        if self._writing.acquire(blocking=False):
            try:
                self._check_stream()
                if self._stream is not None and self._stream.buffered_s < _NEARLY_EMPTY_S:
                    self._put(self._stream, self._resampler.flush(), self.written)
            finally:
                self._writing.release()
        return self.written - round(self._waiting_s() * self.sample_rate)

    def sounds_in_s(self, position: int) -> float:
        """Seconds from now until the sample at `position` sounds; negative if it has sounded."""
        stream, written, frame = self._last_write
        ahead_s = (position - written) / self.sample_rate
        now_s = perf_counter()
        if stream is not None:
            return stream.sounds_at_s(frame + ahead_s * stream.sample_rate) - now_s
        skipped_in_s = self._skipped_until_s - now_s
        return ahead_s + (skipped_in_s if ahead_s < 0 else max(0.0, skipped_in_s))

    def clock_position(self, position: int) -> float:
        """Samples that the device takes before the one at `position`, silence included.

        It begins anew with each device. It is for samples of the last `write`.
        """
        stream, written, frame = self._last_write
        ahead = position - written
        if stream is None:
            return self._skipped_until_s * self.sample_rate + ahead
        frame += ahead * stream.sample_rate / self.sample_rate
        return (frame + stream.silence_before(frame)) * self.sample_rate / stream.sample_rate

    def write(self, samples: Samples) -> None:
        """Append samples, shape (n,), waiting for room. Returns at once after `stop`."""
        step = max(1, round(_SLICE_S * self.sample_rate))
        for start in range(0, len(samples), step):
            with self._writing:
                self._write_slice(samples[start : start + step])

    def stop(self) -> None:
        """Let a waiting `write` return. Any thread may call it."""
        self._stopped.set()

    def close(self) -> None:
        """Stop, be silent at once, and release the device."""
        self._stopped.set()
        self._card.close()

    def _write_slice(self, samples: Samples) -> None:
        while not self._stopped.is_set():
            stream = self._check_stream()
            if stream is None:
                if self._skip(samples):
                    return
            elif self._wait_for_room(stream, len(samples)):
                self._put(stream, self._resampler.process(samples), self.written + len(samples))
                return

    def _check_stream(self) -> CardStream | None:
        """The current stream. If the last one was lost, count its waiting samples as skipped."""
        stream = self._card.check()
        if stream is not self._stream:
            if stream is None:
                self.skipped += round(self._waiting_s() * self.sample_rate)
                self._skipped_until_s = perf_counter()
            else:
                self._resampler = Resampler(self.sample_rate, stream.sample_rate)
            self._stream = stream
            self._last_write = stream, self.written, 0.0
        return stream

    def _wait_for_room(self, stream: CardStream, count: int) -> bool:
        """Wait up to a slice for the room that `count` resampled samples need at most."""
        frames = count * stream.sample_rate / self.sample_rate + self._resampler.delay + 1
        return stream.ring.wait_space(int(frames) * stream.channels, timeout=_SLICE_S)

    def _put(self, stream: CardStream, samples: Samples, written: int) -> None:
        stream.ring.write(np.repeat(samples, stream.channels))
        frame = stream.ring.written / stream.channels + self._resampler.delay
        self._last_write = stream, written, frame
        self.written = written

    def _skip(self, samples: Samples) -> bool:
        """Drop samples while the device is lost, or wait if too many are ahead of real time."""
        now_s = perf_counter()
        self._skipped_until_s = max(self._skipped_until_s, now_s)
        if self._skipped_until_s - now_s > self._buffer_s - _SLICE_S:
            self._stopped.wait(_SLICE_S)
            return False
        self._skipped_until_s += len(samples) / self.sample_rate
        self.written += len(samples)
        self._last_write = None, self.written, 0.0
        self.skipped += len(samples)
        return True

    def _waiting_s(self) -> float:
        """Seconds of sound that were written and that the device has not taken yet."""
        stream = self._stream
        if stream is None:
            return max(0.0, self._skipped_until_s - perf_counter())
        return stream.untaken_s + self._resampler.delay / stream.sample_rate

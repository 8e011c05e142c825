"""Speech to a loudspeaker, and the knowledge of how much of it has been played."""

from __future__ import annotations

import threading
from time import perf_counter

import numpy as np

from stslocal.audio.card import OnChange, SoundCard, unnoticed
from stslocal.audio.devices import AudioDevice
from stslocal.audio.resample import Resampler
from stslocal.audio.streams import CardStream
from stslocal.types import Samples

_SLICE_S = 0.1
"""What is handed over at once: `stop` and a lost device are noticed within this."""
_NEARLY_DRY_S = 0.12
"""With less than this in the ring and nobody writing, what the resampler holds back is let out."""


class Loudspeaker:
    """Plays mono samples of one rate, as they come and with silence in between.

    While the device is away samples are passed over at the pace of real time and counted as
    `unheard`: the program goes on, and is heard again when the device is back. One thread
    writes; everything else may be called from any.
    """

    def __init__(
        self,
        sample_rate: int,
        device: str | int | None = None,
        *,
        buffer_s: float = 30.0,
        stall_s: float = 2.0,
        on_change: OnChange = unnoticed,
    ) -> None:
        """Open `device`, given as for `find_device`. Raises AudioDeviceError.

        `sample_rate` in hertz is that of what will be written; `buffer_s` is how much `write`
        takes ahead; a device that takes nothing for `stall_s` is away.
        """
        self.sample_rate = sample_rate
        self.written = 0
        """Samples taken so far, at `sample_rate`."""
        self.unheard = 0
        """Samples of those that were passed over because the device was away."""
        self._buffer_s = buffer_s
        self._stopped = threading.Event()
        self._passed_until_s = 0.0
        """While the device is away: when all that was written will have been passed over."""
        self._card = SoundCard(
            device, "output", buffer_s=buffer_s, stall_s=stall_s, on_change=on_change
        )
        self._stream: CardStream | None = self._card.open()
        self._resampler = Resampler(sample_rate, self._stream.sample_rate)
        self._fed: tuple[CardStream | None, int, float] = (self._stream, 0, 0.0)
        """Stream, position, frame: the sample written at that position is that frame there."""
        self._feeding = threading.Lock()

    @property
    def device(self) -> AudioDevice:
        """What is played on; after the default device was lost, perhaps another one."""
        return self._card.device

    @property
    def xruns(self) -> int:
        """How often the system was not given samples in time."""
        return self._card.xruns

    @property
    def latency_s(self) -> float:
        """From the device's taking a sample until it is in the air."""
        stream = self._stream
        return 0.0 if stream is None else stream.latency_s

    @property
    def played(self) -> int:
        """Samples, at `sample_rate`, that the device has taken so far.

        To be asked now and then: it is also when a lost device is looked for.
        """
        if self._feeding.acquire(blocking=False):
            try:
                self._look()
                if self._stream is not None and self._stream.buffered_s < _NEARLY_DRY_S:
                    self._put(self._stream, self._resampler.flush(), self.written)
            finally:
                self._feeding.release()
        return self.written - round(self._waiting_s() * self.sample_rate)

    def sounds_in_s(self, position: int) -> float:
        """Seconds from now until the sample at `position` is heard; negative when it was."""
        stream, written, frame = self._fed
        ahead_s = (position - written) / self.sample_rate
        now_s = perf_counter()
        if stream is not None:
            return stream.sounds_at_s(frame + ahead_s * stream.sample_rate) - now_s
        passed_s = self._passed_until_s - now_s
        return ahead_s + (passed_s if ahead_s < 0 else max(0.0, passed_s))

    def write(self, samples: Samples) -> None:
        """Take samples, shape (n,), waiting for room. Returns at once after `stop`."""
        step = max(1, round(_SLICE_S * self.sample_rate))
        for start in range(0, len(samples), step):
            with self._feeding:
                self._feed(samples[start : start + step])

    def stop(self) -> None:
        """Let go of a `write` that waits. For any thread."""
        self._stopped.set()

    def close(self) -> None:
        """Stop, be silent at once, and let go of the device."""
        self._stopped.set()
        self._card.close()

    def _feed(self, samples: Samples) -> None:
        while not self._stopped.is_set():
            stream = self._look()
            if stream is None:
                if self._pass_over(samples):
                    return
            elif self._has_room(stream, len(samples)):
                self._put(stream, self._resampler.process(samples), self.written + len(samples))
                return

    def _look(self) -> CardStream | None:
        """The stream as it is now; what the last one still held is given up."""
        stream = self._card.check()
        if stream is not self._stream:
            if stream is None:
                lost = round(self._waiting_s() * self.sample_rate)
                self.unheard += lost
                self._passed_until_s = perf_counter()
            else:
                self._resampler = Resampler(self.sample_rate, stream.sample_rate)
            self._stream = stream
            self._fed = stream, self.written, 0.0
        return stream

    def _has_room(self, stream: CardStream, count: int) -> bool:
        """Wait a moment for room for what `count` samples may become, held-back ones included."""
        frames = count * stream.sample_rate / self.sample_rate + self._resampler.delay + 1
        return stream.ring.wait_space(int(frames) * stream.channels, timeout=_SLICE_S)

    def _put(self, stream: CardStream, samples: Samples, written: int) -> None:
        stream.ring.write(np.repeat(samples, stream.channels))
        self._fed = stream, written, stream.ring.written / stream.channels + self._resampler.delay
        self.written = written

    def _pass_over(self, samples: Samples) -> bool:
        """Take samples that nobody hears, or wait a moment where too many are ahead."""
        now_s = perf_counter()
        self._passed_until_s = max(self._passed_until_s, now_s)
        if self._passed_until_s - now_s > self._buffer_s - _SLICE_S:
            self._stopped.wait(_SLICE_S)
            return False
        self._passed_until_s += len(samples) / self.sample_rate
        self.written += len(samples)
        self._fed = None, self.written, 0.0
        self.unheard += len(samples)
        return True

    def _waiting_s(self) -> float:
        """Seconds of sound taken by `write` and not yet by the device."""
        stream = self._stream
        if stream is None:
            return max(0.0, self._passed_until_s - perf_counter())
        return stream.buffered_s + self._resampler.delay / stream.sample_rate

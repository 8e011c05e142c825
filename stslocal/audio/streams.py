"""Running streams between a sound card and a ring."""

from __future__ import annotations

import math
from contextlib import suppress
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.devices import (
    LOCK,
    WORDS,
    AudioDevice,
    Kind,
    list_devices,
    listed,
    portaudio,
    quiet,
)
from stslocal.errors import AudioDeviceError
from stslocal.rings import SampleRing

_LATENCY_S = 0.12
"""Asked of the driver. It calls back about every quarter of this, and the rest is how late a
callback may come on a busy machine before sound is lost."""

_START_S = 5.0
"""A card that sleeps takes up to two seconds until its first samples."""

_LONGEST_S = 5.0
"""A driver that tells of a longer delay does not know it."""

_RECENT_S = 10.0

_streams: set[CardStream] = set()


class _Least:
    """The least of some values within the last `_RECENT_S`, or at most twice as long."""

    def __init__(self) -> None:
        self._least = self._least_before = math.inf
        self._until_s = 0.0

    def of(self, value: float, now_s: float) -> float:
        """The least, `value` included."""
        if now_s > self._until_s:
            self._least_before, self._least = self._least, math.inf
            self._until_s = now_s + _RECENT_S
        self._least = min(self._least, value)
        return min(self._least, self._least_before)


class _Taken(NamedTuple):
    """How far the callback of a loudspeaker is, all as of the same call."""

    frames: int
    """Of those that were put into the ring, so many were taken."""
    end_s: float
    """When the last of them has been heard, by `perf_counter()`."""
    next_s: float
    """When what the next call takes will be heard."""


class CardStream:
    """A running stream between a device and a ring of interleaved samples.

    The callback does one ring operation and counts; it takes no lock, converts nothing, logs
    nothing. One or two channels are opened, at the device's own rate.
    """

    def __init__(self, device: AudioDevice, kind: Kind, *, buffer_s: float) -> None:
        """Open and start; `buffer_s` is what the ring holds. Raises AudioDeviceError."""
        self.device = device
        self.channels = min(device.channels(kind), 2)
        self.ring = SampleRing(math.ceil(buffer_s * device.sample_rate) * self.channels)
        """Interleaved: a frame is `channels` samples, and only whole frames go in or out."""
        self.frames = 0
        """Frames that passed the callback, silence included."""
        self.xruns = 0
        """How often the system reported samples lost or missing on its own side."""
        self.last_callback_s = perf_counter()
        """When the callback last ran, by `perf_counter()`; until it runs, when it was opened."""
        self.interrupted = False
        """Closed by `rescan`, not by a fault."""
        self.sample_rate = device.sample_rate
        self.latency_s = _LATENCY_S
        """From the air to the callback, or from the callback to the air. Of a microphone the least
        of the last seconds: what its driver tells is now and then much too long."""
        self._is_told = False
        """Whether the driver tells how long; what it declared is the second best."""
        self._least = _Least()
        self._taken = _Taken(0, self.last_callback_s, self.last_callback_s + _LATENCY_S)
        self._ended = False
        with LOCK, quiet():
            sounddevice = portaudio()
            capture = kind == "input"
            stream = None
            try:
                stream = (sounddevice.InputStream if capture else sounddevice.OutputStream)(
                    device=device.index,
                    channels=self.channels,
                    samplerate=device.sample_rate,
                    dtype="float32",
                    latency=_LATENCY_S,
                    callback=self._capture if capture else self._play,
                    finished_callback=self._finished,
                )
                stream.start()
            except (sounddevice.PortAudioError, ValueError) as error:
                if stream is not None:
                    stream.close(ignore_errors=True)
                raise AudioDeviceError(_refusal(device, kind, error)) from error
            self._stream = stream
            self.sample_rate = stream.samplerate
            if not self._is_told:
                self.latency_s = float(stream.latency)
            _streams.add(self)

    @property
    def buffered_s(self) -> float:
        """Seconds of sound in the ring."""
        return self.ring.available / self.channels / self.sample_rate

    @property
    def overrun_s(self) -> float:
        """Seconds of sound dropped so far because the ring was full."""
        return self.ring.overrun / self.channels / self.sample_rate

    def sounds_at_s(self, frame: float) -> float:
        """When a frame is heard, by `perf_counter()`; they are counted as put into the ring.

        Of a frame that was taken some calls ago this is true if all behind it came in time.
        """
        taken = self._taken
        ahead_s = (frame - taken.frames) / self.sample_rate
        return ahead_s + (taken.end_s if ahead_s < 0 else max(taken.next_s, perf_counter()))

    def fault(self, stall_s: float) -> str:
        """Why no more is to be expected of this stream; empty while it runs."""
        if self._ended:
            return "it ended"
        silent_s = perf_counter() - self.last_callback_s
        if silent_s > (stall_s if self.frames else max(stall_s, _START_S)):
            return f"nothing came for {silent_s:.1f} s"
        return ""

    def close(self) -> None:
        """Stop at once and let go of the device. From any thread, and again without effect."""
        with LOCK:
            if self in _streams:
                _streams.remove(self)
                self.ring.close()
                self._stream.abort(ignore_errors=True)
                self._stream.close(ignore_errors=True)
            self._ended = True

    def _capture(self, data: NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
        self.ring.write(data.reshape(-1))
        at_s = self._count(frames, status.input_overflow)
        told_s = time.currentTime - time.inputBufferAdcTime
        if 0 < told_s < _LONGEST_S:
            self._is_told = True
            # It is told of the first frame, and the last one came just now.
            self.latency_s = self._least.of(max(0.0, told_s - frames / self.sample_rate), at_s)

    def _play(self, data: NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
        out = data.reshape(-1)
        given = self.ring.read_into(out)
        out[given:] = 0.0
        at_s = self._count(frames, status.output_underflow)
        told_s = time.outputBufferDacTime - time.currentTime
        if 0 < told_s < _LONGEST_S:
            self._is_told = True
            self.latency_s = told_s
        taken = given // self.channels
        begin_s = at_s + self.latency_s
        end_s = begin_s + taken / self.sample_rate if taken else self._taken.end_s
        # One assignment: who reads it sees all of one call.
        self._taken = _Taken(self._taken.frames + taken, end_s, begin_s + frames / self.sample_rate)

    def _count(self, frames: int, xrun: bool) -> float:
        """Count a call of the callback, and tell when it is."""
        self.frames += frames
        self.xruns += xrun
        self.last_callback_s = perf_counter()
        return self.last_callback_s

    def _finished(self) -> None:
        self._ended = True


def rescan() -> None:
    """Have PortAudio look anew: devices that were plugged in since it started are then listed.

    Streams that are open must be closed for it; they count as `interrupted`.
    """
    with LOCK, quiet():
        sounddevice = portaudio()
        for stream in list(_streams):
            stream.interrupted = True
            stream.close()
        # The only way PortAudio has; sounddevice offers it under these names.
        with suppress(sounddevice.PortAudioError):
            sounddevice._terminate()
        sounddevice._initialize()


def streams_open() -> int:
    """How many streams a `rescan` would interrupt."""
    return len(_streams)


def _refusal(device: AudioDevice, kind: Kind, error: Exception) -> str:
    others = [other for other in list_devices() if other.channels(kind) and other != device]
    remedy = f"choose another with --{kind}-device\n{listed(others)}" if others else "try again"
    return (
        f"the {WORDS[kind]} {device.name!r} cannot be opened ({_reason(error)}):"
        f" close what else uses it, or {remedy}"
    )


def _reason(error: Exception) -> str:
    """The last, most particular part of what PortAudio says."""
    told = error.args[0] if error.args else error
    host = error.args[2][2] if len(error.args) > 2 else ""
    return str(host or told).rsplit(": ", 1)[-1]

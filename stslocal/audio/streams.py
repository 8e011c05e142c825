"""Running streams between a sound card and a ring."""

from __future__ import annotations

import math
from collections import deque
from contextlib import suppress
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.devices import (
    KIND_NAMES,
    PORTAUDIO_LOCK,
    AudioDevice,
    Kind,
    device_lines,
    list_devices,
    portaudio,
    stderr_silenced,
)
from stslocal.errors import AudioDeviceError
from stslocal.rings import SampleRing

_REQUESTED_LATENCY_S = 0.12
"""Requested from the driver. It runs the callback about four times in this time; with the rest, a
callback may be late on a busy machine before sound is lost."""

_START_S = 5.0
"""How long a stream may take to its first samples. A card in standby takes up to 2 s."""

_LONGEST_LATENCY_S = 5.0
"""A driver that reports a longer latency does not know it; the value is ignored."""

MOST_CHANNELS = 8
"""All inputs of a device with up to so many are captured, because a microphone may be at any of
them. A device that declares more is mostly none that one can touch: the sound servers of Linux
declare 32 to 128, which are copies. Of such a one the first two are captured."""

_RECENT_S = 10.0
"""How long a minimum is kept."""

_SILENCES = 64
"""Silences of a loudspeaker that are remembered."""

_streams: set[CardStream] = set()


class _RecentMinimum:
    """The minimum of the values of the last one to two times `_RECENT_S`."""

    def __init__(self) -> None:
        self._minimum = self._minimum_before = math.inf
        self._until_s = 0.0

    def add(self, value: float, now_s: float) -> float:
        """Add a value and return the minimum."""
        if now_s > self._until_s:
            self._minimum_before, self._minimum = self._minimum, math.inf
            self._until_s = now_s + _RECENT_S
        self._minimum = min(self._minimum, value)
        return min(self._minimum, self._minimum_before)


class _OutputPosition(NamedTuple):
    """How far the callback of a loudspeaker is. All values are from one call of it."""

    frames: int
    """Frames taken out of the ring so far."""
    end_s: float
    """When the last of them has sounded, by `perf_counter()`."""
    next_s: float
    """When the first frame of the next call will sound, by `perf_counter()`."""


class CardStream:
    """A running stream between a device and a ring of interleaved samples.

    The callback does one ring operation and counts; it takes no lock, converts nothing, logs
    nothing. The stream has the device's own rate; at a loudspeaker it has one or two channels.
    """

    def __init__(
        self, device: AudioDevice, kind: Kind, *, buffer_s: float, channel: int | None = None
    ) -> None:
        """Open and start. The ring has room for `buffer_s` seconds.

        `channel` is the input that is wanted, from 1; None captures all of them, or the first two
        of more than MOST_CHANNELS. Raises AudioDeviceError.
        """
        self.device = device
        self.channels = _channel_count(device, kind, channel)
        self.ring = SampleRing(math.ceil(buffer_s * device.sample_rate) * self.channels)
        """Interleaved: a frame is `channels` samples, and only whole frames go in or out."""
        self.frames = 0
        """Frames that passed the callback, silence included."""
        self._silences: deque[tuple[int, int]] = deque([(0, 0)], maxlen=_SILENCES)
        """(frames taken before it, frames of silence until its end) of each silence that a
        loudspeaker got because the ring was empty."""
        self.xruns = 0
        """How often the system reported lost or missing samples."""
        self.last_callback_s = perf_counter()
        """When the callback last ran, by `perf_counter()`. Before its first run, when the stream
        was opened."""
        self.interrupted = False
        """Whether `rescan` closed it; then the device has no fault."""
        self.sample_rate = device.sample_rate
        self.latency_s = _REQUESTED_LATENCY_S
        """Seconds from when a frame sounds at a microphone until the callback gets it, or from the
        callback until it sounds at a loudspeaker. Of a microphone it is the minimum of the last
        seconds, because drivers sometimes report much too long a time."""
        self._latency_is_reported = False
        """Whether the driver reports the latency in the callback. If not, `latency_s` is the one
        that it declared at opening."""
        self._least_latency = _RecentMinimum()
        self._position = _OutputPosition(
            0, self.last_callback_s, self.last_callback_s + _REQUESTED_LATENCY_S
        )
        self._ended = False
        with PORTAUDIO_LOCK, stderr_silenced():
            sounddevice = portaudio()
            capture = kind == "input"
            stream = None
            try:
                stream = (sounddevice.InputStream if capture else sounddevice.OutputStream)(
                    device=device.index,
                    channels=self.channels,
                    samplerate=device.sample_rate,
                    dtype="float32",
                    latency=_REQUESTED_LATENCY_S,
                    callback=self._capture if capture else self._play,
                    finished_callback=self._finished,
                )
                stream.start()
            except (sounddevice.PortAudioError, ValueError) as error:
                if stream is not None:
                    stream.close(ignore_errors=True)
                raise AudioDeviceError(_cannot_open_message(device, kind, error)) from error
            self._stream = stream
            self.sample_rate = stream.samplerate
            if not self._latency_is_reported:
                self.latency_s = float(stream.latency)
            _streams.add(self)

    @property
    def buffered_s(self) -> float:
        """Seconds of sound in the ring."""
        return self.ring.available / self.channels / self.sample_rate

    @property
    def untaken_s(self) -> float:
        """Seconds of sound in the ring of a loudspeaker, as `sounds_at_s` knows it.

        The callback takes frames and then says so; between the two, `buffered_s` is ahead.
        """
        frames = self.ring.written / self.channels - self._position.frames
        return frames / self.sample_rate

    @property
    def overrun_s(self) -> float:
        """Seconds of sound dropped so far because the ring was full."""
        return self.ring.overrun / self.channels / self.sample_rate

    def sounds_at_s(self, frame: float) -> float:
        """When a frame sounds, by `perf_counter()`. Frames are counted as they enter the ring.

        For a frame that the callback has taken, this assumes that no silence came after it.
        """
        position = self._position
        ahead_s = (frame - position.frames) / self.sample_rate
        return ahead_s + (position.end_s if ahead_s < 0 else max(position.next_s, perf_counter()))

    def silence_before(self, frame: float) -> int:
        """Frames of silence that a loudspeaker got before a frame of one of the last seconds.

        Frames are counted as they enter the ring. The frame is in the ring already, or was.
        """
        silences = list(self._silences)
        before = [total for taken, total in silences if taken <= frame + 1]
        return before[-1] if before else silences[0][1]

    def fault(self, stall_s: float) -> str:
        """Why this stream will give or take no more frames; empty while it runs."""
        if self._ended:
            return "it ended"
        silent_s = perf_counter() - self.last_callback_s
        if silent_s > (stall_s if self.frames else max(stall_s, _START_S)):
            return f"nothing came for {silent_s:.1f} s"
        return ""

    def close(self) -> None:
        """Stop at once and release the device. Any thread may call it, also several times."""
        with PORTAUDIO_LOCK:
            if self in _streams:
                _streams.remove(self)
                self.ring.close()
                self._stream.abort(ignore_errors=True)
                self._stream.close(ignore_errors=True)
            self._ended = True

    def _capture(self, data: NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
        self.ring.write(data.reshape(-1))
        at_s = self._count(frames, status.input_overflow)
        reported_s = time.currentTime - time.inputBufferAdcTime
        if 0 < reported_s < _LONGEST_LATENCY_S:
            self._latency_is_reported = True
            # The report is of the first frame, but the last frame arrived just now.
            last_frame_s = max(0.0, reported_s - frames / self.sample_rate)
            self.latency_s = self._least_latency.add(last_frame_s, at_s)

    def _play(self, data: NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
        out = data.reshape(-1)
        filled = self.ring.read_into(out)
        out[filled:] = 0.0
        at_s = self._count(frames, status.output_underflow)
        reported_s = time.outputBufferDacTime - time.currentTime
        if 0 < reported_s < _LONGEST_LATENCY_S:
            self._latency_is_reported = True
            self.latency_s = reported_s
        taken = filled // self.channels
        if taken < frames:
            self._count_silence(self._position.frames + taken, frames - taken)
        begin_s = at_s + self.latency_s
        end_s = begin_s + taken / self.sample_rate if taken else self._position.end_s
        next_s = begin_s + frames / self.sample_rate
        # One assignment, so that another thread reads the values of one call.
        self._position = _OutputPosition(self._position.frames + taken, end_s, next_s)

    def _count_silence(self, taken: int, frames: int) -> None:
        """Count silence that comes after `taken` frames out of the ring."""
        since, before = self._silences[-1]
        if taken == since:
            self._silences[-1] = (since, before + frames)
        else:
            self._silences.append((taken, before + frames))

    def _count(self, frames: int, xrun: bool) -> float:
        """Count a call of the callback. Returns its time, by `perf_counter()`."""
        self.frames += frames
        self.xruns += xrun
        self.last_callback_s = perf_counter()
        return self.last_callback_s

    def _finished(self) -> None:
        self._ended = True


def _channel_count(device: AudioDevice, kind: Kind, channel: int | None) -> int:
    """How many channels are opened: PortAudio opens the first ones."""
    present = device.channels(kind)
    if channel is not None and not 1 <= channel <= present:
        raise AudioDeviceError(
            f"the {KIND_NAMES[kind]} {device.name!r} has no channel {channel}: name one from 1 to "
            f"{present} with --channel"
        )
    if channel is not None:
        return max(channel, min(present, 2))
    return present if kind == "input" and present <= MOST_CHANNELS else min(present, 2)


def rescan() -> None:
    """Make PortAudio look for devices again: it then lists those that were connected meanwhile.

    Open streams are closed for it and marked as `interrupted`.
    """
    with PORTAUDIO_LOCK, stderr_silenced():
        sounddevice = portaudio()
        for stream in list(_streams):
            stream.interrupted = True
            stream.close()
        # PortAudio has no other way; sounddevice offers it under these two names.
        with suppress(sounddevice.PortAudioError):
            sounddevice._terminate()
        sounddevice._initialize()


def open_stream_count() -> int:
    """How many streams a `rescan` would interrupt."""
    return len(_streams)


def _cannot_open_message(device: AudioDevice, kind: Kind, error: Exception) -> str:
    others = [other for other in list_devices() if other.channels(kind) and other != device]
    remedy = "try again"
    if others:
        remedy = f"choose another with --{kind}-device\n{device_lines(others)}"
    return (
        f"the {KIND_NAMES[kind]} {device.name!r} cannot be opened ({_reason(error)}):"
        f" close other programs that use it, or {remedy}"
    )


def _reason(error: Exception) -> str:
    """The last and most specific part of PortAudio's message."""
    message = error.args[0] if error.args else error
    host = error.args[2][2] if len(error.args) > 2 else ""
    return str(host or message).rsplit(": ", 1)[-1]

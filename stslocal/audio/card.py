"""A sound card that is kept open: it is watched, and opened again after it was lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import TypeAlias

from stslocal.audio.devices import KIND_NAMES, AudioDevice, Kind, find_again, find_device
from stslocal.audio.streams import CardStream, open_stream_count, rescan
from stslocal.errors import AudioDeviceError

_log = logging.getLogger(__name__)

OnChange: TypeAlias = Callable[[AudioDevice, bool], None]
"""Called with a device and whether it is present: False when it was lost, True when it is back."""

_PROOF_S = 0.1
"""A reopened stream counts as running after this much sound, because some streams stand still."""


def ignore_change(device: AudioDevice, present: bool) -> None:
    """Do nothing: the default `on_change`."""


class SoundCard:
    """The input or the output of a device. One thread uses it; any thread may call `close`."""

    def __init__(
        self,
        wanted: str | int | None,
        kind: Kind,
        *,
        buffer_s: float,
        stall_s: float = 2.0,
        retry_s: float = 1.0,
        channel: int | None = None,
        on_change: OnChange = ignore_change,
    ) -> None:
        """Find the device. Raises AudioDeviceError.

        A stream that moved no sample for `stall_s` seconds is lost. The card waits `retry_s`
        seconds between two attempts to open the device again. `channel` is as for `CardStream`.
        """
        self.device = find_device(wanted, kind)
        self._named = wanted is not None
        self._kind = kind
        self._buffer_s = buffer_s
        self._stall_s = stall_s
        self._retry_s = retry_s
        self._channel = channel
        self._on_change = on_change
        self._stream: CardStream | None = None
        self._present = False
        self._closed = False
        self._attempts = 0
        self._next_attempt_s = 0.0
        self._past_xruns = 0
        self._past_overrun_s = 0.0

    def open(self) -> CardStream:
        """Open the device for the first time. Raises AudioDeviceError."""
        self._stream = self._opened()
        self._present = True
        return self._stream

    def check(self) -> CardStream | None:
        """Return the stream if it runs, else None. Opens a lost device again when that is due.

        Call it about twice a second or more often. A lost device raises no error here.
        """
        if self._closed:
            return None
        if self._stream is not None and (fault := self._stream.fault(self._stall_s)):
            _log.debug("the stream of the %s is closed: %s", KIND_NAMES[self._kind], fault)
            self._drop(self._stream)
        if self._stream is None and perf_counter() >= self._next_attempt_s:
            self._try_to_open()
        if self._stream is None:
            return None
        if not self._present:
            if self._stream.frames < _PROOF_S * self._stream.sample_rate:
                return None
            self._present = True
            self._attempts = 0
            _log.info("the %s %r is back", KIND_NAMES[self._kind], self.device.name)
            self._on_change(self.device, True)
        return self._stream

    def close(self) -> None:
        """Release the device at once. It is not opened again."""
        self._closed = True
        stream = self._stream
        if stream is not None:
            stream.close()

    @property
    def xruns(self) -> int:
        """How often the system reported lost or missing samples outside our ring, since `open`."""
        return self._past_xruns + (self._stream.xruns if self._stream else 0)

    @property
    def overrun_s(self) -> float:
        """Seconds of sound dropped because the ring was full, since `open`."""
        return self._past_overrun_s + (self._stream.overrun_s if self._stream else 0.0)

    def _opened(self) -> CardStream:
        return CardStream(self.device, self._kind, buffer_s=self._buffer_s, channel=self._channel)

    def _drop(self, stream: CardStream) -> None:
        stream.close()
        self._past_xruns += stream.xruns
        self._past_overrun_s += stream.overrun_s
        self._stream = None
        if stream.interrupted:  # by `rescan` for another device: ours is present, so no report
            self._next_attempt_s = 0.0
            return
        self._next_attempt_s = perf_counter() + self._retry_s
        self._report_lost()

    def _try_to_open(self) -> None:
        self._attempts += 1
        self._next_attempt_s = perf_counter() + self._retry_s
        try:
            if self._named:
                self.device = find_again(self.device, self._kind)
            else:
                self.device = find_device(None, self._kind)
            self._stream = self._opened()
        except AudioDeviceError as error:
            self._report_lost()
            if self._attempts.bit_count() == 1:
                _log.debug("attempt %d failed: %s", self._attempts, error)
            # A rescan interrupts open streams. While there are any, it is done less and less
            # often: at attempts 1, 2, 4, 8 and so on.
            if not open_stream_count() or self._attempts.bit_count() == 1:
                rescan()
        if self._closed:  # another thread closed it meanwhile
            self.close()

    def _report_lost(self) -> None:
        if self._present:
            self._present = False
            _log.info("the %s %r is gone", KIND_NAMES[self._kind], self.device.name)
            self._on_change(self.device, False)

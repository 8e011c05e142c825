"""A device that is kept open: its loss is noticed, and it is opened again when it returns."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import TypeAlias

from stslocal.audio.devices import WORDS, AudioDevice, Kind, find_again, find_device
from stslocal.audio.streams import CardStream, rescan, streams_open
from stslocal.errors import AudioDeviceError

_log = logging.getLogger(__name__)

OnChange: TypeAlias = Callable[[AudioDevice, bool], None]
"""Told of a device and whether it is there: False when it was lost, True when it is back."""

_PROOF_S = 0.1
"""A stream that was opened again counts when this much has passed it: some stand still."""


def unnoticed(device: AudioDevice, present: bool) -> None:
    """For whoever does not want to be told."""


class SoundCard:
    """One side of a device, for one thread at a time; `close` may be called from any."""

    def __init__(
        self,
        wanted: str | int | None,
        kind: Kind,
        *,
        buffer_s: float,
        stall_s: float = 2.0,
        retry_s: float = 1.0,
        on_change: OnChange = unnoticed,
    ) -> None:
        """Find the device. Raises AudioDeviceError.

        `stall_s`: a stream that moved nothing for so long is lost. `retry_s` lie between two
        attempts to open it again.
        """
        self.device = find_device(wanted, kind)
        self._named = wanted is not None
        self._kind = kind
        self._buffer_s = buffer_s
        self._stall_s = stall_s
        self._retry_s = retry_s
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
        self._stream = CardStream(self.device, self._kind, buffer_s=self._buffer_s)
        self._present = True
        return self._stream

    def check(self) -> CardStream | None:
        """The stream if it runs, else None, after an attempt to open it if one is due.

        To be called at least every half second or so. Never raises for a device that is away.
        """
        if self._closed:
            return None
        if self._stream is not None and (fault := self._stream.fault(self._stall_s)):
            _log.debug("the stream of the %s is closed: %s", WORDS[self._kind], fault)
            self._drop(self._stream)
        if self._stream is None and perf_counter() >= self._next_attempt_s:
            self._attempt()
        if self._stream is None:
            return None
        if not self._present:
            if self._stream.frames < _PROOF_S * self._stream.sample_rate:
                return None
            self._present = True
            self._attempts = 0
            _log.info("the %s %r is back", WORDS[self._kind], self.device.name)
            self._on_change(self.device, True)
        return self._stream

    def close(self) -> None:
        """Let go of the device at once, and for good."""
        self._closed = True
        stream = self._stream
        if stream is not None:
            stream.close()

    @property
    def xruns(self) -> int:
        """How often the system lost samples or lacked some on its own side, since `open`."""
        return self._past_xruns + (self._stream.xruns if self._stream else 0)

    @property
    def overrun_s(self) -> float:
        """Seconds of sound dropped because the ring was full, since `open`."""
        return self._past_overrun_s + (self._stream.overrun_s if self._stream else 0.0)

    def _drop(self, stream: CardStream) -> None:
        stream.close()
        self._past_xruns += stream.xruns
        self._past_overrun_s += stream.overrun_s
        self._stream = None
        if stream.interrupted:  # for another device's sake: ours is there, so no word of it
            self._next_attempt_s = 0.0
            return
        self._next_attempt_s = perf_counter() + self._retry_s
        self._away()

    def _attempt(self) -> None:
        self._attempts += 1
        self._next_attempt_s = perf_counter() + self._retry_s
        try:
            if self._named:
                self.device = find_again(self.device, self._kind)
            else:
                self.device = find_device(None, self._kind)
            self._stream = CardStream(self.device, self._kind, buffer_s=self._buffer_s)
        except AudioDeviceError as error:
            self._away()
            if self._attempts.bit_count() == 1:
                _log.debug("attempt %d failed: %s", self._attempts, error)
            # It interrupts other streams for a moment, so while there are any, ever more rarely.
            if not streams_open() or self._attempts.bit_count() == 1:
                rescan()
        if self._closed:  # by another thread, in the meantime
            self.close()

    def _away(self) -> None:
        if self._present:
            self._present = False
            _log.info("the %s %r is gone", WORDS[self._kind], self.device.name)
            self._on_change(self.device, False)

"""The source of a live session: captured samples, after the duplex muted or cancelled our voice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from stslocal.live.ports import AudioInput, Duplex, Record
from stslocal.live.stream_clock import StreamClock
from stslocal.metrics import DeviceXrun, Emit, InputLevel, InputMuted
from stslocal.types import RECOGNITION_RATE, Samples

LEVEL_EVERY_S = 0.1


class Capture:
    """Blocks of samples at 16 kHz, shape (n,), until the input ends. Iterate it once."""

    def __init__(
        self,
        input: AudioInput,
        duplex: Duplex,
        record: Record,
        *,
        watch: Callable[[Samples], None] = lambda samples: None,
        clock: StreamClock,
        emit: Emit,
        on_block: Callable[[], None] = lambda: None,
        correct: Callable[[Samples], None] = lambda samples: None,
    ) -> None:
        """`watch` takes each block before it is muted; `on_block` is called before the next one.

        `correct` takes samples that replace the newest ones that were yielded.
        """
        self._input = input
        self._duplex = duplex
        self._record = record
        self._watch = watch
        self._clock = clock
        self._emit = emit
        self._on_block = on_block
        self._correct = correct
        self._level = _Level(emit)
        self._overrun = 0
        self._muted_s = 0.0
        """Muted sound that was reported."""

    def __iter__(self) -> Iterator[Samples]:
        """Yield the samples that arrived since the previous block. Raises AudioDeviceError."""
        position = 0
        while len(samples := self._input.read()):
            self._clock.delivered(self._input.captured_s, self._input.latency_s)
            self._watch(samples)
            kept, is_muted = self._duplex.process(samples, position / RECOGNITION_RATE)
            if len(corrected := self._duplex.take_corrected()):
                self._correct(corrected)
            self._record.captured(samples, kept)
            position += len(samples)
            self._level.add(samples, position / RECOGNITION_RATE, is_muted=is_muted)
            self._report_overrun()
            self._report_muted(is_muted)
            yield kept
            self._on_block()
        self._report_muted(False)
        self._duplex.end_input()

    def _report_overrun(self) -> None:
        lost, self._overrun = self._input.overrun - self._overrun, self._input.overrun
        if lost:
            self._emit(DeviceXrun(self._clock.now(), "input", lost))

    def _report_muted(self, is_muted: bool) -> None:
        """Report muted sound when the microphone is on again."""
        muted_s = self._duplex.muted_s - self._muted_s
        if muted_s > 1e-3 and not is_muted:
            self._muted_s += muted_s
            self._emit(InputMuted(self._clock.now(), muted_s))


class _Level:
    """Reports the peak and the RMS of the input, ten times a second."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._count = 0
        self._squares = 0.0
        self._peak = 0.0
        self._is_muted = False

    def add(self, samples: Samples, at_s: float, *, is_muted: bool) -> None:
        self._count += len(samples)
        self._squares += float(np.dot(samples, samples))
        self._peak = max(self._peak, float(np.abs(samples).max()))
        self._is_muted |= is_muted
        if self._count >= LEVEL_EVERY_S * RECOGNITION_RATE:
            rms = (self._squares / self._count) ** 0.5
            self._emit(InputLevel(at_s, self._peak, rms, self._is_muted))
            self._count, self._squares, self._peak, self._is_muted = 0, 0.0, 0.0, False

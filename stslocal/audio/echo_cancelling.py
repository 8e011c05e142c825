"""Echo cancellation by WebRTC's audio processing (AEC3), as browsers do it in a call.

What the loudspeaker says is taken out of the input, so that one may speak and listen at once
without headphones. Source: https://webrtc.googlesource.com/src (BSD), through pywebrtc-audio
(Apache-2.0).
"""

from __future__ import annotations

import threading

import numpy as np

from stslocal.audio.resample import Resampler
from stslocal.errors import SettingsError
from stslocal.types import RECOGNITION_RATE, Samples

FRAME = RECOGNITION_RATE // 100
"""WebRTC works on 10 ms at once."""
LEAD_S = 0.03
"""The canceller is told of the loudspeaker's sound this much early: it finds an echo that comes
late (up to about half a second), and never one that comes early."""

_MEMORY_S = 60.0
_SEAM_S = 0.02
"""Pieces that follow each other within this are one stretch of sound."""


class EchoCancelled:
    """A Duplex that takes the loudspeaker's sound out of the input, 10 ms late."""

    muted_s = 0.0

    def __init__(self) -> None:
        """Raises SettingsError when the package is not installed."""
        try:
            from pywebrtc_audio import EchoCanceller
        except ImportError as error:
            raise SettingsError(
                "--duplex aec needs the package pywebrtc-audio, which is not installed: "
                "run `pip install 'stslocal[aec]'`"
            ) from error
        self._canceller = EchoCanceller(sample_rate=RECOGNITION_RATE)
        self._far = np.zeros(round(_MEMORY_S * RECOGNITION_RATE), np.float32)
        """The loudspeaker's sound; sample n of the stream is at n modulo its length."""
        self._resampler = Resampler(RECOGNITION_RATE, RECOGNITION_RATE)
        self._next = 0
        """Where in the stream the next piece goes that follows the last without a gap."""
        self._lock = threading.Lock()
        self._position: int | None = None
        """Where in the stream the samples in `_near` begin."""
        self._near = np.zeros(0, np.float32)
        self._clean = np.zeros(FRAME, np.float32)
        """Cleaned samples that were not given yet: at first, the delay."""

    def played(self, samples: Samples, sample_rate: int, at_s: float) -> None:
        at = round((at_s - LEAD_S) * RECOGNITION_RATE)
        with self._lock:
            gap = abs(at - self._next) > _SEAM_S * RECOGNITION_RATE
            if gap or self._resampler.source_rate != sample_rate:
                self._place(self._resampler.flush())
                self._resampler = Resampler(sample_rate, RECOGNITION_RATE)
                self._next = at
            self._place(self._resampler.process(samples))

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        if self._position is None:
            self._position = round(start_s * RECOGNITION_RATE)
        self._near = np.concatenate([self._near, samples])
        count = len(self._near) // FRAME * FRAME
        near, self._near = self._near[:count], self._near[count:]
        clean = self._canceller.process(near, self._take(self._position, count))
        self._position += count
        self._clean = np.concatenate([self._clean, clean])
        given, self._clean = self._clean[: len(samples)], self._clean[len(samples) :]
        return given, False

    def _place(self, samples: Samples) -> None:
        samples = samples[: len(self._far)]
        self._far[np.arange(self._next, self._next + len(samples)) % len(self._far)] = samples
        self._next += len(samples)

    def _take(self, start: int, count: int) -> Samples:
        """The loudspeaker's sound in a stretch of the stream, which is then forgotten."""
        with self._lock:
            at = np.arange(start, start + count) % len(self._far)
            taken: Samples = self._far[at]
            self._far[at] = 0.0
        return taken

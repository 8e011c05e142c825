"""Echo cancellation by WebRTC's audio processing (AEC3), which browsers use in calls.

It removes the loudspeaker's sound from the input, so that a person can speak while a translation
plays, without headphones. Source: https://webrtc.googlesource.com/src (BSD), through
pywebrtc-audio (Apache-2.0).
"""

from __future__ import annotations

import threading

import numpy as np

from stslocal.audio.resample import Resampler
from stslocal.errors import SettingsError
from stslocal.types import RECOGNITION_RATE, Samples

BLOCK = RECOGNITION_RATE // 100
"""Samples that WebRTC processes at once: 10 ms."""
LEAD_S = 0.03
"""The canceller gets the loudspeaker's sound this long before it sounds. It finds an echo that
comes up to about 0.5 s after that sound, but none that comes before it."""

_FAR_BUFFER_S = 60.0
_SEAM_TOLERANCE_S = 0.02
"""Pieces with at most this much between them are one continuous sound."""


class EchoCancelled:
    """A Duplex that removes the loudspeaker's sound from the input, and delays it by 10 ms."""

    muted_s = 0.0

    def __init__(self) -> None:
        """Raises SettingsError if the package is not installed."""
        try:
            from pywebrtc_audio import EchoCanceller
        except ImportError as error:
            raise SettingsError(
                "--duplex aec needs the package pywebrtc-audio, which is not installed: "
                "run `pip install 'stslocal[aec]'`"
            ) from error
        self._canceller = EchoCanceller(sample_rate=RECOGNITION_RATE)
        self._far = np.zeros(round(_FAR_BUFFER_S * RECOGNITION_RATE), np.float32)
        """The loudspeaker's sound. Sample n of the stream is at index n modulo its length."""
        self._resampler = Resampler(RECOGNITION_RATE, RECOGNITION_RATE)
        self._next = 0
        """Stream position behind the last piece, where a piece without a gap goes."""
        self._lock = threading.Lock()
        self._position: int | None = None
        """Stream position of the first sample in `_near`."""
        self._near = np.zeros(0, np.float32)
        """Input samples that do not fill a block yet."""
        self._clean = np.zeros(BLOCK, np.float32)
        """Cleaned samples that were not returned yet; at the start, one block of silence."""

    def played(self, samples: Samples, sample_rate: int, at_s: float) -> None:
        at = round((at_s - LEAD_S) * RECOGNITION_RATE)
        with self._lock:
            gap = abs(at - self._next) > _SEAM_TOLERANCE_S * RECOGNITION_RATE
            if gap or self._resampler.source_rate != sample_rate:
                self._place(self._resampler.flush())
                self._resampler = Resampler(sample_rate, RECOGNITION_RATE)
                self._next = at
            self._place(self._resampler.process(samples))

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        if self._position is None:
            self._position = round(start_s * RECOGNITION_RATE)
        self._near = np.concatenate([self._near, samples])
        count = len(self._near) // BLOCK * BLOCK
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
        """Return `count` samples of the loudspeaker's sound from `start` on, and erase them."""
        with self._lock:
            at = np.arange(start, start + count) % len(self._far)
            taken: Samples = self._far[at]
            self._far[at] = 0.0
        return taken

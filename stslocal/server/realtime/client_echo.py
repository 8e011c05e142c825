"""Takes a client's loudspeaker out of what its microphone captured, where the client says what it
played: a page knows that, and the server does not.
"""

from __future__ import annotations

import numpy as np

from stslocal.audio.echo_canceller import EchoCanceller
from stslocal.types import RECOGNITION_RATE, Samples

CAPTURED, PLAYED = 0, 1
"""The channels of what a client sends."""


class ClientEcho:
    """An echo canceller that does nothing before its client has played something. For one thread.

    Both channels begin at the same moment, so a sample's number is its time and its position.
    """

    def __init__(self) -> None:
        self._canceller: EchoCanceller | None = None
        self._count = 0

    def process(self, samples: Samples) -> Samples:
        """Return what was captured without the echo, shape (n,); `samples` are (n, 2), 16 kHz."""
        captured = np.ascontiguousarray(samples[:, CAPTURED])
        played = np.ascontiguousarray(samples[:, PLAYED])
        at = self._count
        self._count += len(samples)
        if self._canceller is None:
            if not played.any():
                return captured
            self._canceller = EchoCanceller()
        at_s = at / RECOGNITION_RATE
        self._canceller.played(played, RECOGNITION_RATE, at_s, at)
        cleaned, _ = self._canceller.process(captured, at_s)
        return cleaned

    def take_corrected(self) -> Samples:
        """Return samples once that replace the last ones that `process` returned before its last
        call, shape (n,): what was captured before the echo was found, without it. Mostly none.
        """
        if self._canceller is None:
            return np.zeros(0, np.float32)
        return self._canceller.take_corrected()

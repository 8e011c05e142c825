"""What a canceller knows of the loudspeaker's echo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EchoState:
    """What is known of the echo. A new one replaces it; it never changes itself."""

    judged_s: float = 0.0
    """Seconds of played sound so far that were loud enough to judge by."""
    is_audible: bool | None = None
    """Whether the microphone captures the loudspeaker; None until it is known."""
    echo_db: float = -120.0
    """Level of the echo at the microphone, dB of full scale, smoothed."""
    reduction_db: float = 0.0
    """By how much the filter reduces the echo."""
    works: bool | None = None
    """Whether cancelling is good enough to listen while playing; None until it is known."""

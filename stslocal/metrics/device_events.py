"""The events of microphones and loudspeakers. `events` says what all events have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

MicrophoneTrouble: TypeAlias = Literal["silent", "quiet", "too loud", "telephone"]


@dataclass(frozen=True, slots=True)
class DeviceXrun:
    """Samples were lost at the microphone or missing at the loudspeaker."""

    at_s: float
    device: Literal["input", "output"]
    samples: int
    """Number of samples since the last such event."""


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A microphone or a loudspeaker is gone, or is back."""

    at_s: float
    device: Literal["input", "output"]
    name: str
    """Of the device; of the one in its place where the system has chosen another."""
    present: bool


@dataclass(frozen=True, slots=True)
class MicrophoneFault:
    """Something is wrong with the sound of the microphone, or is right again."""

    at_s: float
    fault: MicrophoneTrouble
    """`silent`: no sound at all. `quiet`: speech is very quiet. `too loud`: the sound is distorted.
    `telephone`: speech has nothing above 4 kHz, as from a Bluetooth headset in a call."""
    present: bool
    """False where sound comes again after `silent`."""

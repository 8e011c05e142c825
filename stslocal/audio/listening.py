"""Measures the level at a microphone, for the level meter and for checks."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.devices import AudioDevice
from stslocal.audio.levels import Level, level_dbfs
from stslocal.audio.streams import CardStream
from stslocal.errors import AudioDeviceError

_STALL_S = 2.0
"""A microphone that delivers nothing for this long counts as lost."""


def measure_levels(device: AudioDevice, *, every_s: float = 0.1) -> Generator[Level, None, None]:
    """Listen to `device` and yield the level of every `every_s` seconds.

    It is the level of the loudest channel as the card delivers it: a mix would hide that a channel
    is clipped or silent. Goes on until the generator is closed. Raises AudioDeviceError if the
    device cannot be opened or is lost.
    """
    stream = CardStream(device, "input", buffer_s=max(5.0, 4 * every_s))
    try:
        count = math.ceil(every_s * stream.sample_rate) * stream.channels
        block = np.empty(count, np.float32)
        while True:
            if stream.ring.wait_available(count, timeout=0.2):
                stream.ring.read_into(block)
                yield _loudest(block.reshape(-1, stream.channels))
            elif stream.fault(_STALL_S):
                raise AudioDeviceError(
                    f"the microphone {device.name!r} delivers no sound any more: connect it again"
                )
    finally:
        stream.close()


def _loudest(frames: NDArray[np.float32]) -> Level:
    levels = [level_dbfs(channel) for channel in np.ascontiguousarray(frames.T)]
    return Level(max(level.peak_dbfs for level in levels), max(level.rms_dbfs for level in levels))

"""How loud it is at a microphone, for meters and checks."""

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
"""A microphone that delivers nothing for so long is gone."""


def measure_levels(device: AudioDevice, *, every_s: float = 0.1) -> Generator[Level, None, None]:
    """Listen to `device` and tell how loud it was in each `every_s` seconds.

    The level is that of its loudest channel as the card delivers it: a mix would hide that one
    channel is clipped or dead. Goes on until it is closed. Raises AudioDeviceError when the
    device cannot be opened or goes away.
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

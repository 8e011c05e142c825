"""Mixes the channels of a recording to mono, looking at what they hold.

A surround mix with named channels is mixed by ITU-R BS.775. In all others (stereo, a recorder with
a microphone a channel) channels that have been silent so far are left out, and a stereo channel
that is the inverse of the other one is turned round first: otherwise the two would cancel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.resample import downmix
from stslocal.types import Samples

_SILENT_PEAK = 10 ** (-70 / 20)
"""A channel whose peak is not above this has held nothing but its converter's noise: -70 dBFS."""
_LARGEST = np.float32(1e6)
"""Largest sample: some float recordings have the values of 16-bit integers."""
_MEMORY_S = 2.0
"""Time constant of the correlation of two channels, in seconds."""
_TURN_AT, _TURN_BACK_AT = -0.5, 0.0
"""Correlation at which the right channel is turned round, and at which no longer."""


_LEFT = {"FL": 1.0, "FLC": 1.0, "BL": 0.7071, "SL": 0.7071, "FC": 0.7071, "BC": 0.5, "TC": 0.5}
_RIGHT = {"FR": 1.0, "FRC": 1.0, "BR": 0.7071, "SR": 0.7071, "FC": 0.7071, "BC": 0.5, "TC": 0.5}
"""Shares in the two channels of stereo, from ITU-R BS.775: not scaled down, so that stereo is as
loud as the surround mix. Speech in mono, played in both channels, has to be so too."""
_SURROUND_CHANNELS = range(3, 9)
_SURROUND_NAMES = frozenset({*_LEFT, *_RIGHT, "LFE"})


class ChannelMix:
    """Mixes the pieces of one recording, in order."""

    channels = 1

    def __init__(self, channel: int | None = None) -> None:
        """`channel` (from 1) is taken alone; None mixes all of them."""
        self._channel = channel
        self._used: NDArray[np.bool_] = np.zeros(0, bool)
        self._left = self._right = self._cross = 0.0
        self._turned = False

    def mix(self, frames: NDArray[np.float32], names: Sequence[str], rate: int) -> Samples:
        """Mix frames, shape (n, channels), to mono, shape (n,), full scale 1."""
        frames = _without_extremes(frames)
        channels = frames.shape[1]
        if self._channel is not None:
            index = self._channel - 1
            return frames[:, index] if index < channels else np.zeros(len(frames), np.float32)
        if channels == 1 or not len(frames):
            return downmix(frames)
        if channels in _SURROUND_CHANNELS and _SURROUND_NAMES.issuperset(names):
            mono: Samples = _in_stereo(frames, names).mean(axis=1)
            return mono
        if channels == 2 and self._is_inverted(frames, rate):
            frames = frames * np.array([1, -1], np.float32)
        return downmix(frames, self._gains(frames))

    def _gains(self, frames: NDArray[np.float32]) -> list[float] | None:
        """1 for each channel that held a sound so far; None when none did."""
        if len(self._used) != frames.shape[1]:
            self._used = np.zeros(frames.shape[1], bool)
        self._used |= np.abs(frames).max(axis=0) > _SILENT_PEAK
        return [float(used) for used in self._used] if self._used.any() else None

    def _is_inverted(self, frames: NDArray[np.float32], rate: int) -> bool:
        keep = float(np.exp(-len(frames) / (rate * _MEMORY_S)))
        left, right = frames[:, 0].astype(np.float64), frames[:, 1].astype(np.float64)
        self._left = keep * self._left + float(left @ left)
        self._right = keep * self._right + float(right @ right)
        self._cross = keep * self._cross + float(left @ right)
        power = (self._left * self._right) ** 0.5
        if power > 0.0:
            correlation = self._cross / power
            self._turned = correlation < (_TURN_BACK_AT if self._turned else _TURN_AT)
        return self._turned


class StereoMix:
    """Mixes the pieces of one recording to stereo, in order: stereo itself stays as it is."""

    channels = 2

    def __init__(self, channel: int | None = None) -> None:
        """`channel` (from 1) is taken alone, for both sides; None takes all of them."""
        self._mono = ChannelMix(channel)
        self._is_alone = channel is not None

    def mix(
        self, frames: NDArray[np.float32], names: Sequence[str], rate: int
    ) -> NDArray[np.float32]:
        """Mix frames, shape (n, channels), to stereo, shape (n, 2), full scale 1."""
        channels = frames.shape[1]
        is_surround = channels in _SURROUND_CHANNELS and _SURROUND_NAMES.issuperset(names)
        if self._is_alone or not (channels == 2 or is_surround):
            mono = self._mono.mix(frames, names, rate)
            return np.stack([mono, mono], axis=1)
        frames = _without_extremes(frames)
        if not is_surround:
            return frames
        return _in_stereo(frames, names)


class MeasuredMix:
    """Mixes the pieces of one recording to mono, with stereo beside it: that is as loud as the
    recording, and a mono mix is less where the channels differ.
    """

    channels = 3

    def __init__(self, channel: int | None = None) -> None:
        """`channel` (from 1) is taken alone; None takes all of them."""
        self._mono, self._stereo = ChannelMix(channel), StereoMix(channel)

    def mix(
        self, frames: NDArray[np.float32], names: Sequence[str], rate: int
    ) -> NDArray[np.float32]:
        """Mix frames, shape (n, channels), to mono, left and right, shape (n, 3)."""
        mono, stereo = self._mono.mix(frames, names, rate), self._stereo.mix(frames, names, rate)
        return np.column_stack([mono, stereo])


def _in_stereo(frames: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.float32]:
    """Mix a surround mix, shape (n, channels), to stereo, shape (n, 2)."""
    sides = [[share.get(name, 0.0) for name in names] for share in (_LEFT, _RIGHT)]
    mixed: NDArray[np.float32] = frames @ np.array(sides, np.float32).T
    return mixed


def _without_extremes(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    # One value that is not a number would spoil all later ones in the resampler.
    # So would a sum that is beyond float32.
    frames = np.nan_to_num(frames, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(frames, -_LARGEST, _LARGEST)

"""A simulated room on virtual time: a microphone that captures somebody and the loudspeaker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.resample import resample
from stslocal.audio.simulated import SilentOutput
from stslocal.clock import Clock
from stslocal.types import RECOGNITION_RATE, Samples

_MARGIN_S = 0.04
_BLOCK_S = 0.05
_WHOLE_S = 0.01
"""Blocks are whole multiples of this: then each begins at a whole sample of the loudspeaker too.
Otherwise the echo would move by a third of a sample when a block is late."""


def response(reverberation_s: float, *, seed: int = 3) -> NDArray[np.float32]:
    """A room's impulse response at RECOGNITION_RATE, energy 1: the direct sound, then noise that
    falls by 60 dB in `reverberation_s`.
    """
    count = max(1, round(1.2 * reverberation_s * RECOGNITION_RATE))
    time_s = np.arange(count) / RECOGNITION_RATE
    noise = np.random.default_rng(seed).standard_normal(count)
    tail = noise * 10 ** (-3 * time_s / max(reverberation_s, 1e-3))
    tail[: min(count, 40)] = 0.0
    tail *= 0.7 / np.sqrt(np.square(tail).sum() + 1e-12)
    tail[0] = 1.0
    return np.asarray(tail / np.sqrt(np.square(tail).sum()), np.float32)


class RoomOutput(SilentOutput):
    """A loudspeaker whose sound stays to be captured."""

    def __init__(self, sample_rate: int, clock: Clock, *, longest_s: float) -> None:
        super().__init__(sample_rate, clock, latency_s=0.05)
        self.sound = np.zeros(round(longest_s * sample_rate), np.float32)
        """What sounds, from time 0 of the clock on."""

    def clock_position(self, position: int) -> float:
        return round(super().clock_position(position))

    def write(self, samples: Samples) -> None:
        super().write(samples)
        latency = round(self.latency_s * self.sample_rate)
        first = round(self.clock_position(self.written)) + latency - len(samples)
        room = self.sound[first : first + len(samples)]
        room += samples[: len(room)]


class RoomInput:
    """A microphone that captures `samples`, and the output `gain_db` as loud and `delay_s` late."""

    overrun = 0
    latency_s = 0.0

    def __init__(
        self,
        samples: Samples,
        clock: Clock,
        output: RoomOutput,
        *,
        gain_db: float | None,
        delay_s: float,
        reverberation_s: float = 0.25,
    ) -> None:
        self._samples = samples
        self._clock = clock
        self._output = output
        self._gain = 0.0 if gain_db is None else 10 ** (gain_db / 20)
        self._delay_s = delay_s
        self._response = response(reverberation_s)
        self._given = 0

    @property
    def captured_s(self) -> float:
        return min(self._clock.now(), len(self._samples) / RECOGNITION_RATE)

    def read(self) -> Samples:
        until = min(self._given + round(_BLOCK_S * RECOGNITION_RATE), len(self._samples))
        self._clock.sleep_until(until / RECOGNITION_RATE)
        captured = int(self._clock.now() / _WHOLE_S) * round(_WHOLE_S * RECOGNITION_RATE)
        first, self._given = self._given, max(until, min(captured, len(self._samples)))
        block: Samples = self._samples[first : self._given].copy()
        if len(block):
            block += np.float32(self._gain) * self._echo(first, self._given)
        return np.clip(block, -1.0, 1.0)

    def stop(self) -> None:
        self._given = len(self._samples)

    def close(self) -> None:
        pass

    def _echo(self, first: int, behind: int) -> Samples:
        rate, past = self._output.sample_rate, len(self._response)
        begin_s = (first - past) / RECOGNITION_RATE - self._delay_s - _MARGIN_S
        end_s = behind / RECOGNITION_RATE - self._delay_s + _MARGIN_S
        wanted = np.arange(round(begin_s * rate), round(end_s * rate))
        inside = (wanted >= 0) & (wanted < len(self._output.sound))
        played = np.where(inside, self._output.sound[np.clip(wanted, 0, None) * inside], 0.0)
        if not played.any():
            return np.zeros(behind - first, np.float32)
        far = resample(played.astype(np.float32), rate, RECOGNITION_RATE)
        skip = round(_MARGIN_S * RECOGNITION_RATE)
        far = far[skip : skip + past + behind - first]
        size = 1 << (len(far) + past).bit_length()
        product = np.fft.rfft(far, size) * np.fft.rfft(self._response, size)
        echo = np.fft.irfft(product, size)[past : past + behind - first]
        return np.asarray(echo, np.float32)

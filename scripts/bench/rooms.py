"""A simulated room: what a microphone captures of a loudspeaker and of somebody who speaks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from corpus import Corpus
from numpy.typing import NDArray

from stslocal.audio.decode import read_audio
from stslocal.audio.played_sound import interpolated
from stslocal.types import RECOGNITION_RATE, Samples

LEVEL_DB = -26.0
"""Of readings, dB of full scale."""


def decibels(samples: NDArray[np.floating[Any]]) -> float:
    """Mean power in dB of full scale."""
    return float(10 * np.log10(np.square(samples, dtype=np.float64).mean() + 1e-12))


def speechlike(seed: int, seconds: float, *, pauses: bool = True) -> Samples:
    """Voiced noise: harmonics of a moving pitch with formants and syllables, like speech."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RECOGNITION_RATE)
    time_s = np.arange(count) / RECOGNITION_RATE
    pitch = rng.uniform(90, 220)
    f0 = pitch * (1 + 0.2 * np.sin(2 * np.pi * 0.7 * time_s + rng.uniform(0, 6)))
    pulses = np.diff(np.floor(np.cumsum(f0) / RECOGNITION_RATE), prepend=0.0)
    source = pulses * 8 + 0.15 * rng.standard_normal(count)
    sound = np.zeros(count)
    frame = RECOGNITION_RATE // 8
    window = np.hanning(2 * frame)
    frequency = np.fft.rfftfreq(4 * frame, 1 / RECOGNITION_RATE)
    for start in range(0, count - 2 * frame, frame):
        formants = rng.uniform((250, 800, 2000), (800, 2200, 3500))
        shape = sum(
            gain / (1 + ((frequency - at) / width) ** 2)
            for at, width, gain in zip(formants, (80, 120, 200), (1, 0.6, 0.3), strict=True)
        )
        loud = 0.0 if pauses and rng.random() < 0.25 else rng.uniform(0.3, 1.0)
        piece = np.fft.rfft(source[start : start + 2 * frame] * window, 4 * frame) * shape
        sound[start : start + 2 * frame] += loud * np.fft.irfft(piece)[: 2 * frame]
    sound *= 0.05 / np.sqrt(np.square(sound).mean())
    return sound.astype(np.float32)


def response(reverberation_s: float, seed: int, direct: float = 1.0) -> NDArray[np.float64]:
    """A room's impulse response: the direct sound, then noise that falls by 60 dB in that time."""
    rng = np.random.default_rng(seed)
    count = max(1, round(1.2 * reverberation_s * RECOGNITION_RATE))
    time_s = np.arange(count) / RECOGNITION_RATE
    tail = rng.standard_normal(count) * 10 ** (-3 * time_s / max(reverberation_s, 1e-3))
    tail[: min(count, 40)] = 0.0
    tail *= 0.7 / np.sqrt(np.square(tail).sum() + 1e-12)
    tail[0] = direct
    return tail


def convolved(samples: Samples, with_: NDArray[np.float64]) -> Samples:
    size = 1 << (len(samples) + len(with_) - 1).bit_length()
    product = np.fft.rfft(samples, size) * np.fft.rfft(with_, size)
    return np.fft.irfft(product, size)[: len(samples)].astype(np.float32)


def reading(data: Corpus, language: str, seconds: float, skip_s: float = 0.0) -> Samples:
    """The long recording of a language from `skip_s` on, at LEVEL_DB; again if it is short."""
    lines = (data.folder / "long.jsonl").read_text(encoding="utf-8").splitlines()
    (long,) = (line for line in map(json.loads, lines) if line["language"] == language)
    wanted = round((seconds + skip_s) * RECOGNITION_RATE)
    samples = np.zeros(0, np.float32)
    for name in long["parts"]:
        gap = np.zeros(round(long["gap_s"] * RECOGNITION_RATE), np.float32)
        samples = np.concatenate([samples, read_audio(data.folder / name), gap])
        if len(samples) >= wanted:
            break
    samples = np.resize(samples[round(skip_s * RECOGNITION_RATE) :], wanted)
    samples = samples[: round(seconds * RECOGNITION_RATE)]
    return samples * np.float32(10 ** ((LEVEL_DB - decibels(samples)) / 20))


@dataclass(frozen=True, slots=True)
class Room:
    """A loudspeaker, a microphone and what is between them."""

    delay_s: float = 0.08
    """From when a sample should sound until its echo begins."""
    echo_db: float = 0.0
    """Echo at the microphone against the level of the played sound, in dB."""
    reverberation_s: float = 0.25
    """Time in which an echo falls by 60 dB."""
    drift_ppm: float = 0.0
    """How much faster the loudspeaker's clock is than the microphone's, in millionths."""
    distortion: float = 0.0
    """The loudspeaker saturates: tanh of the sound at this multiple of its RMS. 0 is none."""
    changes_at_s: float | None = None
    """Then somebody moves the laptop: another response."""
    noise_db: float = -70.0
    """Noise at the microphone, dB of full scale."""
    seed: int = 0

    def echo(self, played: Samples) -> Samples:
        """The echo of a sound that begins to sound at stream time 0; as many samples."""
        sound = played
        if self.distortion:
            level = np.sqrt(np.square(sound).mean()) / self.distortion * 2
            sound = np.asarray(np.tanh(sound / level) * level, np.float32)
        if self.drift_ppm:
            at = np.arange(len(sound)) * (1 + self.drift_ppm * 1e-6)
            sound = _delayed(sound, at)
        echo = convolved(sound, response(self.reverberation_s, self.seed))
        if self.changes_at_s is not None:
            other = convolved(sound, response(self.reverberation_s, self.seed + 1000))
            change = round(self.changes_at_s * RECOGNITION_RATE)
            echo[change:] = other[change:]
        echo *= 10 ** ((decibels(played) - decibels(echo) + self.echo_db) / 20)
        late = round(self.delay_s * RECOGNITION_RATE)
        return np.concatenate([np.zeros(late, np.float32), echo])[: len(played)]

    def captured(self, played: Samples, speaker: Samples | None = None) -> Samples:
        """What the microphone captures: echo, somebody who speaks, and noise."""
        noise = np.random.default_rng(self.seed + 5).standard_normal(len(played))
        captured = self.echo(played) + noise * 10 ** (self.noise_db / 20)
        if speaker is not None:
            captured += speaker[: len(played)]
        return captured.astype(np.float32)


def _delayed(sound: Samples, at: NDArray[np.floating[Any]]) -> Samples:
    pieces = []
    for start in range(0, len(at), RECOGNITION_RATE):
        part = at[start : start + RECOGNITION_RATE]
        low = max(0, int(part[0]) - 40)
        high = int(part[-1]) + 40
        pieces.append(interpolated(sound[low:high], part - low))
    return np.concatenate(pieces)

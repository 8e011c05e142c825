"""Loudness by BS.1770, beside FFmpeg's ebur128."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stslocal.audio.decode import read_audio
from stslocal.audio.loudness import (
    SILENT_LUFS,
    LoudnessMeter,
    blocks_of,
    integrated_lufs,
    lufs_of,
    power_of,
)
from stslocal.types import Samples
from tests.r128 import loudness

pytestmark = pytest.mark.unit

_RECORDINGS = Path(__file__).parent.parent / "data" / "recordings"


def measured(samples: Samples, rate: int) -> float:
    meter = LoudnessMeter(rate)
    meter.push(samples)
    meter.finish()
    return integrated_lufs(blocks_of(meter.powers))


def tone(hertz: float, rate: int, seconds: float = 3.0) -> Samples:
    times = np.arange(round(seconds * rate)) / rate
    return np.sin(2 * np.pi * hertz * times).astype(np.float32)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_a_sine_of_997_hertz_at_full_scale_has_the_standards_value(rate: int) -> None:
    assert measured(tone(997, rate), rate) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("hertz", [40, 100, 300, 1000, 3000, 7000])
def test_a_tone_is_as_loud_as_ffmpeg_says(hertz: float) -> None:
    sound = 0.1 * tone(hertz, 48_000)
    assert measured(sound, 48_000) == pytest.approx(
        loudness(sound, 48_000).integrated_lufs, abs=0.1
    )


@pytest.mark.parametrize("name", ["ljspeech-1.flac", "jfk.flac", "guignon.flac"])
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_speech_is_as_loud_as_ffmpeg_says(name: str, rate: int) -> None:
    sound = read_audio(_RECORDINGS / name, sample_rate=rate)
    assert measured(sound, rate) == pytest.approx(loudness(sound, rate).integrated_lufs, abs=0.15)


def test_both_channels_of_stereo_count() -> None:
    sound = 0.1 * tone(500, 48_000)
    stereo = np.stack([sound, sound], axis=1)
    assert measured(stereo, 48_000) == pytest.approx(measured(sound, 48_000) + 3.01, abs=0.01)
    assert measured(stereo, 48_000) == pytest.approx(
        loudness(stereo, 48_000).integrated_lufs, abs=0.1
    )


def test_pauses_do_not_make_speech_quieter() -> None:
    speech = 0.1 * tone(500, 16_000, 4.0)
    pause = 0.001 * tone(500, 16_000, 20.0)
    alone, with_pauses = measured(speech, 16_000), np.concatenate([speech, pause, speech])
    assert measured(with_pauses, 16_000) == pytest.approx(alone, abs=0.3)


def test_the_pieces_make_no_difference() -> None:
    sound = np.random.default_rng(1).standard_normal(50_000).astype(np.float32) * 0.1
    whole, pieces = LoudnessMeter(16_000), LoudnessMeter(16_000)
    whole.push(sound)
    for start in range(0, len(sound), 777):
        pieces.push(sound[start : start + 777])
    whole.finish()
    pieces.finish()
    assert list(pieces.powers) == pytest.approx(list(whole.powers))
    assert len(whole.powers) == 32  # 31.25 steps


def test_a_sound_of_less_than_a_block_has_a_loudness_too() -> None:
    assert measured(0.1 * tone(997, 16_000, 0.2), 16_000) == pytest.approx(-23.0, abs=0.1)


def test_silence_has_none() -> None:
    assert measured(np.zeros(16_000, np.float32), 16_000) == SILENT_LUFS
    assert measured(np.zeros(0, np.float32), 16_000) == SILENT_LUFS
    assert lufs_of(0.0) == SILENT_LUFS
    assert lufs_of(power_of(-23.0)) == pytest.approx(-23.0)

"""Mixing to mono: what the channels hold decides, not only how many there are."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.audio.mixing import ChannelMix, StereoMix
from stslocal.types import Samples
from tests.audio.recordings import tone

pytestmark = pytest.mark.unit

RATE = 16_000
STEREO = ("FL", "FR")


def mixed(channels: list[Samples], channel: int | None = None) -> Samples:
    """Mix in pieces of 1000 frames."""
    mix = ChannelMix(channel)
    frames = np.stack(channels, axis=1)
    names = STEREO if len(channels) == 2 else ("NONE",) * len(channels)
    pieces = [mix.mix(frames[at : at + 1000], names, RATE) for at in range(0, len(frames), 1000)]
    return np.concatenate(pieces)


@pytest.fixture
def speech() -> Samples:
    noise = np.random.default_rng(1).normal(0, 0.1, 3 * RATE).astype(np.float32)
    return (noise * np.abs(np.sin(np.arange(len(noise)) / 3000))).astype(np.float32)


def rms(samples: Samples) -> float:
    return float(np.sqrt((samples.astype(np.float64) ** 2).mean()))


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_an_inverted_channel_does_not_cancel_the_other(speech: Samples, share: float) -> None:
    together = mixed([speech, (-share * speech).astype(np.float32)])
    np.testing.assert_allclose(together, (1 + share) / 2 * speech, atol=1e-6)


def test_two_speakers_on_two_channels_are_both_kept(speech: Samples) -> None:
    other = np.random.default_rng(2).normal(0, 0.1, len(speech)).astype(np.float32)
    np.testing.assert_allclose(mixed([speech, other]), (speech + other) / 2, atol=1e-6)


@pytest.mark.parametrize("count", [2, 16, 24])
def test_silent_channels_are_left_out(speech: Samples, count: int) -> None:
    silent = [np.full(len(speech), 1e-5, np.float32)] * (count - 1)
    np.testing.assert_allclose(mixed([*silent, speech]), speech, atol=1e-4)


def test_a_channel_that_speaks_later_is_kept_from_then_on(speech: Samples) -> None:
    late = speech.copy()
    late[: 2 * RATE] = 0
    both = mixed([speech, late])
    np.testing.assert_allclose(both[: 2 * RATE], speech[: 2 * RATE], atol=1e-6)
    np.testing.assert_allclose(both[2 * RATE :], speech[2 * RATE :], atol=1e-6)


def test_one_channel_can_be_chosen(speech: Samples) -> None:
    channels = [tone(3.0, RATE, 300.0 + 100 * index) for index in range(4)]
    np.testing.assert_array_equal(mixed(channels, 3), channels[2])


def test_the_mono_of_a_surround_mix_is_the_middle_of_its_stereo_and_as_loud(
    speech: Samples,
) -> None:
    names = ("FL", "FR", "FC", "LFE", "BL", "BR")
    others = [tone(3.0, RATE, 300.0 + 100 * index) * np.float32(0.01) for index in range(5)]
    frames = np.stack([*others[:2], speech, *others[2:]], axis=1)
    mono = ChannelMix().mix(frames, names, RATE)
    stereo = StereoMix().mix(frames, names, RATE)
    np.testing.assert_allclose(mono, stereo.mean(axis=1), atol=1e-6)
    power = rms(mono) ** 2 * 2  # in both channels
    assert power == pytest.approx(rms(speech) ** 2, rel=0.1), "as loud as the centre alone"


def test_values_that_are_no_numbers_become_silence(speech: Samples) -> None:
    spoilt = speech.copy()
    spoilt[10:20] = np.nan
    assert np.isfinite(mixed([spoilt, speech])).all()

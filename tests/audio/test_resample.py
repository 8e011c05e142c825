from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stslocal.audio.resample import (
    Resampler,
    downmix,
    from_int16,
    from_pcm16,
    resample,
    to_int16,
    to_pcm16,
)
from stslocal.types import Samples

pytestmark = pytest.mark.unit

RATES: list[float] = [8000, 11025, 16000, 22050, 24000, 44100, 48000, 96000]
CARD_RATES: list[float] = [44100 * (1 + 200e-6), 48000 * (1 - 200e-6), 96000 * (1 + 200e-6)]


def sine(frequency: float, rate: float, seconds: float, amplitude: float = 1.0) -> Samples:
    time = np.arange(round(rate * seconds)) / rate
    return (amplitude * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def level_db(samples: Samples) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples.astype(np.float64) ** 2)) + 1e-12))


@pytest.mark.parametrize("source", RATES + CARD_RATES)
@pytest.mark.parametrize("target", [16000, 24000, 44100, 48000])
def test_a_tone_keeps_its_pitch_its_level_and_its_position(source: float, target: float) -> None:
    converted = resample(sine(1000, source, 1.3, 0.5), source, target)
    expected = sine(1000, target, 1.3, 0.5)
    inner = slice(target // 20, target)  # away from the ends, where the tone starts and stops
    np.testing.assert_allclose(converted[inner], expected[inner], atol=1e-3)


@pytest.mark.parametrize("source", RATES + CARD_RATES)
@pytest.mark.parametrize("samples", [0, 1, 2, 159, 4410, 48001])
def test_the_length_changes_by_the_ratio_of_the_rates(source: float, samples: int) -> None:
    length = len(resample(np.zeros(samples, np.float32), source, 16000))
    assert abs(length - samples * 16000 / source) <= 1


@given(
    cuts=st.lists(st.integers(0, 3000), max_size=40),
    source=st.sampled_from(RATES + CARD_RATES),
    target=st.sampled_from([16000, 24000, 44109.0, 48000]),
)
@settings(max_examples=60, deadline=None)
def test_the_result_is_the_same_for_any_division_into_chunks(
    cuts: list[int], source: float, target: float
) -> None:
    whole = np.random.default_rng(1).uniform(-1, 1, 20_000).astype(np.float32)
    resampler = Resampler(source, target)
    parts, at = [], 0
    for cut in cuts:
        parts.append(resampler.process(whole[at : at + cut]))
        at += cut
    parts += [resampler.process(whole[at:]), resampler.flush()]
    np.testing.assert_array_equal(np.concatenate(parts), resample(whole, source, target))


def test_frequencies_above_half_the_target_rate_are_filtered_and_not_aliased() -> None:
    above = resample(sine(9000, 48000, 1.0), 48000, 16000)
    assert level_db(above[1600:-1600]) < -90
    below = resample(sine(7000, 48000, 1.0), 48000, 16000)
    assert level_db(below[1600:-1600]) == pytest.approx(-3.01, abs=0.05)


def test_a_flushed_resampler_starts_a_new_stream() -> None:
    tone = sine(440, 44100, 0.5)
    resampler = Resampler(44100, 16000)
    first = np.concatenate([resampler.process(tone), resampler.flush()])
    assert resampler.delay == 0
    second = np.concatenate([resampler.process(tone), resampler.flush()])
    np.testing.assert_array_equal(first, second)


def test_output_and_delay_add_up_to_the_input() -> None:
    resampler = Resampler(48000, 16000)
    returned = sum(len(resampler.process(np.zeros(480, np.float32))) for _ in range(100))
    assert returned + resampler.delay == pytest.approx(16000)
    assert resampler.delay < 0.05 * 16000


def test_with_equal_rates_the_samples_pass_unchanged() -> None:
    tone = sine(440, 16000, 0.1)
    resampler = Resampler(16000, 16000)
    assert resampler.process(tone) is tone
    assert len(resampler.flush()) == 0
    assert resampler.delay == 0


def test_slices_with_strides_are_accepted() -> None:
    stereo = np.stack([sine(440, 48000, 0.2), sine(880, 48000, 0.2)], axis=1)
    np.testing.assert_array_equal(
        resample(stereo[:, 0], 48000, 16000), resample(stereo[:, 0].copy(), 48000, 16000)
    )


@pytest.mark.parametrize("rates", [(0, 16000), (16000, 0), (-1, 16000)])
def test_rates_of_zero_or_less_are_refused(rates: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        Resampler(*rates)


def test_full_scale_is_clipped_and_never_wraps() -> None:
    pcm = to_int16(np.array([1.0, -1.0, 1.5, -9.0, 0.0, np.inf, -np.inf, np.nan], np.float32))
    assert pcm.tolist() == [32767, -32768, 32767, -32768, 0, 32767, -32768, 0]
    loud = to_int16(sine(1000, 16000, 0.1, 1.0))
    assert np.abs(np.diff(loud.astype(int))).max() < 32768 * 0.4, "a jump shows a wrapped sample"


def test_every_16_bit_value_survives_the_round_trip() -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    np.testing.assert_array_equal(to_int16(from_int16(every)), every)
    halves = np.array([0.4, 0.6, -0.4, -0.6], np.float32) / 32768
    assert to_int16(halves).tolist() == [0, 1, 0, -1]


def test_downmix_applies_the_weights_of_the_channels() -> None:
    frames = np.array([[1.0, 0.0], [0.5, 0.5], [1.0, 1.0]], np.float32)
    np.testing.assert_allclose(downmix(frames), [0.5, 0.5, 1.0])
    np.testing.assert_allclose(downmix(frames, [3, 1]), [0.75, 0.5, 1.0])
    np.testing.assert_array_equal(downmix(frames[:, :1]), frames[:, 0])
    np.testing.assert_array_equal(downmix(frames[:, 0]), frames[:, 0])


def test_pcm_for_files_and_networks_has_the_low_byte_first() -> None:
    samples = np.array([0.5, -1.0, 1 / 32768], np.float32)
    assert to_pcm16(samples) == b"\x00\x40\x00\x80\x01\x00"
    assert from_pcm16(to_pcm16(samples)).tolist() == samples.tolist()
    with pytest.raises(ValueError, match="buffer size"):
        from_pcm16(b"\x00\x40\x00")

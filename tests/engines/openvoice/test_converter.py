"""Conversion in windows, on tiny random weights: equal to the whole, and the same every time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from stslocal.engines.openvoice import converter as module
from stslocal.engines.openvoice.converter import OpenVoiceConverter
from stslocal.engines.openvoice.spectrogram import Spectrogram, spectrogram
from stslocal.engines.openvoice.windows import Windows
from stslocal.errors import EngineError, ModelNotFoundError, SettingsError
from stslocal.types import Samples
from tests.tiny_openvoice import TINY, build

pytestmark = pytest.mark.unit

RATE = 22_050


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("openvoice"))


@pytest.fixture(scope="module")
def converter(folder: Path) -> OpenVoiceConverter:
    return OpenVoiceConverter.load(folder, threads=1)


def noise(seconds: float, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def voice(seed: int) -> Samples:
    return np.random.default_rng(seed).standard_normal(TINY.speaker).astype(np.float32)


def pieces(audio: Samples, seed: int) -> Iterator[Samples]:
    rng = np.random.default_rng(seed)
    while len(audio):
        count = int(rng.integers(1, 9000))
        yield audio[:count]
        audio = audio[count:]


def converted(converter: OpenVoiceConverter, chunks: list[Samples], rate: int = RATE) -> Samples:
    return np.concatenate(list(converter.convert(chunks, rate, source=voice(1), target=voice(2))))


@pytest.mark.parametrize("seconds", [0.02, 0.3, 1.0, 2.51, 9.0])
def test_windows_give_what_one_run_over_the_whole_gives(
    converter: OpenVoiceConverter, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio = noise(seconds)
    windowed = converted(converter, list(pieces(audio, 3)))
    monkeypatch.setattr(module, "_LATENT_SIZES", (1_000_000,))
    monkeypatch.setattr(module, "_SOUND_SIZES", (1_000_000,))
    whole = converted(converter, [audio])
    assert whole.std() > 0.01
    assert len(whole) == max(len(audio), 1024) // 256 * 256
    np.testing.assert_allclose(windowed, whole, atol=1e-5)


def test_the_contexts_are_what_the_layers_reach() -> None:
    # Each of 16 layers of the encoder, and of the flow's 16 there and back, has 5 taps.
    assert module.LATENT_CONTEXT == 16 * 2 + 2 * 16 * 2
    reach = Fraction(3)  # the first convolution has 7 taps
    rate = 1
    for times in (8, 8, 2, 2):
        reach += Fraction(1, rate)  # a transposed convolution reads its neighbours
        rate *= times
        # Of the widest block, 11 taps: three pairs, the first of each dilated.
        reach += Fraction(sum(5 * dilation + 5 for dilation in (1, 3, 5)), rate)
    reach += Fraction(3, rate)
    assert math.ceil(reach) == module.SOUND_CONTEXT


def test_it_converts_the_same_every_time_and_otherwise_for_another_voice(
    converter: OpenVoiceConverter,
) -> None:
    audio = noise(1.0)
    assert np.array_equal(converted(converter, [audio]), converted(converter, [audio]))
    other = np.concatenate(list(converter.convert([audio], RATE, source=voice(1), target=voice(3))))
    assert np.abs(other - converted(converter, [audio])).max() > 1e-3


def test_it_speaks_before_the_speech_is_over(converter: OpenVoiceConverter) -> None:
    audio = noise(8.0)
    taken = 0

    def live() -> Iterator[Samples]:
        nonlocal taken
        for start in range(0, len(audio), 2048):
            taken += 1
            yield audio[start : start + 2048]

    first = next(converter.convert(live(), RATE, source=voice(1), target=voice(2)))
    assert len(first) == 43 * 256
    assert taken * 2048 < (43 + 96 + 14 + 128) * 256 + 2 * 2048


def test_other_rates_are_resampled(converter: OpenVoiceConverter) -> None:
    made = converted(converter, [noise(2.0)], 24_000)
    assert abs(len(made) - len(noise(2.0)) * RATE / 24_000) <= 256
    assert converter.embed(noise(2.0), 24_000).shape == (TINY.speaker,)


def test_silence_and_nothing(converter: OpenVoiceConverter) -> None:
    with pytest.raises(EngineError, match="finds no voice"):
        converter.embed(np.zeros(4000, np.float32), RATE)
    assert not list(converter.convert([], RATE, source=voice(1), target=voice(2)))
    assert np.isfinite(converted(converter, [np.zeros(4000, np.float32)])).all()


def test_a_voice_of_another_size_is_refused(converter: OpenVoiceConverter) -> None:
    with pytest.raises(SettingsError, match="16 numbers and not the shape"):
        converter.convert([], RATE, source=voice(1), target=np.zeros(3, np.float32))


def test_missing_and_damaged_files(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="models pull openvoice"):
        OpenVoiceConverter.load(tmp_path)
    for name in module.FILES:
        (tmp_path / name).write_bytes(b"no")
    with pytest.raises(EngineError, match="cannot be loaded"):
        OpenVoiceConverter.load(tmp_path)


@pytest.mark.parametrize("samples", [0, 1, 385, 1023, 1024, 5000, 22_050])
def test_the_spectrogram_is_the_same_for_any_pieces(samples: int) -> None:
    audio = noise(1.0)[:samples]
    stream = Spectrogram()
    parts = [stream.push(piece) for piece in pieces(audio, 5)]
    parts.append(stream.push(np.zeros(0, np.float32), last=True))
    whole = spectrogram(audio)
    assert len(whole) == (max(samples, 1024) // 256 if samples else 0)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_windows_wait_for_their_frames() -> None:
    runs: list[int] = []

    def sums(frames: Samples) -> Samples:
        runs.append(len(frames))
        return np.convolve(frames, np.ones(3, np.float32), "same")

    windows = Windows(sums, context=2, sizes=(4, 8))
    frames = np.arange(30, dtype=np.float32)
    made = [part for start in range(0, 30, 3) for part in windows.push(frames[start : start + 3])]
    assert [len(part) for part in made] == [4, 8, 8, 8]
    made += windows.push(frames[:0], last=True)
    np.testing.assert_array_equal(np.concatenate(made), sums(frames))
    assert runs == [6, 12, 12, 12, 4, 30]


def test_windows_take_what_is_there() -> None:
    def lengths(sizes: tuple[int, ...], most: int) -> list[int]:
        windows = Windows(lambda frames: frames, context=2, sizes=sizes, most=most)
        frames = np.arange(30, dtype=np.float32)
        return [len(part) for part in windows.push(frames, last=True)]

    assert lengths((4,), 16) == [16, 14]
    assert lengths((4, 8), 0) == [4, 8, 8, 10], "a short rest goes with the window before it"

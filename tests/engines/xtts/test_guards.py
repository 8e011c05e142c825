"""Loops of tokens, and noise after the last word."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.engines.xtts.guards import TailTrimmer, is_loop
from stslocal.types import Samples

pytestmark = pytest.mark.unit

RATE = 24_000


def voice(duration_s: float, level: float = 0.3) -> Samples:
    """Harmonics of 120 Hz."""
    time = np.arange(round(duration_s * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * 120 * n * time) / n for n in range(1, 8))
    return np.asarray(level * wave / 2, np.float32)


def noise(duration_s: float, level: float = 0.05) -> Samples:
    random = np.random.default_rng(5)
    return (level * random.standard_normal(round(duration_s * RATE))).astype(np.float32)


def silence(duration_s: float) -> Samples:
    return np.zeros(round(duration_s * RATE), np.float32)


def trimmed(audio: Samples, chunk: int = 5000) -> Samples:
    trimmer = TailTrimmer(RATE)
    parts = [trimmer.push(audio[start : start + chunk]) for start in range(0, len(audio), chunk)]
    return np.concatenate([*parts, trimmer.finish()])


@pytest.mark.parametrize("tail", [noise(1.5), silence(1.5)], ids=["noise", "silence"])
def test_sound_after_the_last_voice_is_cut_after_a_consonants_length(tail: Samples) -> None:
    speech = voice(1.0)
    passed = trimmed(np.concatenate([speech, tail]))
    assert 1.15 < len(passed) / RATE < 1.4
    np.testing.assert_array_equal(passed[: len(speech)], speech)
    assert abs(passed[-1]) < 1e-3


def test_a_final_consonant_stays() -> None:
    audio = np.concatenate([voice(0.8), noise(0.15, 0.1)])
    passed = trimmed(audio)
    assert len(passed) == len(audio)
    np.testing.assert_array_equal(passed[:-400], audio[:-400])


def test_a_pause_between_words_is_kept() -> None:
    audio = np.concatenate([voice(0.6), silence(0.8), noise(0.2), voice(0.6)])
    passed = trimmed(audio)
    np.testing.assert_array_equal(passed[:-400], audio[:-400])
    assert len(passed) == len(audio)


def test_speech_is_passed_on_before_its_end() -> None:
    trimmer = TailTrimmer(RATE)
    assert len(trimmer.push(voice(0.5))) > 0.4 * RATE


def test_sound_without_any_voice_is_passed_on() -> None:
    whisper = noise(2.0)
    assert len(trimmed(whisper)) == len(whisper)


@pytest.mark.parametrize("chunk", [100, 960, 7777])
def test_the_size_of_chunks_makes_no_difference(chunk: int) -> None:
    audio = np.concatenate([silence(0.1), voice(0.7), noise(0.5), voice(0.4, 0.1), noise(2.0)])
    np.testing.assert_array_equal(trimmed(audio, chunk), trimmed(audio, len(audio)))


def test_no_samples_give_no_samples() -> None:
    assert len(TailTrimmer(RATE).finish()) == 0


def test_a_repeated_short_sequence_is_a_loop() -> None:
    assert is_loop([5] * 24)
    assert is_loop([9, 8, 7] + [1, 2, 3, 4, 5] * 5)
    assert not is_loop([5] * 23)
    assert not is_loop(list(range(100)))
    assert not is_loop([*([1, 2, 3] * 20), 4])

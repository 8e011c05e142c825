"""The verdict on a reference recording."""

from __future__ import annotations

import re

import numpy as np
import pytest

from stslocal.audio.resample import Resampler
from stslocal.engines.speaker.reference import judge_reference, without_pauses
from stslocal.types import Samples

pytestmark = pytest.mark.unit

RATE = 16_000


def voice(seconds: float, *, level: float = 0.3, noise: float = 1e-4) -> Samples:
    """Syllables of 0.3 s at 120 Hz with gaps of 0.1 s, over noise."""
    at = np.arange(round(seconds * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * at) / k for k in range(1, 60))
    syllables = (at % 0.4) < 0.3
    hiss = np.random.default_rng(1).standard_normal(len(at))
    return np.asarray(level * buzz * syllables / 2 + noise * hiss, np.float32)


def test_a_good_recording() -> None:
    quality = judge_reference(voice(12.0), RATE)
    assert quality.usable
    assert not quality.faults
    assert quality.verdict == "good: 10 s of speech, 60 dB above the noise"
    assert quality.pitch_hz == pytest.approx(120, rel=0.02)
    assert 9.0 < quality.speech_s < 10.0


@pytest.mark.parametrize(
    ("audio", "verdict"),
    [
        (voice(2.8), r"only 2\.\d s of speech: 6 s or more is better"),
        (np.clip(voice(12.0, level=3.0), -1, 1), r"clipped \(4\d\.\d% of it\): lower the .*level"),
        (voice(12.0, noise=0.1), r"noisy \(speech is 5 dB above the rest\): find a quieter place"),
        (voice(12.0, level=0.006, noise=1e-6), r"quiet \(-51 dBFS\): speak closer to the .*phone"),
        (np.clip(voice(2.8, level=3.0), -1, 1), r"clipped \(.*\): .*; only 2\.\d s of speech: .*"),
    ],
)
def test_faults_that_make_a_worse_voice(audio: Samples, verdict: str) -> None:
    quality = judge_reference(audio, RATE)
    assert quality.usable
    assert re.fullmatch(verdict, quality.verdict)


def test_a_clipped_recording_is_found_behind_a_resampler() -> None:
    clipped = np.clip(voice(12.0, level=3.0), -1, 1)
    resampled = Resampler(RATE, 24_000).process(clipped)
    assert np.abs(resampled).max() > 1.05  # it rounds the flat tops off
    assert judge_reference(resampled, 24_000).faults[0].startswith("clipped")


def test_the_sound_of_a_telephone_is_named() -> None:
    speech = voice(12.0)
    narrow = Resampler(8000, RATE).process(Resampler(RATE, 8000).process(speech))
    assert "telephone" in judge_reference(narrow, RATE).verdict
    assert "telephone" not in judge_reference(speech, RATE).verdict


@pytest.mark.parametrize(
    ("audio", "verdict"),
    [
        (np.zeros(0, np.float32), "too quiet to tell anything (-120 dBFS): check the microphone"),
        (np.zeros(RATE, np.float32), "too quiet to tell"),
        (voice(0.5), "too little voice (0.4 s of it): record 6 s of speech"),
        (
            np.random.default_rng(1).uniform(-0.3, 0.3, 10 * RATE).astype(np.float32),
            "too little voice (0.0 s of it)",
        ),
    ],
)
def test_recordings_that_make_no_voice(audio: Samples, verdict: str) -> None:
    quality = judge_reference(audio, RATE)
    assert not quality.usable
    assert quality.verdict.startswith(verdict)


def test_pauses_are_cut_and_the_rest_is_kept() -> None:
    speech = voice(4.0)
    paused = np.concatenate([speech, voice(5.0, level=0.0), speech])
    kept = without_pauses(paused, RATE)
    assert len(kept) / RATE == pytest.approx(8.2, abs=0.3)
    assert len(without_pauses(paused, RATE, longest_s=3.0)) == 3 * RATE

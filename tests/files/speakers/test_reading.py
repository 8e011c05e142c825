"""The reading of a recording measures it in its own channels, however they are mixed to mono."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.audio.decode import SoundChoice, read_audio
from stslocal.audio.loudness import integrated_lufs
from stslocal.files.levels import RecordingLevels
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.files.speakers.reading import Reading
from stslocal.types import RECOGNITION_RATE, Samples
from tests.fakes import FakeVad
from tests.r128 import loudness

pytestmark = pytest.mark.unit


def noise(seed: int, level: float) -> Samples:
    made = np.random.default_rng(seed).normal(0, level, 6 * RECOGNITION_RATE)
    return made.astype(np.float32)


def read(path: Path, choice: SpeakerChoice | None = None) -> tuple[RecordingLevels, Samples]:
    levels = RecordingLevels()
    reading = Reading(path, FakeVad(), SoundChoice(), lambda _: None, choice=choice, levels=levels)
    said = [one.samples for one in reading.utterances()]
    return levels, np.concatenate(said)


@pytest.mark.parametrize(
    "sides",
    [
        pytest.param((noise(1, 0.1), noise(1, 0.1)), id="the same in both"),
        pytest.param((noise(1, 0.1), noise(2, 0.0005)), id="a microphone on the left"),
        pytest.param((noise(1, 0.1), 0 * noise(1, 0.1)), id="silence on the right"),
        pytest.param((noise(1, 0.1), noise(2, 0.1)), id="a microphone for each speaker"),
        pytest.param((noise(1, 0.1), -noise(1, 0.1)), id="turned round"),
    ],
)
@pytest.mark.parametrize("choice", [None, SpeakerChoice(by_channel=True)])
def test_speech_in_both_channels_is_to_be_as_loud_as_a_stereo_recording(
    tmp_path: Path, sides: tuple[Samples, Samples], choice: SpeakerChoice | None
) -> None:
    path, stereo = tmp_path / "talk.wav", np.stack(sides, axis=1)
    soundfile.write(path, stereo, RECOGNITION_RATE, subtype="FLOAT")
    levels, said = read(path, choice)
    wanted = integrated_lufs(levels.blocks(0.0, 6.0))
    assert wanted + 3.01 == pytest.approx(
        loudness(stereo, RECOGNITION_RATE).integrated_lufs, abs=0.2
    )
    if choice is None:
        np.testing.assert_array_equal(said[:RECOGNITION_RATE], read_audio(path)[:RECOGNITION_RATE])


def test_speech_in_one_channel_is_to_be_as_loud_as_a_mono_recording(tmp_path: Path) -> None:
    path, mono = tmp_path / "talk.wav", noise(1, 0.1)
    soundfile.write(path, mono, RECOGNITION_RATE, subtype="FLOAT")
    levels, _ = read(path)
    measured = loudness(mono, RECOGNITION_RATE).integrated_lufs
    assert integrated_lufs(levels.blocks(0.0, 6.0)) == pytest.approx(measured, abs=0.2)

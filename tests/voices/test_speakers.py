"""Music and second speakers in a reference are found, with what was measured."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.types import RECOGNITION_RATE, Embedding, Samples
from stslocal.voices.speakers import LEAST_LIKENESS, judge_speakers
from tests.fakes import FakeVad

pytestmark = pytest.mark.unit


class ByPitch:
    """A SpeakerEncoder: each of two pitches is a speaker; `alike` is their likeness."""

    def __init__(self, alike: float = 0.5) -> None:
        self.other = np.array([alike, np.sqrt(1 - alike**2)], np.float32)

    def embed(self, audio: Samples) -> Embedding:
        spectrum = np.abs(np.fft.rfft(audio))
        low, high = (spectrum[round(hertz * len(audio) / RECOGNITION_RATE)] for hertz in (120, 240))
        return np.array([1.0, 0.0], np.float32) if low > high else self.other


def voice(hertz: float, seconds: float) -> Samples:
    at = np.arange(round(seconds * RECOGNITION_RATE)) / RECOGNITION_RATE
    return (0.1 * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def test_one_speaker() -> None:
    found = judge_speakers(voice(120, 10.0), FakeVad(), ByPitch())
    assert (found.speech_share, found.fault) == (1.0, "")


@pytest.mark.parametrize(("first_s", "second_s", "share"), [(8.0, 8.0, 0.5), (12.0, 4.0, 0.25)])
def test_two_speakers(first_s: float, second_s: float, share: float) -> None:
    both = np.concatenate([voice(120, first_s), voice(240, second_s)])
    found = judge_speakers(both, FakeVad(), ByPitch(alike=0.5))
    assert found.likeness == pytest.approx(0.5)
    assert found.second_share == pytest.approx(share, abs=0.05)
    assert found.fault.startswith("two persons seem to speak in it: ")
    assert "(0.50 alike, and one voice has 0.76 or more)" in found.fault


def test_two_that_take_turns() -> None:
    turns = [voice(hertz, 3.0) for _ in range(3) for hertz in (120, 240)]
    assert judge_speakers(np.concatenate(turns), FakeVad(), ByPitch()).fault


def test_the_limit() -> None:
    both = np.concatenate([voice(120, 8.0), voice(240, 8.0)])
    for alike, refused in ((LEAST_LIKENESS - 0.01, True), (LEAST_LIKENESS + 0.01, False)):
        assert bool(judge_speakers(both, FakeVad(), ByPitch(alike)).fault) is refused


def test_a_short_sound_of_another_kind_is_no_second_speaker() -> None:
    with_laugh = np.concatenate([voice(120, 6.0), voice(240, 1.5), voice(120, 6.0)])
    assert not judge_speakers(with_laugh, FakeVad(), ByPitch()).fault
    assert judge_speakers(voice(120, 2.0), FakeVad(), ByPitch()).likeness is None


class NoSpeech(FakeVad):
    """Finds speech in the first tenth only."""

    def probabilities(self, samples: Samples, state: object) -> tuple[Samples, object]:
        windows = len(samples) // self.window
        return (np.arange(windows) < windows / 10).astype(np.float32), state


def test_music() -> None:
    found = judge_speakers(voice(120, 10.0), NoSpeech(), ByPitch())
    assert found.speech_share == pytest.approx(0.1, abs=0.01)
    assert found.fault == (
        "it seems to be music or noise: 10% of its sound is speech, and 40% are needed"
    )


def test_pauses_are_no_music() -> None:
    silence = np.zeros(5 * RECOGNITION_RATE, np.float32)
    spoken = np.concatenate([silence, voice(120, 4.0), silence, voice(120, 4.0), silence])
    assert judge_speakers(spoken, FakeVad(), ByPitch()).speech_share == pytest.approx(1.0, abs=0.02)


def test_without_an_encoder_speakers_are_not_compared() -> None:
    both = np.concatenate([voice(120, 8.0), voice(240, 8.0)])
    found = judge_speakers(both, FakeVad(), None)
    assert (found.likeness, found.fault) == (None, "")


def test_silence_has_no_speech() -> None:
    silence = np.zeros(RECOGNITION_RATE, np.float32)
    assert judge_speakers(silence, FakeVad(), ByPitch()).speech_share == 0.0
    assert judge_speakers(silence[:100], FakeVad(), ByPitch()).speech_share == 0.0

"""The sound that a listener still recognizes, and the time that recognitions take."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.live.listener_limits import ListenerLimits
from stslocal.live.open_sound import OpenSound
from stslocal.live.recognition_time import RecognitionTime
from stslocal.live.speech_windows import SpeechWindows
from stslocal.types import RECOGNITION_RATE, Segment
from tests.fakes import FakeVad

pytestmark = pytest.mark.unit


def test_sound_is_found_by_its_place_in_the_stream() -> None:
    sound = OpenSound()
    for second in range(5):
        sound.append(np.full(RECOGNITION_RATE, second, np.float32))
    assert (sound.start_s, sound.end_s) == (0.0, 5.0)
    assert sorted(set(sound.since(3.0))) == [3.0, 4.0]
    sound.drop_before(2.5)
    assert (sound.start_s, sound.end_s, sound.samples[0]) == (2.5, 5.0, 2.0)
    sound.drop_before(1.0)
    assert sound.start_s == 2.5
    sound.drop_before(6.0)
    assert len(sound.samples) == len(sound.since(9.0)) == 0
    assert sound.end_s == 5.0


def test_windows_are_the_same_however_the_samples_arrive() -> None:
    samples = np.zeros(5000, np.float32)
    samples[1024:2048] = 0.5
    whole = list(SpeechWindows(FakeVad()).of(samples))
    windows = SpeechWindows(FakeVad())
    pieces = [pair for start in range(0, 5000, 700) for pair in windows.of(samples[start:][:700])]
    assert [probability for _, probability in whole] == [0, 0, 1, 1, 0, 0, 0, 0, 0]
    assert [probability for _, probability in pieces] == [0, 0, 1, 1, 0, 0, 0, 0, 0]
    assert np.array_equal(np.concatenate([window for window, _ in pieces]), samples[: 9 * 512])


@pytest.mark.parametrize("count", [0, 100, 904, 905, 2000, 3000, 9000])
def test_the_newest_sound_is_replaced_wherever_it_is(count: int) -> None:
    stream = np.arange(1, 3977, dtype=np.float32)
    sound, windows = OpenSound(), SpeechWindows(FakeVad())
    for window, _ in windows.of(stream):
        sound.append(window)
    sound.drop_before(1000 / RECOGNITION_RATE)
    sound.correct(windows.correct(np.full(count, -1.0, np.float32)))
    for window, _ in windows.of(np.zeros(512, np.float32)):
        sound.append(window)
    replaced = max(1000, len(stream) - count)
    assert (sound.samples[: replaced - 1000] == stream[1000:replaced]).all()
    assert (sound.samples[replaced - 1000 : len(stream) - 1000] == -1).all()
    assert (sound.samples[len(stream) - 1000 :] == 0).all()
    assert sound.end_s == 4096 / RECOGNITION_RATE


def test_the_first_segment_takes_the_work_of_the_recognitions_before_it() -> None:
    time = RecognitionTime(ListenerLimits())
    time.add(0.5)
    time.add(0.5)
    segments = [Segment(n, 0.0, 1.0, "a", "en") for n in range(2)]
    assert [segment.recognition_s for segment in time.given_to(segments)] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("took_s", "wanted_hop_s"),
    [(0.1, 0.45), (0.27, 0.54), (2.0, 0.6)],
)
def test_speech_is_recognized_as_often_as_there_is_time(took_s: float, wanted_hop_s: float) -> None:
    time, limits = RecognitionTime(ListenerLimits()), ListenerLimits()
    for _ in range(40):
        time.add(took_s)
    assert time.hop_s(0.0) == pytest.approx(wanted_hop_s, abs=0.01)
    assert time.hop_s(limits.longest_hop_s / 2 + took_s) >= wanted_hop_s - 0.01
    assert time.hop_s(60.0) == limits.longest_hop_s, "while there is enough to play"
    time.seldom = True
    assert time.hop_s(0.0) > limits.longest_hop_s

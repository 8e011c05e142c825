from __future__ import annotations

import sys
from contextlib import closing

import numpy as np
import pytest

from stslocal.audio.devices import find_device
from stslocal.audio.levels import FLOOR_DBFS
from stslocal.audio.listening import measure_levels
from stslocal.errors import AudioDeviceError
from tests.fake_sounddevice import FakeCard, FakeSoundDevice, FakeStream

pytestmark = pytest.mark.unit

FRAMES = np.zeros((300, 2), np.float32)
FRAMES[100:200, 1] = 0.5
FRAMES[200:, 0] = 1.0


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> FakeSoundDevice:
    """A stereo card that captures FRAMES when it is opened, and is then disconnected."""
    fake = FakeSoundDevice([FakeCard("Line", inputs=2, rate=1000)], default_input="Line")
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    real_start = FakeStream.start

    def start(self: FakeStream) -> None:
        real_start(self)
        self.capture(FRAMES)
        self.vanish()

    monkeypatch.setattr(FakeStream, "start", start)
    return fake


def test_the_loudest_channel_counts(cards: FakeSoundDevice) -> None:
    with closing(measure_levels(find_device(None, "input"), every_s=0.1)) as levels:
        first, second, third = (next(levels) for _ in range(3))
    assert first.peak_dbfs == first.rms_dbfs == FLOOR_DBFS
    assert second.peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert second.rms_dbfs == pytest.approx(-6.02, abs=0.01)
    assert third.is_clipped
    assert cards.streams[0].closed


def test_a_microphone_that_is_lost_raises_an_error(cards: FakeSoundDevice) -> None:
    levels = measure_levels(find_device(None, "input"), every_s=0.1)
    assert len([next(levels) for _ in range(3)]) == 3
    with pytest.raises(AudioDeviceError, match="'Line' delivers no sound any more: connect it"):
        next(levels)
    assert cards.streams[0].closed


def test_a_microphone_that_cannot_be_opened(cards: FakeSoundDevice) -> None:
    cards.plugged[0].refuses = "Device busy"
    with pytest.raises(AudioDeviceError, match="cannot be opened"):
        next(measure_levels(find_device(None, "input")))

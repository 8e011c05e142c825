from __future__ import annotations

import builtins
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from stslocal.audio import devices, streams
from stslocal.audio.devices import find_device, list_devices
from stslocal.audio.streams import CardStream
from stslocal.clock import VirtualClock
from stslocal.errors import AudioDeviceError
from tests.fake_sounddevice import FakeCard, FakeSoundDevice

pytestmark = pytest.mark.unit


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> FakeSoundDevice:
    fake = FakeSoundDevice(
        [
            FakeCard("HDA Intel: ALC257", inputs=2, outputs=2, rate=44_100),
            FakeCard("USB Headset", inputs=1, outputs=2),
            FakeCard("USB Headset Pro", inputs=4),
            FakeCard("HDMI", outputs=8),
            FakeCard("USB Headset", inputs=1, api=1),
        ],
        default_input="USB Headset",
        default_output="HDA Intel: ALC257",
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


@pytest.mark.usefixtures("cards")
class TestFinding:
    def test_list(self) -> None:
        listed = list_devices()
        assert [device.index for device in listed] == [0, 1, 2, 3, 4]
        assert str(listed[0]) == "0: HDA Intel: ALC257 (ALSA, 2 in, 2 out, 44100 Hz)"
        assert [device.index for device in listed if device.is_default_input] == [1]
        assert [device.index for device in listed if device.is_default_output] == [0]
        assert listed[4].host_api == "OSS"

    @pytest.mark.parametrize(
        ("wanted", "kind", "index"),
        [
            (None, "input", 1),
            (None, "output", 0),
            (2, "input", 2),
            ("2", "input", 2),
            ("pro", "input", 2),
            ("hdmi", "output", 3),
            ("usb headset", "input", 1),  # the exact name, on the default's host API
            ("USB", "output", 1),
        ],
    )
    def test_find(self, wanted: str | int | None, kind: devices.Kind, index: int) -> None:
        assert find_device(wanted, kind).index == index

    def test_a_name_that_several_devices_match(self) -> None:
        with pytest.raises(AudioDeviceError, match="several microphones match 'head'") as caught:
            find_device("head", "input")
        assert "  1: USB Headset (ALSA" in str(caught.value)
        assert "  2: USB Headset Pro (ALSA" in str(caught.value)
        assert "HDMI" not in str(caught.value)

    @pytest.mark.parametrize("wanted", ["webcam", 3, "17"])
    def test_a_name_that_no_device_matches(self, wanted: str | int) -> None:
        with pytest.raises(AudioDeviceError, match=f"no microphone matches '{wanted}'") as caught:
            find_device(wanted, "input")
        assert "choose one of these\n" in str(caught.value)
        assert "USB Headset Pro" in str(caught.value)
        assert "HDMI" not in str(caught.value), "HDMI has no microphone"


@pytest.mark.parametrize(
    ("system", "remedy"),
    [("linux", "libasound2-plugins"), ("darwin", "Privacy"), ("win32", "Privacy")],
)
def test_no_device_at_all(
    monkeypatch: pytest.MonkeyPatch, cards: FakeSoundDevice, system: str, remedy: str
) -> None:
    monkeypatch.setattr(devices, "_SYSTEM", system)
    cards.plugged.clear()
    cards._initialize()
    assert list_devices() == []
    with pytest.raises(AudioDeviceError, match=f"no loudspeaker was found: .*{remedy}"):
        find_device(None, "output")


def test_without_a_default_the_first_device_is_taken(cards: FakeSoundDevice) -> None:
    cards.default_output = ""
    assert find_device(None, "output").index == 0


@pytest.mark.parametrize(
    ("system", "remedy"), [("linux", "apt install libportaudio2"), ("win32", "pip install")]
)
def test_portaudio_missing(monkeypatch: pytest.MonkeyPatch, system: str, remedy: str) -> None:
    real_import = builtins.__import__

    def without_portaudio(name: str, *rest: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real_import(name, *rest)

    monkeypatch.setattr(devices, "_SYSTEM", system)
    monkeypatch.setattr(builtins, "__import__", without_portaudio)
    with pytest.raises(AudioDeviceError, match=remedy):
        list_devices()


def test_sounddevice_is_imported_at_the_first_call_and_not_before() -> None:
    program = (
        "import sys, stslocal.audio.microphone, stslocal.audio.loudspeaker\n"
        "assert 'sounddevice' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


class TestStream:
    def test_whole_frames_arrive_in_order_and_are_counted(self, cards: FakeSoundDevice) -> None:
        stream = CardStream(find_device(0, "input"), "input", buffer_s=1.0)
        frames = np.random.default_rng(0).uniform(-1, 1, (500, 2)).astype(np.float32)
        for start in range(0, 500, 130):
            cards.streams[0].capture(frames[start : start + 130])
        read = np.zeros(1000, np.float32)
        assert stream.buffered_s == pytest.approx(500 / 44_100)
        assert stream.ring.read_into(read) == 1000
        np.testing.assert_array_equal(read.reshape(-1, 2), frames)
        assert stream.frames == 500
        assert (stream.sample_rate, stream.channels) == (44_100, 2)

    def test_an_overrun_is_counted_in_whole_frames(self, cards: FakeSoundDevice) -> None:
        stream = CardStream(find_device(0, "input"), "input", buffer_s=0.01)
        cards.streams[0].capture(np.ones((442, 2), np.float32))
        assert stream.ring.available == 2 * 441
        assert stream.overrun_s == pytest.approx(1 / 44_100)

    def test_silence_is_played_when_the_ring_is_empty(self, cards: FakeSoundDevice) -> None:
        stream = CardStream(find_device(0, "output"), "output", buffer_s=1.0)
        stream.ring.write(np.arange(20, dtype=np.float32))
        played = cards.streams[0].play(16)
        np.testing.assert_array_equal(played[:10].reshape(-1), np.arange(20))
        assert not played[10:].any()

    def test_all_inputs_and_at_most_two_outputs_are_opened(self, cards: FakeSoundDevice) -> None:
        assert CardStream(find_device(2, "input"), "input", buffer_s=1.0).channels == 4
        assert CardStream(find_device(1, "input"), "input", buffer_s=1.0).channels == 1
        assert CardStream(find_device(3, "output"), "output", buffer_s=1.0).channels == 2

    def test_losses_that_the_system_reports_are_counted(self, cards: FakeSoundDevice) -> None:
        capturing = CardStream(find_device(1, "input"), "input", buffer_s=1.0)
        playing = CardStream(find_device(1, "output"), "output", buffer_s=1.0)
        for lost in (True, False, True):
            cards.streams[0].capture(np.zeros((10, 1), np.float32), lost=lost)
            cards.streams[1].play(10, missing=lost)
        assert (capturing.xruns, playing.xruns) == (2, 2)

    def test_the_declared_latency_counts_until_the_callback_reports_a_plausible_one(
        self, cards: FakeSoundDevice
    ) -> None:
        playing = CardStream(find_device(1, "output"), "output", buffer_s=1.0)
        assert playing.latency_s == 0.25
        for reported_s, used_s in (
            (-7.0, 0.25), (0.04, 0.04), (0.0, 0.04), (99.0, 0.04), (0.2, 0.2),
        ):  # fmt: skip
            cards.streams[0].play(10, delay_s=reported_s)
            assert playing.latency_s == pytest.approx(used_s)

    def test_a_microphones_latency_is_the_recent_minimum_for_the_last_frame(
        self, cards: FakeSoundDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = VirtualClock()
        monkeypatch.setattr(streams, "perf_counter", clock.now)
        capturing = CardStream(find_device(1, "input"), "input", buffer_s=1.0)
        for reported_s in (0.16, 0.04, 0.13, 0.0):
            cards.streams[0].capture(np.zeros((480, 1), np.float32), delay_s=reported_s)
        assert capturing.latency_s == pytest.approx(0.03)
        for _ in range(2):
            clock.work(11.0)
            cards.streams[0].capture(np.zeros((480, 1), np.float32), delay_s=0.13)
        assert capturing.latency_s == pytest.approx(0.12), "the old minimum is no longer recent"
        cards.streams[0].capture(np.zeros((480, 1), np.float32), delay_s=0.001)
        assert capturing.latency_s == 0.0

    def test_the_time_when_a_frame_sounds(
        self, cards: FakeSoundDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = VirtualClock()
        monkeypatch.setattr(streams, "perf_counter", clock.now)
        stream = CardStream(find_device(3, "output"), "output", buffer_s=1.0)
        stream.ring.write(np.ones(2 * 4_800, np.float32))
        cards.streams[0].play(960, delay_s=0.1)
        clock.work(0.01)
        assert stream.sounds_at_s(0) == pytest.approx(0.1)
        assert stream.sounds_at_s(480) == pytest.approx(0.11)
        assert stream.sounds_at_s(4_800) == pytest.approx(0.2), "this frame is still in the ring"
        cards.streams[0].play(4_800, delay_s=0.11)
        for _ in range(3):
            clock.work(0.1)
            cards.streams[0].play(4_800, delay_s=0.11)
        assert stream.sounds_at_s(4_799) == pytest.approx(0.2, abs=1e-4), "silence came after it"
        assert stream.sounds_at_s(4_800) == pytest.approx(0.31 + 0.11 + 0.1)
        clock.work(5.0)
        assert stream.sounds_at_s(4_800) == clock.now(), "a frame cannot sound before it is written"

    def test_a_device_that_cannot_be_opened(self, cards: FakeSoundDevice) -> None:
        cards.plugged[1].refuses = "Device unavailable"
        with pytest.raises(AudioDeviceError) as caught:
            CardStream(find_device(1, "output"), "output", buffer_s=1.0)
        message = str(caught.value)
        assert message.startswith(
            "the loudspeaker 'USB Headset' cannot be opened (Device unavailable): close other"
            " programs that use it, or choose another with --output-device\n  0: HDA Intel"
        )
        assert cards.streams[0].closed

    def test_closing_again_or_after_the_end_does_nothing(self, cards: FakeSoundDevice) -> None:
        stream = CardStream(find_device(1, "input"), "input", buffer_s=1.0)
        assert stream.fault(10) == ""
        cards.streams[0].vanish()
        assert stream.fault(10) == "it ended"
        stream.close()
        stream.close()
        assert cards.streams[0].closed

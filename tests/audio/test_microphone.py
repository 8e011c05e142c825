from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from stslocal.audio.devices import AudioDevice
from stslocal.audio.microphone import Microphone
from stslocal.audio.resample import downmix, resample
from stslocal.audio.streams import rescan
from stslocal.errors import AudioDeviceError
from stslocal.types import Samples
from tests.fake_sounddevice import FakeCard, FakeSoundDevice, FakeStream

pytestmark = pytest.mark.unit

BLOCK_S = 0.01


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> FakeSoundDevice:
    fake = FakeSoundDevice(
        [FakeCard("Line", inputs=2, rate=44_100), FakeCard("Webcam", inputs=1)],
        default_input="Webcam",
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


class MicrophoneReader:
    """Reads a microphone in a thread of its own, as the program does."""

    def __init__(
        self, device: str | int | None = None, *, stall_s: float = 60.0, channel: int | None = None
    ) -> None:
        self.changes: list[tuple[str, bool]] = []
        self.captured: list[Samples] = []
        self.microphone = Microphone(
            device, channel=channel, block_s=BLOCK_S, stall_s=stall_s, on_change=self._changed
        )
        self.microphone._card._retry_s = 0.02
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        self.until(lambda: self.microphone._begun)

    def _read(self) -> None:
        while len(samples := self.microphone.read()):
            self.captured.append(samples)

    def _changed(self, device: AudioDevice, present: bool) -> None:
        self.changes.append((device.name, present))

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.perf_counter() + 60
        while not condition():
            assert time.perf_counter() < deadline, "the condition did not come true in 60 s"
            time.sleep(0.001)

    def total(self) -> int:
        return sum(map(len, self.captured))

    def end(self) -> Samples:
        """Stop, and return all captured samples."""
        self.microphone.stop()
        self._thread.join()
        assert len(self.microphone.read()) == 0
        self.microphone.close()
        return np.concatenate([*self.captured, np.zeros(0, np.float32)])


@pytest.fixture
def start_reader(cards: FakeSoundDevice) -> Iterator[Callable[..., MicrophoneReader]]:
    readers: list[MicrophoneReader] = []

    def start(*args: str | int | None, **options: float) -> MicrophoneReader:
        readers.append(MicrophoneReader(*args, **options))  # type: ignore[arg-type]
        return readers[-1]

    yield start
    for reader in readers:
        reader.end()
    assert all(stream.closed for stream in cards.streams)


def noise(frames: int, channels: int = 1, seed: int = 0) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    return random.uniform(-0.5, 0.5, (frames, channels)).astype(np.float32)


def pump(stream: FakeStream, frames: NDArray[np.float32], step: int = 441) -> None:
    for start in range(0, len(frames), step):
        stream.capture(frames[start : start + step])


def test_a_card_of_any_rate_becomes_mono_at_16_khz_without_a_seam(
    cards: FakeSoundDevice, start_reader: Callable[..., MicrophoneReader]
) -> None:
    reader = start_reader("line")
    frames = noise(44_100, 2)
    pump(cards.streams[0], frames)
    captured = reader.end()
    np.testing.assert_array_equal(captured, resample(downmix(frames), 44_100, 16_000))
    assert reader.microphone.captured_s == pytest.approx(1.0, abs=0.001)
    assert reader.microphone.overrun == reader.microphone.xruns == 0


def many_inputs(count: int, speaking: int, frames: int = 44_100) -> NDArray[np.float32]:
    """Frames in which only one input, from 1, has a sound; the others have a converter's noise."""
    sound = noise(frames, count) * np.float32(1e-4)
    sound[:, speaking - 1] = noise(frames)[:, 0]
    return sound


@pytest.mark.parametrize(("inputs", "speaking"), [(2, 2), (3, 3), (4, 3), (8, 8)])
def test_a_microphone_at_any_input_is_captured_at_its_own_level(
    cards: FakeSoundDevice,
    start_reader: Callable[..., MicrophoneReader],
    inputs: int,
    speaking: int,
) -> None:
    cards.plugged[0].inputs = inputs
    rescan()
    reader = start_reader("line")
    assert cards.streams[0].channels == inputs
    frames = many_inputs(inputs, speaking)
    pump(cards.streams[0], frames)
    alone = resample(np.ascontiguousarray(frames[:, speaking - 1]), 44_100, 16_000)
    np.testing.assert_array_equal(reader.end(), alone)


def test_a_stereo_input_with_an_inverted_side_is_no_silence(
    cards: FakeSoundDevice, start_reader: Callable[..., MicrophoneReader]
) -> None:
    reader = start_reader("line")
    speech = noise(44_100)
    pump(cards.streams[0], np.concatenate([speech, -speech], axis=1))
    alone = resample(speech[:, 0], 44_100, 16_000)
    np.testing.assert_allclose(reader.end(), alone, atol=1e-6)


@pytest.mark.parametrize(("inputs", "channel"), [(4, 2), (18, 11), (2, 1)])
def test_a_chosen_channel_is_captured_alone(
    cards: FakeSoundDevice,
    start_reader: Callable[..., MicrophoneReader],
    inputs: int,
    channel: int,
) -> None:
    cards.plugged[0].inputs = inputs
    rescan()
    reader = start_reader("line", channel=channel)
    opened = cards.streams[0].channels
    assert opened == max(2, channel)
    frames = noise(44_100, opened)
    pump(cards.streams[0], frames)
    alone = resample(np.ascontiguousarray(frames[:, channel - 1]), 44_100, 16_000)
    np.testing.assert_array_equal(reader.end(), alone)


def test_a_channel_that_a_card_lacks_is_refused_with_those_that_it_has(
    cards: FakeSoundDevice,
) -> None:
    with pytest.raises(AudioDeviceError, match="'Line' has no channel 3: name one from 1 to 2"):
        Microphone("line", channel=3)
    assert not cards.streams


def test_of_the_inputs_of_a_sound_server_two_are_captured(
    cards: FakeSoundDevice, start_reader: Callable[..., MicrophoneReader]
) -> None:
    cards.plugged[0].inputs = 32
    rescan()
    start_reader("line")
    assert cards.streams[0].channels == 2


def test_the_stream_begins_with_the_first_read(
    cards: FakeSoundDevice,
) -> None:
    microphone = Microphone(block_s=BLOCK_S)
    pump(cards.streams[0], noise(48_000))
    microphone.stop()  # otherwise `read` waits
    assert len(microphone.read()) == 0
    microphone.close()


def test_captured_counts_samples_read_or_not_and_latency_is_that_of_the_last_frame(
    cards: FakeSoundDevice, start_reader: Callable[..., MicrophoneReader]
) -> None:
    reader = start_reader()
    cards.streams[0].capture(noise(4800), delay_s=0.13)
    assert reader.microphone.captured_s == pytest.approx(0.1, abs=0.001)
    reader.until(reader.total)
    assert reader.microphone.captured_s == pytest.approx(0.1, abs=0.001)
    assert reader.microphone.latency_s == pytest.approx(0.03, abs=0.001)


def test_samples_that_are_not_read_in_time_are_lost_and_counted(cards: FakeSoundDevice) -> None:
    microphone = Microphone(buffer_s=0.1)
    cards.streams[0].capture(noise(4800 + 480), lost=True)
    assert microphone.overrun == 160
    assert microphone.xruns == 1
    microphone.close()


def test_a_microphone_that_cannot_be_opened(cards: FakeSoundDevice) -> None:
    cards.plugged[1].refuses = "Device unavailable"
    with pytest.raises(AudioDeviceError, match="'Webcam' cannot be opened"):
        Microphone()


def test_a_lost_microphone_gives_silence_in_real_time_and_sound_again_when_it_is_back(
    cards: FakeSoundDevice, start_reader: Callable[..., MicrophoneReader]
) -> None:
    reader = start_reader("webcam")
    began_s = time.perf_counter()
    before, after = noise(4800, seed=1), noise(9600, seed=2)
    pump(cards.streams[0], before)
    webcam = cards.plugged.pop()
    cards.streams[0].vanish()
    reader.until(lambda: reader.changes)
    time.sleep(0.2)
    cards.plugged.insert(0, webcam)  # it is back, with another number
    reader.until(lambda: len(cards.streams) > 1)
    pump(cards.streams[1], after)
    reader.until(lambda: len(reader.changes) > 1)
    captured = reader.end()
    passed_s = time.perf_counter() - began_s
    assert reader.changes == [("Webcam", False), ("Webcam", True)]
    first, last = resample(before[:, 0], 48_000, 16_000), resample(after[:, 0], 48_000, 16_000)
    np.testing.assert_array_equal(captured[: len(first)], first)
    np.testing.assert_array_equal(captured[-len(last) :], last)
    silence = captured[len(first) : -len(last)]
    assert not silence.any()
    assert 0.2 <= len(silence) / 16_000 <= passed_s
    assert cards.restarts > 0, "PortAudio lists the device again only after a restart"


def test_a_microphone_that_delivers_nothing_is_closed_and_opened_again(
    cards: FakeSoundDevice, start_reader: Callable[..., MicrophoneReader]
) -> None:
    reader = start_reader("webcam", stall_s=0.5)  # far longer than between two of our blocks
    pump(cards.streams[0], noise(480))
    reader.until(lambda: len(cards.streams) > 1)
    assert reader.changes == [("Webcam", False)], "it is back only when it delivers"
    pump(cards.streams[1], noise(9600))
    reader.until(lambda: len(reader.changes) > 1)
    assert cards.streams[0].closed


def test_if_no_device_was_named_the_new_default_is_used(
    cards: FakeSoundDevice, start_reader: Callable[..., MicrophoneReader]
) -> None:
    reader = start_reader()
    cards.plugged.pop()
    cards.default_input = "Line"
    cards.streams[0].vanish()
    reader.until(lambda: len(cards.streams) > 1)
    pump(cards.streams[1], noise(44_100, 2))
    reader.until(lambda: len(reader.changes) > 1)
    assert reader.changes == [("Webcam", False), ("Line", True)]
    assert reader.microphone.device.name == "Line"


def test_a_rescan_for_another_device_interrupts_the_stream_but_reports_no_loss(
    cards: FakeSoundDevice, start_reader: Callable[..., MicrophoneReader]
) -> None:
    reader = start_reader()
    pump(cards.streams[0], noise(4800))
    rescan()
    reader.until(lambda: len(cards.streams) > 1)
    pump(cards.streams[1], noise(9600))
    captured = reader.end()
    assert reader.changes == []
    assert len(captured) >= 1600 + 3200


def test_stop_ends_a_waiting_read(start_reader: Callable[..., MicrophoneReader]) -> None:
    reader = start_reader()
    time.sleep(0.05)
    assert len(reader.end()) == 0

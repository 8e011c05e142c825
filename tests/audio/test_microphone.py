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


class Listener:
    """Reads a microphone in a thread of its own, as the program does."""

    def __init__(self, device: str | int | None = None, *, stall_s: float = 60.0) -> None:
        self.changes: list[tuple[str, bool]] = []
        self.heard: list[Samples] = []
        self.microphone = Microphone(
            device, block_s=BLOCK_S, stall_s=stall_s, on_change=self._changed
        )
        self.microphone._card._retry_s = 0.02
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        self.until(lambda: self.microphone._begun)

    def _read(self) -> None:
        while len(samples := self.microphone.read()):
            self.heard.append(samples)

    def _changed(self, device: AudioDevice, present: bool) -> None:
        self.changes.append((device.name, present))

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.perf_counter() + 20
        while not condition():
            assert time.perf_counter() < deadline, "in vain"
            time.sleep(0.001)

    def total(self) -> int:
        return sum(map(len, self.heard))

    def end(self) -> Samples:
        """Stop, and give all that was heard."""
        self.microphone.stop()
        self._thread.join()
        assert len(self.microphone.read()) == 0
        self.microphone.close()
        return np.concatenate([*self.heard, np.zeros(0, np.float32)])


@pytest.fixture
def listen(cards: FakeSoundDevice) -> Iterator[Callable[..., Listener]]:
    listeners: list[Listener] = []

    def start(*args: str | int | None, **options: float) -> Listener:
        listeners.append(Listener(*args, **options))  # type: ignore[arg-type]
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.end()
    assert all(stream.closed for stream in cards.streams)


def noise(frames: int, channels: int = 1, seed: int = 0) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    return random.uniform(-0.5, 0.5, (frames, channels)).astype(np.float32)


def pump(stream: FakeStream, frames: NDArray[np.float32], step: int = 441) -> None:
    for start in range(0, len(frames), step):
        stream.hear(frames[start : start + step])


def test_a_card_of_any_rate_becomes_mono_at_16_khz_without_a_seam(
    cards: FakeSoundDevice, listen: Callable[..., Listener]
) -> None:
    listener = listen("line")
    frames = noise(44_100, 2)
    pump(cards.streams[0], frames)
    heard = listener.end()
    np.testing.assert_array_equal(heard, resample(downmix(frames), 44_100, 16_000))
    assert listener.microphone.captured_s == pytest.approx(1.0, abs=0.001)
    assert listener.microphone.overrun == listener.microphone.xruns == 0


def test_what_came_before_the_first_read_is_not_part_of_the_stream(
    cards: FakeSoundDevice,
) -> None:
    microphone = Microphone(block_s=BLOCK_S)
    pump(cards.streams[0], noise(48_000))
    microphone.stop()  # so that `read` does not wait
    assert len(microphone.read()) == 0
    microphone.close()


def test_captured_tells_what_has_come_read_or_not_and_how_long_it_took(
    cards: FakeSoundDevice, listen: Callable[..., Listener]
) -> None:
    listener = listen()
    cards.streams[0].hear(noise(4800), delay_s=0.13)
    assert listener.microphone.captured_s == pytest.approx(0.1, abs=0.001)
    listener.until(listener.total)
    assert listener.microphone.captured_s == pytest.approx(0.1, abs=0.001)
    assert listener.microphone.latency_s == pytest.approx(0.03, abs=0.001)


def test_what_is_not_read_in_time_is_lost_and_counted(cards: FakeSoundDevice) -> None:
    microphone = Microphone(buffer_s=0.1)
    cards.streams[0].hear(noise(4800 + 480), lost=True)
    assert microphone.overrun == 160
    assert microphone.xruns == 1
    microphone.close()


def test_a_refused_microphone(cards: FakeSoundDevice) -> None:
    cards.plugged[1].refuses = "Device unavailable"
    with pytest.raises(AudioDeviceError, match="'Webcam' cannot be opened"):
        Microphone()


def test_pulled_out_it_is_silence_in_real_time_and_heard_again_when_back(
    cards: FakeSoundDevice, listen: Callable[..., Listener]
) -> None:
    listener = listen("webcam")
    began_s = time.perf_counter()
    before, after = noise(4800, seed=1), noise(9600, seed=2)
    pump(cards.streams[0], before)
    webcam = cards.plugged.pop()
    cards.streams[0].vanish()
    listener.until(lambda: listener.changes)
    time.sleep(0.2)
    cards.plugged.insert(0, webcam)  # back, under another number
    listener.until(lambda: len(cards.streams) > 1)
    pump(cards.streams[1], after)
    listener.until(lambda: len(listener.changes) > 1)
    heard = listener.end()
    passed_s = time.perf_counter() - began_s
    assert listener.changes == [("Webcam", False), ("Webcam", True)]
    first, last = resample(before[:, 0], 48_000, 16_000), resample(after[:, 0], 48_000, 16_000)
    np.testing.assert_array_equal(heard[: len(first)], first)
    np.testing.assert_array_equal(heard[-len(last) :], last)
    silence = heard[len(first) : -len(last)]
    assert not silence.any()
    assert 0.2 <= len(silence) / 16_000 <= passed_s
    assert cards.restarts > 0, "PortAudio does not see a device again before it restarts"


def test_one_that_delivers_nothing_is_closed_and_opened_again(
    cards: FakeSoundDevice, listen: Callable[..., Listener]
) -> None:
    listener = listen("webcam", stall_s=0.05)
    pump(cards.streams[0], noise(480))
    listener.until(lambda: len(cards.streams) > 1)
    assert listener.changes == [("Webcam", False)], "it is not back before it delivers"
    pump(cards.streams[1], noise(9600))
    listener.until(lambda: len(listener.changes) > 1)
    assert cards.streams[0].closed


def test_where_none_was_named_the_new_default_is_taken(
    cards: FakeSoundDevice, listen: Callable[..., Listener]
) -> None:
    listener = listen()
    cards.plugged.pop()
    cards.default_input = "Line"
    cards.streams[0].vanish()
    listener.until(lambda: len(cards.streams) > 1)
    pump(cards.streams[1], noise(44_100, 2))
    listener.until(lambda: len(listener.changes) > 1)
    assert listener.changes == [("Webcam", False), ("Line", True)]
    assert listener.microphone.device.name == "Line"


def test_a_search_for_another_device_interrupts_but_is_not_a_loss(
    cards: FakeSoundDevice, listen: Callable[..., Listener]
) -> None:
    listener = listen()
    pump(cards.streams[0], noise(4800))
    rescan()
    listener.until(lambda: len(cards.streams) > 1)
    pump(cards.streams[1], noise(9600))
    heard = listener.end()
    assert listener.changes == []
    assert len(heard) >= 1600 + 3200


def test_stop_ends_a_read_that_waits(listen: Callable[..., Listener]) -> None:
    listener = listen()
    time.sleep(0.05)
    assert len(listener.end()) == 0

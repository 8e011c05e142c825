from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from stslocal.audio import loudspeaker as loudspeakers
from stslocal.audio import streams
from stslocal.audio.devices import AudioDevice
from stslocal.audio.loudspeaker import Loudspeaker
from stslocal.audio.resample import resample
from stslocal.clock import VirtualClock
from stslocal.rings import SampleRing
from stslocal.types import Samples
from tests.fake_sounddevice import FakeCard, FakeSoundDevice, FakeStream

pytestmark = pytest.mark.unit


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> FakeSoundDevice:
    fake = FakeSoundDevice(
        [FakeCard("Speakers", outputs=2, rate=44_100), FakeCard("Phone", outputs=1, rate=24_000)],
        default_output="Speakers",
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def noise(count: int, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, count).astype(np.float32)


def pump(loudspeaker: Loudspeaker, stream: FakeStream) -> NDArray[np.float32]:
    """Let the card play until nothing is left. Reads `played` meanwhile, as the program does."""
    played = [stream.play(441)]
    while loudspeaker.played < loudspeaker.written:
        played.append(stream.play(441))
    played.append(stream.play(441))
    return np.concatenate(played)


def until(condition: Callable[[], object]) -> None:
    deadline = time.perf_counter() + 60
    while not condition():
        assert time.perf_counter() < deadline, "the condition did not come true in 60 s"
        time.sleep(0.001)


def test_samples_are_played_at_the_cards_rate_on_both_channels_without_a_seam(
    cards: FakeSoundDevice,
) -> None:
    loudspeaker = Loudspeaker(24_000)
    samples = noise(24_000)
    for start in range(0, len(samples), 3000):
        loudspeaker.write(samples[start : start + 3000])
    played = pump(loudspeaker, cards.streams[0])
    expected = resample(samples, 24_000, 44_100)
    np.testing.assert_array_equal(played[: len(expected), 0], expected)
    np.testing.assert_array_equal(played[:, 0], played[:, 1])
    assert not played[len(expected) :].any()
    assert loudspeaker.played == loudspeaker.written == 24_000
    loudspeaker.close()


def test_played_follows_what_the_card_took(cards: FakeSoundDevice) -> None:
    loudspeaker = Loudspeaker(24_000, "phone")
    loudspeaker.write(noise(12_000))
    assert (loudspeaker.written, loudspeaker.played) == (12_000, 0)
    cards.streams[0].play(5_000, delay_s=0.06)
    assert loudspeaker.played == 5_000
    assert loudspeaker.latency_s == pytest.approx(0.06)
    cards.streams[0].play(10_000)
    assert loudspeaker.played == 12_000
    loudspeaker.close()


def test_the_time_when_a_sample_sounds_is_the_same_whenever_it_is_read(
    cards: FakeSoundDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock()
    for module in (loudspeakers, streams):
        monkeypatch.setattr(module, "perf_counter", clock.now)
    loudspeaker = Loudspeaker(24_000)
    for _ in range(4):
        loudspeaker.write(noise(6_000))

    def sounds_at_s(position: int) -> float:
        return clock.now() + loudspeaker.sounds_in_s(position)

    for tenth in range(15):
        cards.streams[0].play(4_410, delay_s=0.3)
        clock.work(0.03)
        assert loudspeaker.played == min((tenth + 1) * 2_400, 24_000)
        for position in range(0, 24_000, 1_500):
            assert sounds_at_s(position) == pytest.approx(0.3 + position / 24_000, abs=1e-3)
        clock.work(0.07)
    assert sounds_at_s(24_000) == pytest.approx(1.4 + 0.3 + 0.1, abs=1e-3)
    loudspeaker.close()


def test_a_sample_is_not_called_played_before_the_time_when_it_sounds_is_known(
    cards: FakeSoundDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock()
    for module in (loudspeakers, streams):
        monkeypatch.setattr(module, "perf_counter", clock.now)
    loudspeaker = Loudspeaker(24_000, "phone")
    loudspeaker.write(noise(12_000))
    clock.work(1.0)
    taken, within_the_callback = SampleRing.read_into, []

    def read_into(ring: SampleRing, out: Samples) -> int:
        count = taken(ring, out)
        within_the_callback.append(loudspeaker.played)
        return count

    monkeypatch.setattr(SampleRing, "read_into", read_into)
    cards.streams[0].play(480, delay_s=0.1)
    assert within_the_callback == [0]
    assert loudspeaker.played == 480
    assert clock.now() + loudspeaker.sounds_in_s(0) == pytest.approx(1.1)
    loudspeaker.close()


def test_the_end_of_a_phrase_is_played_even_if_nothing_follows(cards: FakeSoundDevice) -> None:
    loudspeaker = Loudspeaker(24_000)
    for phrase in range(3):
        samples = noise(2_400, seed=phrase)
        loudspeaker.write(samples)
        played = pump(loudspeaker, cards.streams[0])
        expected = resample(samples, 24_000, 44_100)
        np.testing.assert_array_equal(played[: len(expected), 0], expected)
    loudspeaker.close()


def test_write_waits_for_room_and_stop_ends_the_wait(cards: FakeSoundDevice) -> None:
    loudspeaker = Loudspeaker(24_000, "phone", buffer_s=0.5, stall_s=60)
    writer = threading.Thread(target=loudspeaker.write, args=(noise(48_000),))
    writer.start()
    until(lambda: loudspeaker.written == 9_600)
    time.sleep(0.05)
    assert loudspeaker.written == 9_600, "another 0.1 s does not fit"
    cards.streams[0].play(2_400)
    until(lambda: loudspeaker.written == 12_000)
    loudspeaker.stop()
    writer.join(timeout=60)
    assert not writer.is_alive()
    assert loudspeaker.written == 12_000
    loudspeaker.close()
    assert cards.streams[0].closed


def test_while_the_device_is_lost_samples_are_skipped_in_real_time_and_counted(
    cards: FakeSoundDevice,
) -> None:
    changes: list[tuple[str, bool]] = []

    def changed(device: AudioDevice, present: bool) -> None:
        changes.append((device.name, present))

    loudspeaker = Loudspeaker(24_000, "phone", buffer_s=0.2, on_change=changed)
    loudspeaker._card._retry_s = 0.02
    loudspeaker.write(noise(2_400))
    phone = cards.plugged.pop()
    cards.streams[0].vanish()
    began_s = time.perf_counter()
    loudspeaker.write(noise(12_000))
    took_s = time.perf_counter() - began_s
    assert took_s > 0.25, "0.5 s of sound minus a buffer of 0.2 s"
    assert changes == [("Phone", False)]
    assert loudspeaker.skipped == 2_400 + 12_000
    until(lambda: loudspeaker.played == loudspeaker.written)
    assert loudspeaker.latency_s == 0.0
    assert loudspeaker.sounds_in_s(14_400) >= 0.0 > loudspeaker.sounds_in_s(14_300)

    cards.plugged.append(phone)
    until(lambda: loudspeaker.played and len(cards.streams) > 1)
    until(lambda: cards.streams[1].play(480).any() or (loudspeaker.played and len(changes) > 1))
    assert changes == [("Phone", False), ("Phone", True)]
    samples = noise(2_400, seed=5)
    loudspeaker.write(samples)
    played = pump(loudspeaker, cards.streams[1])
    np.testing.assert_array_equal(played[:2_400, 0], samples)
    assert loudspeaker.skipped == 2_400 + 12_000
    loudspeaker.close()


def test_after_close_nothing_is_taken(cards: FakeSoundDevice) -> None:
    loudspeaker = Loudspeaker(24_000)
    loudspeaker.close()
    loudspeaker.close()
    loudspeaker.write(noise(100_000))
    assert loudspeaker.written == 0
    assert cards.streams[0].closed


def test_the_clock_position_counts_what_the_card_took_and_its_silence(
    cards: FakeSoundDevice,
) -> None:
    """An echo canceller needs to know to the sample where a piece is in what the card plays."""
    loudspeaker = Loudspeaker(24_000)
    stream = cards.streams[0]
    click = np.zeros(2_400, np.float32)
    click[600] = 0.9
    played, positions = [], []
    for idle in (3, 1, 7, 2):
        for _ in range(idle):
            played.append(stream.play(441))
        begin = loudspeaker.written
        loudspeaker.write(click)
        if idle % 2:  # what the card has taken meanwhile changes nothing
            played.append(stream.play(441))
        positions.append(loudspeaker.clock_position(begin))
        played.append(pump(loudspeaker, stream))
    loudspeaker.close()
    sound = np.concatenate(played)[:, 0]
    loud = np.flatnonzero(sound > 0.5)
    clicks = loud[np.diff(loud, prepend=-100) > 50]
    expected = [(position + 600) * 44_100 / 24_000 for position in positions]
    assert clicks.tolist() == pytest.approx(expected, abs=1.5)

"""Microphone and Loudspeaker on PortAudio and a sound server, tested with real sound.

Other programs may run on the machine, so no test depends on speed: the tests compare which sound
arrived, in which order and how complete.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from stslocal.audio.devices import AudioDevice, find_device, list_devices
from stslocal.audio.loudspeaker import Loudspeaker
from stslocal.audio.microphone import Microphone
from stslocal.audio.resample import resample
from stslocal.errors import AudioDeviceError
from stslocal.types import Samples
from tests.device.busy import up_to_three_times
from tests.device.conftest import (
    BROKEN,
    LOUDSPEAKER,
    MICROPHONE,
    MICROPHONE_FEED,
    SoundServer,
    find_sound,
    speechlike,
)
from tests.live_program import wait_until

pytestmark = pytest.mark.device

RATE = 16_000
VOICE_RATE = 24_000


class MicrophoneReader(threading.Thread):
    """Reads a microphone in a thread, as the program does."""

    def __init__(self, microphone: Microphone) -> None:
        super().__init__()
        self._microphone = microphone
        self._pieces: list[Samples] = []

    def run(self) -> None:
        while len(samples := self._microphone.read()):
            self._pieces.append(samples)

    def captured(self) -> Samples:
        return np.concatenate([*self._pieces, np.zeros(0, np.float32)])


@contextlib.contextmanager
def reading(microphone: Microphone) -> Iterator[MicrophoneReader]:
    """A reader that has captured its first samples; it ends with the block."""
    reader = MicrophoneReader(microphone)
    reader.start()
    try:
        wait_until(lambda: len(reader.captured()), "the microphone begins")
        yield reader
    finally:
        microphone.stop()
        reader.join()
        microphone.close()


class Changes(list[tuple[str, bool]]):
    """The devices that were lost (False) or came back (True), in order."""

    def __call__(self, device: AudioDevice, present: bool) -> None:
        self.append((device.name, present))

    def names(self, present: bool) -> set[str]:
        return {name for name, change in self if change is present}


def wait_until_steady(loudspeaker: Loudspeaker) -> None:
    """Wait until the card has no more xruns: at first, recording it while it plays causes some."""
    xruns = -1
    while xruns != loudspeaker.xruns:
        xruns = loudspeaker.xruns
        time.sleep(1.0)


def assert_complete(recorded: Samples, played: Samples, rate: int) -> None:
    """Assert that `played` is in `recorded` from start to end without a gap.

    Each second is compared alone: one dropped sample would spoil the likeness of the whole.
    """
    starts = []
    for at in range(0, len(played) - rate + 1, rate):
        start, likeness = find_sound(recorded, played[at : at + rate])
        assert likeness > 0.95, f"second {at // rate} of the sound was not recorded"
        starts.append(start - at)
    assert max(starts) - min(starts) <= 0.002 * rate, f"samples were lost or repeated: {starts}"


def find_part(recorded: Samples, played: Samples) -> int | None:
    """The sample of `recorded` where any 0.2 s of `played` is found; None if there is none."""
    piece = RATE // 5
    for at in range(0, len(played) - piece + 1, piece):
        start, likeness = find_sound(recorded, played[at : at + piece])
        if likeness > 0.9:
            return start
    return None


def is_captured(reader: MicrophoneReader, played: Samples) -> bool:
    """Whether some of `played` was captured in the last 5 s."""
    return find_part(reader.captured()[-5 * RATE :], played) is not None


def test_the_virtual_cards_are_listed_and_found(sound_server: SoundServer) -> None:
    assert sound_server.is_running
    names = [device.name for device in list_devices()]
    assert {MICROPHONE, LOUDSPEAKER} <= set(names)
    assert find_device("VIRTUAL_mic", "input").name == MICROPHONE
    with pytest.raises(AudioDeviceError, match="several loudspeakers match 'virtual'") as caught:
        find_device("virtual", "output")
    assert MICROPHONE in str(caught.value)


@up_to_three_times
def test_the_microphone_captures_sound_without_gaps(sound_server: SoundServer) -> None:
    said = speechlike(4.0, RATE)
    microphone = Microphone(MICROPHONE)
    with reading(microphone) as reader:
        sound_server.play_into(said, RATE)
        wait_until(lambda: is_captured(reader, said[-RATE:]), "the end is captured")
        time.sleep(1.0)
    assert_complete(reader.captured(), said, RATE)
    assert microphone.overrun == 0


@up_to_three_times
def test_the_loudspeaker_plays_sound_without_gaps(
    sound_server: SoundServer, tmp_path: Path
) -> None:
    said = speechlike(3.0, VOICE_RATE)
    sound_server.record(tmp_path / "out", VOICE_RATE)
    wait_until(lambda: (tmp_path / "out").stat().st_size, "the recorder begins")
    with closing(Loudspeaker(VOICE_RATE, LOUDSPEAKER)) as loudspeaker:
        for start in range(0, len(said), 5_000):
            loudspeaker.write(said[start : start + 5_000])
        wait_until(lambda: loudspeaker.played == loudspeaker.written, "all is played")
        assert loudspeaker.written == len(said)
        assert 0 < loudspeaker.latency_s < 2
        time.sleep(loudspeaker.latency_s + 1.0)
    sound_server.end_clients()
    assert_complete(np.fromfile(tmp_path / "out", np.float32), said, VOICE_RATE)


@up_to_three_times
def test_microphone_and_loudspeaker_agree_on_the_time_of_a_sound(
    sound_server: SoundServer,
) -> None:
    assert sound_server.is_running
    said = speechlike(2.0, VOICE_RATE)
    microphone = Microphone(MICROPHONE)
    with (
        reading(microphone) as reader,
        closing(Loudspeaker(VOICE_RATE, MICROPHONE_FEED)) as loudspeaker,
    ):
        wait_until_steady(loudspeaker)
        zeros = []  # clock times of the stream's start; a late delivery makes it seem later
        loudspeaker.write(said)
        while loudspeaker.played < loudspeaker.written:
            zeros.append(time.perf_counter() - microphone.captured_s)
            time.sleep(0.01)
        began_s = min(zeros) - microphone.latency_s
        ended_s = time.perf_counter() + loudspeaker.sounds_in_s(len(said) - 1)
        time.sleep(loudspeaker.latency_s + 1.0)
    start, likeness = find_sound(reader.captured(), at_recognition_rate(said))
    assert likeness > 0.9
    assert began_s + start / RATE + 2.0 == pytest.approx(ended_s, abs=1.0)


def at_recognition_rate(samples: Samples) -> Samples:
    return resample(samples, VOICE_RATE, RATE)


@up_to_three_times
def test_both_come_back_when_all_cards_were_pulled_out(sound_server: SoundServer) -> None:
    if not sound_server.is_running:
        sound_server.start()
    changes = Changes()
    both = {MICROPHONE, MICROPHONE_FEED}
    first, last = (speechlike(2.0, VOICE_RATE, seed=seed) for seed in (1, 2))
    with (
        reading(Microphone(MICROPHONE, on_change=changes)) as reader,
        closing(Loudspeaker(VOICE_RATE, MICROPHONE_FEED, on_change=changes)) as loudspeaker,
    ):
        wait_until_steady(loudspeaker)
        began_s, began = time.perf_counter(), len(reader.captured())
        loudspeaker.write(first)
        wait_until(lambda: loudspeaker.played == loudspeaker.written, "the beginning is played")
        time.sleep(loudspeaker.latency_s + 0.5)

        sound_server.kill()
        loudspeaker.write(speechlike(1.0, VOICE_RATE, seed=3))
        wait_until(
            lambda: loudspeaker.played and changes.names(False) == both, "the loss is noticed"
        )
        sound_server.start()
        wait_until(lambda: loudspeaker.played and changes.names(True) == both, "both are back")

        wait_until_steady(loudspeaker)
        loudspeaker.write(last)
        wait_until(lambda: loudspeaker.played == loudspeaker.written, "the end is played")
        time.sleep(loudspeaker.latency_s + 0.5)
        captured, passed_s = reader.captured(), time.perf_counter() - began_s
    assert len(changes) == 4
    first_at = find_part(captured, at_recognition_rate(first))
    last_at = find_part(captured, at_recognition_rate(last))
    assert first_at is not None
    assert last_at is not None
    assert first_at < last_at
    assert 0 < loudspeaker.skipped <= VOICE_RATE
    assert (len(captured) - began) / RATE == pytest.approx(passed_s, abs=3.0), "time stood still"


@up_to_three_times
def test_a_microphone_without_sound_is_noticed_and_goes_on(sound_server: SoundServer) -> None:
    changes = Changes()
    with reading(Microphone(MICROPHONE, stall_s=1.0, on_change=changes)) as reader:
        sound_server.suspend("source", MICROPHONE, True)
        try:
            wait_until(lambda: changes.names(False), "the missing sound is noticed")
            captured = len(reader.captured())
            wait_until(lambda: len(reader.captured()) > captured, "silence takes its place")
        finally:
            sound_server.suspend("source", MICROPHONE, False)
        wait_until(lambda: changes.names(True), "it is back")
        said = speechlike(2.0, RATE, seed=4)
        sound_server.play_into(said, RATE)
        wait_until(lambda: is_captured(reader, said), "sound is captured again")


def test_a_refused_device_is_named_and_others_are_listed(sound_server: SoundServer) -> None:
    assert sound_server.is_running
    with pytest.raises(AudioDeviceError) as caught:
        Microphone(BROKEN)
    message = str(caught.value)
    assert message.startswith(f"the microphone '{BROKEN}' cannot be opened (")
    assert MICROPHONE in message
    assert "--input-device" in message


def test_opening_and_closing_again_and_again_leaves_nothing_behind(
    sound_server: SoundServer,
) -> None:
    def open_and_close() -> None:
        microphone, loudspeaker = Microphone(MICROPHONE), Loudspeaker(VOICE_RATE, LOUDSPEAKER)
        loudspeaker.write(np.zeros(100, np.float32))
        microphone.close()
        loudspeaker.close()

    assert sound_server.is_running
    open_and_close()
    descriptors, threads = count("fd"), count("task")
    for _ in range(10):
        open_and_close()
    assert count("fd") <= descriptors
    assert count("task") <= threads


def count(kind: str) -> int:
    """This process's file descriptors (`fd`) or threads (`task`)."""
    return len(list(Path("/proc/self", kind).iterdir()))

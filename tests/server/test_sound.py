"""The microphone of a session: what a client sends is taken in order, and not too early."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from stslocal.clock import RealClock
from stslocal.server.realtime.protocol import WIRE_RATE
from stslocal.server.realtime.sound import EARLY_S, Abandoned, ReceivedInput, SentOutput
from stslocal.types import RECOGNITION_RATE, Samples

pytestmark = pytest.mark.unit


class SetClock(RealClock):
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time_s = 0.0

    def now(self) -> float:
        return self.time_s


def noise(seconds: float) -> Samples:
    return np.full(round(seconds * WIRE_RATE), 0.25, np.float32)


def test_what_came_is_taken_to_the_last_sample() -> None:
    received = ReceivedInput(SetClock())
    for _ in range(10):
        received.feed(noise(0.2))
    received.stop()
    received.feed(noise(1.0))
    taken = [received.read() for _ in range(3)]
    assert sum(map(len, taken)) == 2 * RECOGNITION_RATE
    assert len(taken[-1]) == 0
    assert received.captured_s == 2.0


def test_a_whole_recording_at_once_is_taken_at_the_pace_of_speech() -> None:
    clock = SetClock()
    received = ReceivedInput(clock)
    received.feed(noise(20.0))
    first = received.read()
    assert len(first) / RECOGNITION_RATE == pytest.approx(EARLY_S, abs=0.05)
    assert received.waiting_s == pytest.approx(15.0, abs=0.1)
    clock.time_s = 3.0
    assert len(received.read()) / RECOGNITION_RATE == pytest.approx(3.0, abs=0.1)


def test_a_session_that_is_given_up_does_not_wait_for_the_rest() -> None:
    received = ReceivedInput(SetClock())
    received.feed(noise(20.0))
    received.read()
    found: list[Samples] = []
    thread = threading.Thread(target=lambda: found.append(received.read()))
    thread.start()
    received.drop()
    thread.join(60)
    assert [len(each) for each in found] == [0]


def test_a_stopped_output_ends_the_session() -> None:
    sent: list[Samples] = []
    output = SentOutput(WIRE_RATE, RealClock(), sent.append)
    output.write(noise(0.5))
    assert [len(each) for each in sent] == [4800, 4800, 2400]
    output.stop()
    with pytest.raises(Abandoned):
        output.write(noise(0.5))


def test_speech_of_another_rate_is_sent_at_the_rate_of_the_wire() -> None:
    sent: list[Samples] = []
    output = SentOutput(22_050, RealClock(), sent.append)
    output.write(np.full(11_025, 0.25, np.float32))
    output.close()
    assert sum(map(len, sent)) == pytest.approx(12_000, abs=2)

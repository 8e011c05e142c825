from __future__ import annotations

import random

import pytest

from stslocal.clock import VirtualClock
from stslocal.live.stream_clock import StreamClock

pytestmark = pytest.mark.unit


def test_it_counts_from_its_start() -> None:
    machine = VirtualClock(start_s=100.0)
    clock = StreamClock(machine)
    machine.work(5.0)
    clock.begin()
    machine.work(2.0)
    assert clock.now() == pytest.approx(2.0)
    clock.sleep_until(3.5)
    assert machine.now() == pytest.approx(108.5)


@pytest.mark.parametrize("ppm", [-200, 0, 200])
def test_a_sound_card_whose_rate_is_off_does_not_become_latency(ppm: int) -> None:
    """An hour of 50 ms blocks: most are reported up to 30 ms late, 1 % half a second late."""
    chance = random.Random(ppm)
    machine = VirtualClock()
    clock = StreamClock(machine)
    before = 0.0
    for block in range(1, 72_000):
        captured_s = block * 0.05
        due_s = captured_s / (1 + ppm * 1e-6)
        late_s = 0.5 if chance.random() < 0.01 else chance.random() * 0.03
        machine.sleep_until(due_s + late_s)
        clock.delivered(captured_s)
        assert clock.now() >= before, "time does not go back"
        before = clock.now()
        error_s = clock.now() - captured_s - (machine.now() - due_s)
        assert abs(error_s) < 0.02


def test_the_late_start_of_a_card_is_not_taken_for_latency() -> None:
    machine = VirtualClock()
    clock = StreamClock(machine)
    clock.begin()
    machine.work(0.8)  # the card was asleep
    for block in range(1, 100):
        machine.work(0.05)
        clock.delivered(block * 0.05)
        assert clock.now() == pytest.approx(block * 0.05, abs=1e-3)


def test_a_driver_that_reports_too_long_a_latency_at_first_does_no_harm() -> None:
    machine = VirtualClock()
    clock = StreamClock(machine)
    for block in range(1, 200):
        machine.sleep_until(block * 0.05 + 0.03)
        clock.delivered(block * 0.05, 0.16 if block < 20 else 0.03)
    assert clock.now() == pytest.approx(machine.now(), abs=1e-3)


def test_a_latency_that_changes_later_moves_the_time_slowly() -> None:
    machine = VirtualClock()
    clock = StreamClock(machine)
    before = 0.0
    for block in range(1, 20_000):
        machine.sleep_until(block * 0.05 + 0.03)
        clock.delivered(block * 0.05, 0.03 if block < 2_000 else 0.23)
        assert clock.now() > before
        before = clock.now()
    assert clock.now() == pytest.approx(machine.now() + 0.2, abs=1e-3)

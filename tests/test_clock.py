"""Real and virtual time."""

from __future__ import annotations

import time

import pytest

from stslocal.clock import RealClock, VirtualClock

pytestmark = pytest.mark.unit


def test_virtual_time_passes_only_by_sleep_and_work() -> None:
    clock = VirtualClock()
    assert clock.now() == 0.0
    clock.sleep_until(3.0)
    clock.work(0.5)
    assert clock.now() == 3.5


def test_virtual_time_never_goes_back() -> None:
    clock = VirtualClock(start_s=10.0)
    clock.sleep_until(3.0)
    assert clock.now() == 10.0
    with pytest.raises(ValueError, match="takes time"):
        clock.work(-1.0)


def test_real_time_is_that_of_perf_counter() -> None:
    clock = RealClock()
    began = time.perf_counter()
    clock.sleep_until(clock.now() + 0.02)
    assert 0.02 <= time.perf_counter() - began < 5.0
    clock.sleep_until(began)
    assert began <= clock.now() <= time.perf_counter()

"""Ctrl-C is deferred, and not lost."""

from __future__ import annotations

import signal
import threading

import pytest

from stslocal.pipeline.interrupts import interrupts_deferred

pytestmark = pytest.mark.unit


def press_inside(seen: list[str]) -> None:
    with interrupts_deferred():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        seen.append("the block ran to its end")


def test_ctrl_c_comes_after_the_block() -> None:
    seen: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        press_inside(seen)
    assert seen == ["the block ran to its end"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_without_ctrl_c_nothing_happens() -> None:
    handler = signal.getsignal(signal.SIGINT)
    with interrupts_deferred():
        pass
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_handler_of_the_program_is_called_once() -> None:
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda signum, frame: pressed.append(signum))
    try:
        press_inside([])
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed == [signal.SIGINT]


def test_in_other_threads_the_block_runs_as_it_is() -> None:
    entered: list[bool] = []

    def work() -> None:
        with interrupts_deferred():
            entered.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert entered == [True]

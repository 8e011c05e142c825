"""The simulation of `scripts/bench/scaling.py` against what can be reckoned by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "bench"))

from scaling import (
    ASKED_EVERY_S,
    BATCHES_S,
    MACHINES,
    RECOGNITION_S,
    SEGMENT_EVERY_S,
    SYNTHESIS_S,
    TRANSLATION_S,
    Machine,
    Simulation,
    most_sessions,
    p95,
)

pytestmark = pytest.mark.unit


def test_a_session_alone_waits_for_nobody_and_takes_what_was_measured() -> None:
    load = Simulation(Machine("large", 100), 1, speech=1.0).run(600)
    assert p95(load.answers_s) == pytest.approx(RECOGNITION_S)
    assert p95(load.waits_s) == 0.0
    expected = RECOGNITION_S / ASKED_EVERY_S + (SYNTHESIS_S + TRANSLATION_S) / SEGMENT_EVERY_S
    assert load.cores_busy_s / 600 == pytest.approx(expected, rel=0.05)


def test_no_machine_is_busier_than_it_can_be() -> None:
    for machine in (Machine("two", 2), Machine("card", 2, "whisper-small", 1)):
        load = Simulation(machine, 20, speech=1.0).run(100)
        assert load.cores_busy_s <= 100 * machine.cores + 20 * SYNTHESIS_S
        assert load.cards_busy_s <= 100 * machine.cards + 1.0
        assert not load.in_time


def test_a_card_answers_a_batch_in_the_time_of_its_size() -> None:
    load = Simulation(Machine("card", 1000, "whisper-small", 1), 32, speech=1.0).run(300)
    assert max(load.answers_s) <= 2 * BATCHES_S["whisper-small"][32]
    assert min(load.answers_s) == pytest.approx(BATCHES_S["whisper-small"][1])


def test_two_cores_serve_one_session_as_was_measured() -> None:
    most, load = most_sessions(MACHINES[0], speech=1.0)
    assert most == 1
    assert load.in_time


def test_people_who_speak_half_of_the_time_take_half_of_the_work() -> None:
    always, half = (
        Simulation(Machine("large", 500), 40, speech=speech).run(600) for speech in (1.0, 0.5)
    )
    assert half.cores_busy_s / always.cores_busy_s == pytest.approx(0.5, abs=0.08)

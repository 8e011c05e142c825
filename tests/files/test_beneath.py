"""The gain of the original sound beneath its translation."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.files.beneath import (
    AROUND_S,
    ATTACK_S,
    DUCKED_DB,
    RELEASE_S,
    GainCurve,
    constant,
    curve_for,
    ducked,
)

pytestmark = pytest.mark.unit

RATE = 1000


def decibels(curve: GainCurve, at_s: float) -> float:
    at = round(at_s * RATE)
    return 20 * float(np.log10(curve.between(at, at + 1, RATE)[0]))


def test_it_is_down_under_speech_and_up_between() -> None:
    curve = ducked([(2.0, 4.0), (10.0, 12.0)])
    for at_s in (0.0, 7.0, 14.0, 100.0):
        assert decibels(curve, at_s) == pytest.approx(0.0, abs=0.01)
    for at_s in (2.0, 3.0, 4.0, 10.0, 12.0):
        assert decibels(curve, at_s) == pytest.approx(DUCKED_DB, abs=0.1)


def test_it_goes_down_before_the_speech_and_up_slowly_after_it() -> None:
    curve = ducked([(2.0, 4.0)])
    assert decibels(curve, 2.0 - AROUND_S - ATTACK_S) == pytest.approx(0.0, abs=0.1)
    assert decibels(curve, 2.0 - AROUND_S - ATTACK_S / 2) == pytest.approx(-9.0, abs=0.2)
    assert decibels(curve, 4.0 + AROUND_S + RELEASE_S / 2) == pytest.approx(-9.0, abs=0.2)
    assert decibels(curve, 4.0 + AROUND_S + RELEASE_S) == pytest.approx(0.0, abs=0.1)


def test_no_sample_is_far_from_the_one_before_it() -> None:
    gains = ducked([(0.1, 2.0), (4.0, 5.0)]).between(0, 48_000 * 7, 48_000)
    assert np.abs(np.diff(gains)).max() < 0.001


def test_overlapping_speech_and_short_breaks_are_one() -> None:
    curve = ducked([(5.0, 6.0), (2.0, 4.0), (3.0, 3.5), (4.5, 4.6)])
    for at_s in np.arange(2.0, 6.0, 0.1):
        assert decibels(curve, at_s) == pytest.approx(DUCKED_DB, abs=0.1)


def test_nothing_said_is_full_level() -> None:
    assert decibels(ducked([]), 3.0) == 0.0


def test_the_level_of_a_person_holds_always() -> None:
    assert decibels(curve_for("-20dB", [(1.0, 2.0)]), 1.5) == pytest.approx(-20.0)
    assert decibels(curve_for("full", [(1.0, 2.0)]), 1.5) == 0.0
    assert decibels(curve_for("duck", [(1.0, 2.0)]), 1.5) == pytest.approx(DUCKED_DB)
    assert decibels(constant(-3.0), 99.0) == pytest.approx(-3.0)

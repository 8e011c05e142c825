from __future__ import annotations

import pytest

from stslocal.audio.levels import Level
from stslocal.cli.level_meter import ASCII_SYMBOLS, PEAK_HOLD_S, PeakHold, level_bar, level_text

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("peak_dbfs", "rms_dbfs", "bar"),
    [
        (-120.0, -120.0, "............"),
        (-60.0, -70.0, "............"),
        (-30.0, -45.0, "###..|......"),
        (-5.0, -20.0, "########..|."),
        (0.0, -3.0, "###########|"),
        (3.0, 1.0, "###########|"),
    ],
)
def test_bar(peak_dbfs: float, rms_dbfs: float, bar: str) -> None:
    assert level_bar(Level(peak_dbfs, rms_dbfs), 12, ASCII_SYMBOLS) == bar


def test_text() -> None:
    assert level_text(Level(-8.04, -23.4)) == "average  -23.4  loudest   -8.0 dB"
    assert level_text(Level(0.0, -3.01)) == "average   -3.0  loudest    0.0 dB  TOO LOUD"


def test_a_peak_stays_for_a_while_and_the_rms_does_not() -> None:
    peak_hold = PeakHold()
    assert peak_hold.update(Level(-10, -20), 0.0) == Level(-10, -20)
    assert peak_hold.update(Level(-30, -40), 0.1) == Level(-10, -40)
    assert peak_hold.update(Level(-9, -20), 0.2) == Level(-9, -20)
    assert peak_hold.update(Level(-30, -40), 0.1 + PEAK_HOLD_S) == Level(-9, -40)
    assert peak_hold.update(Level(-30, -40), 0.2 + PEAK_HOLD_S) == Level(-30, -40)


def test_a_clipped_peak_stays_longer() -> None:
    peak_hold = PeakHold()
    peak_hold.update(Level(0, -20), 0.0)
    assert peak_hold.update(Level(-30, -40), 2 * PEAK_HOLD_S - 0.1).is_clipped
    assert not peak_hold.update(Level(-30, -40), 2 * PEAK_HOLD_S).is_clipped

from __future__ import annotations

import numpy as np
import pytest

from stslocal.clock import VirtualClock
from stslocal.live.capture import Capture
from stslocal.live.full_duplex import FullDuplex
from stslocal.live.ports import NoRecord
from stslocal.live.stream_clock import StreamClock
from stslocal.metrics import ignore
from stslocal.types import RECOGNITION_RATE, Samples
from tests.live_helpers import ScriptedInput

pytestmark = pytest.mark.unit

BLOCK = 512


class FindsTheEchoInTheThirdBlock(FullDuplex):
    calls = 0

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        self.calls += 1
        return samples, False

    def take_corrected(self) -> Samples:
        return np.full(2 * BLOCK if self.calls == 3 else 0, -1, np.float32)


def test_corrected_samples_replace_those_before_the_block_that_comes_next() -> None:
    clock = VirtualClock()
    taken: list[Samples] = []

    def correct(samples: Samples) -> None:
        assert len(taken) == 2, "before the third block"
        taken[:] = [samples[:BLOCK], samples[BLOCK:]]

    capture = Capture(
        ScriptedInput(np.ones(4 * BLOCK, np.float32), clock, block_s=BLOCK / RECOGNITION_RATE),
        FindsTheEchoInTheThirdBlock(),
        NoRecord(),
        clock=StreamClock(clock),
        emit=ignore,
        correct=correct,
    )
    for block in capture:
        taken.append(block)
    assert [set(block) for block in taken] == [{-1.0}, {-1.0}, {1.0}, {1.0}]

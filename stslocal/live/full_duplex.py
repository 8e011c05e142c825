"""Full duplex: the input is without the loudspeaker's sound, so nothing is to be done."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stslocal.audio.output_kind import OutputKind
from stslocal.metrics import Event
from stslocal.types import Samples


class FullDuplex:
    """Leaves the input as it is: for headphones, or because the input took the echo out itself."""

    name = "full"
    muted_s = 0.0
    takes_echo_out = False

    def __init__(self, corrected: Callable[[], Samples] = lambda: np.zeros(0, np.float32)) -> None:
        """`corrected` gives what the input corrects, as `take_corrected`."""
        self._corrected = corrected

    def played(
        self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
    ) -> None:
        pass

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        return samples, False

    def take_corrected(self) -> Samples:
        return self._corrected()

    def observe(self, event: Event) -> None:
        pass

    def may_start(self, now_s: float) -> bool:
        return True

    def is_echo(self, start_s: float, end_s: float) -> bool:
        return False

    def end_input(self) -> None:
        pass

    def output_is(self, kind: OutputKind) -> None:
        pass

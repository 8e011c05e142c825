"""Which duplex a session takes: how our own voice in the microphone is kept from being translated.

    full    nothing is done: on headphones, or where the microphone does not capture the loudspeaker
    aec     the loudspeaker's sound is taken out of the microphone's, and both may speak at once
    half    the microphone is muted while the loudspeaker plays (see `half_duplex`)

`auto` begins with what the sound system says of the output, and then goes by what the canceller
measures. Where the echo cannot be taken out, a session falls back to half by itself and returns
when it can. What gets through all the same is dropped after recognition (see `echo`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

import numpy as np

from stslocal.audio.output_kind import OutputKind
from stslocal.clock import Clock
from stslocal.live.full_duplex import FullDuplex
from stslocal.live.half_duplex import HalfDuplex
from stslocal.live.ports import Duplex
from stslocal.metrics import DuplexChanged, Emit, Event, ignore
from stslocal.types import RECOGNITION_RATE, Samples

_log = logging.getLogger(__name__)

DuplexName: TypeAlias = Literal["full", "aec", "half"]

_AT_LEAST_S = 8.0
"""A duplex stays for so long: one that changes with every sentence confuses whoever speaks."""

_WEAK_ECHO_DB = 18.0
"""An echo that is on average so much weaker than the loudest input harms no recognition, whether
it can be taken out or not. Somebody who speaks is at times 8 dB louder than on average."""
_TAKEN_OUT_DB = 12.0
"""An echo reduced by so much is not recognized beside somebody who speaks."""
_FALL_DB = 0.5
"""By so much the loudest input is forgotten each second."""

_REASONS: dict[tuple[str, str], str] = {
    ("full", "aec"): "the microphone captures the loudspeaker",
    ("half", "aec"): "the echo of the loudspeaker can be taken out again",
    ("aec", "full"): "the microphone does not capture the loudspeaker",
    ("half", "full"): "the microphone does not capture the loudspeaker any more",
    ("aec", "half"): "the echo of the loudspeaker cannot be taken out",
    ("full", "half"): "the echo of the loudspeaker cannot be taken out",
}


class CancellerState(Protocol):
    """What a canceller found out so far; None is what it does not know yet."""

    @property
    def is_audible(self) -> bool | None:
        """Whether the microphone captures the loudspeaker."""
        ...

    @property
    def echo_db(self) -> float:
        """Level of the echo at the microphone, dB of full scale."""
        ...

    @property
    def reduction_db(self) -> float:
        """By how much the echo is reduced."""
        ...

    @property
    def works(self) -> bool | None:
        """Whether the echo is taken out well enough for the recognizer."""
        ...


class Canceller(Protocol):
    """Takes the loudspeaker's sound out of the microphone's. Another thread calls `played`."""

    @property
    def state(self) -> CancellerState: ...

    def played(
        self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
    ) -> None: ...

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        """Return as many samples, and whether some are silenced because they were echo only."""
        ...

    def take_corrected(self) -> Samples: ...


def make_duplex(name: str, *, is_auto: bool = False, clock: Clock, emit: Emit = ignore) -> Duplex:
    """Make the duplex that a session begins with: `half`, `full` or `aec`.

    With `is_auto` it may become another one. Only headphones begin with `full` then.
    """
    if name == "half":
        return HalfDuplex()
    if name == "full" and not is_auto:
        return FullDuplex()
    from stslocal.audio.echo_canceller import EchoCanceller

    return CancellingDuplex(
        EchoCanceller, is_auto=is_auto, on_headphones=name == "full", clock=clock, emit=emit
    )


class CancellingDuplex:
    """Cancels the echo, or falls back to half where that does not work.

    With `is_auto`, it leaves the input as it is where there is no echo.
    """

    def __init__(
        self,
        make_canceller: Callable[[], Canceller],
        *,
        is_auto: bool = False,
        on_headphones: bool = False,
        clock: Clock,
        emit: Emit = ignore,
    ) -> None:
        """`on_headphones` says that the output is known to be headphones."""
        self._make_canceller = make_canceller
        self._canceller = make_canceller()
        self._is_auto = is_auto
        self._on_headphones = on_headphones
        self._output_changed = self._left_headphones = False
        self._half = HalfDuplex()
        self._level_db = -100.0
        """The highest level of the input of late, dB of full scale."""
        self._clock = clock
        self._emit = emit
        self._since_s = -_AT_LEAST_S
        self._name: DuplexName = "full" if is_auto and on_headphones else "aec"

    @property
    def name(self) -> DuplexName:
        """The duplex in force."""
        return self._name

    @property
    def muted_s(self) -> float:
        return self._half.muted_s

    @property
    def takes_echo_out(self) -> bool:
        state = self._canceller.state
        works = state.works is True and state.reduction_db >= _TAKEN_OUT_DB
        return self._name == "aec" and works

    def played(
        self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
    ) -> None:
        self._half.played(samples, sample_rate, at_s)
        self._canceller.played(samples, sample_rate, at_s, position)

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        if self._output_changed:  # another room for the canceller
            self._output_changed = False
            self._canceller = self._make_canceller()
            self._since_s = start_s - _AT_LEAST_S
        cleaned, _ = self._canceller.process(samples, start_s)
        end_s = start_s + len(samples) / RECOGNITION_RATE
        self._follow_level(samples)
        self._choose(self._canceller.state, end_s)
        if self._name == "half":
            return self._half.process(samples, start_s)
        kept = samples if self._name == "full" else cleaned
        self._half.pass_by(kept, start_s, samples)
        return kept, False

    def take_corrected(self) -> Samples:
        corrected = self._canceller.take_corrected()
        return corrected if self._name == "aec" else corrected[:0]

    def observe(self, event: Event) -> None:
        self._half.observe(event)

    def may_start(self, now_s: float) -> bool:
        return self._name != "half" or self._half.may_start(now_s)

    def is_echo(self, start_s: float, end_s: float) -> bool:
        return not self._on_headphones and self._half.is_echo(start_s, end_s)

    def end_input(self) -> None:
        self._half.end_input()

    def output_is(self, kind: OutputKind) -> None:
        """Begin anew with an output of this kind. For any thread."""
        on_headphones = kind == "headphones"
        self._left_headphones = self._on_headphones and not on_headphones
        self._on_headphones = on_headphones
        self._output_changed = True

    def _follow_level(self, samples: Samples) -> None:
        power = float(np.square(samples, dtype=np.float64).mean()) if len(samples) else 0.0
        fallen_db = self._level_db - _FALL_DB * len(samples) / RECOGNITION_RATE
        self._level_db = max(fallen_db, 10 * float(np.log10(power + 1e-10)))

    def _choose(self, state: CancellerState, at_s: float) -> None:
        name = self._best(state)
        if name == self._name or at_s < self._since_s + _AT_LEAST_S:
            return
        reason = _REASONS[self._name, name]
        if name == "full" and self._on_headphones:
            reason = "the translation is played on headphones"
        elif self._left_headphones:
            reason = "the translation is not played on headphones any more"
        self._left_headphones = False
        _log.info("duplex %s: %s (%s)", name, reason, state)
        self._name, self._since_s = name, at_s
        self._emit(DuplexChanged(self._clock.now(), name, reason))

    def _best(self, state: CancellerState) -> DuplexName:
        if self._is_auto and self._on_headphones:
            return "full"
        is_gone = self._is_auto and state.is_audible is False
        if self._name == "half" and state.works is not True and not is_gone:
            return "half"
        if state.works is False and state.echo_db > self._level_db - _WEAK_ECHO_DB:
            return "half"
        return "full" if is_gone else "aec"

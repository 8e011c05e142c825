"""How many machines ten thousand people need who speak at once: a simulation on measured times.

    python scripts/bench/scaling.py [--people 10000] [--speech 1.0] [--price NAME=AMOUNT ...]

Each kind of machine in MACHINES serves 1, 2, 3 ... sessions, until they are no longer in time; the
last number is what a machine of that kind serves. A session is what `scripts/bench/live.py`
measured of one: while somebody speaks, the recognizer is asked again as soon as it has answered and
`ASKED_EVERY_S` have passed; every few seconds a segment is translated and spoken. Work waits in one
queue a machine, first come first served, as in our server. A graphics card takes all questions that
wait as one batch, whose time by size is measured too.

Sessions are in time when 95 of 100 answers of the recognizer come within `ANSWERED_S`, and 95 of
100 segments wait at most `WAITED_S` for a core. `--speech` is the share of a session in which
somebody speaks; `--price` adds the cost an hour of a kind of machine, in any currency.

Nothing here is a measurement of ten thousand people. What is measured is in the constants, each
with its source; what is assumed is said in docs/scaling.md.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

RECOGNITION_S = 0.56
"""Seconds of a core for a question to whisper-base in int8: 67.0 s for 119 questions, live.py."""
SYNTHESIS_S = 1.87
"""Seconds of a core for a segment, Kokoro in int8: 48.5 s for 26 segments, live.py."""
TRANSLATION_S = 0.066
"""Seconds of a core for a segment: 1.7 s for 26 segments, live.py."""
SEGMENT_EVERY_S = 3.9
"""Seconds of speech a segment: 26 in 100 s, live.py."""
ASKED_EVERY_S = 0.6
"""At least so much new sound is in a question (`stslocal.live`)."""
BATCHES_S = {
    "whisper-small": {1: 0.093, 2: 0.106, 4: 0.147, 8: 0.225, 16: 0.392, 32: 0.625},
    "whisper-large-v3-turbo": {1: 0.043, 2: 0.070, 4: 0.115, 8: 0.214, 16: 0.415, 32: 0.824},
}
"""Seconds of an H100 for a batch of questions of 6 s of sound and 20 tokens, cuda.py."""
FIRST_SESSION_MB, SESSION_MB = 650, 95
"""Memory of a server with one session, and of each more, server.py."""

ANSWERED_S = 1.5
WAITED_S = 1.5
SIMULATED_S = 600.0
_SPOKEN_S = 12.0
"""Mean length of a stretch of speech, where somebody is silent in between."""


@dataclass(frozen=True)
class Machine:
    """A kind of machine. `recognizer` names a row of BATCHES_S; "" recognizes on the cores."""

    name: str
    cores: int
    recognizer: str = ""
    cards: int = 0


MACHINES = (
    Machine("2 cores", 2),
    Machine("16 cores", 16),
    Machine("64 cores", 64),
    Machine("16 cores, 1 H100, small", 16, "whisper-small", 1),
    Machine("16 cores, 1 H100, turbo", 16, "whisper-large-v3-turbo", 1),
    Machine("64 cores, 1 H100, small", 64, "whisper-small", 1),
)


@dataclass
class Load:
    """What the sessions of a machine waited for, and how busy it was."""

    answers_s: list[float] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    cores_busy_s: float = 0.0
    cards_busy_s: float = 0.0

    @property
    def in_time(self) -> bool:
        return p95(self.answers_s) <= ANSWERED_S and p95(self.waits_s) <= WAITED_S


def p95(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95)) if values else 0.0


class Simulation:
    """Sessions on one machine, event by event."""

    def __init__(self, machine: Machine, sessions: int, *, speech: float, seed: int = 1) -> None:
        self.load = Load()
        self._machine = machine
        self._speech = speech
        self._dice = random.Random(seed)
        self._now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._free_cores, self._free_cards = machine.cores, machine.cards
        self._work: deque[tuple[float, Callable[[float], None]]] = deque()
        """(seconds of a core, called with its start) of what waits for a core."""
        self._questions: deque[tuple[float, Callable[[], None]]] = deque()
        """(when it was asked, called when it is answered) of what waits for a card."""
        for _ in range(sessions):
            self._after(self._dice.uniform(0, 5), self._begin_to_speak)

    def run(self, seconds: float = SIMULATED_S) -> Load:
        while self._events and self._events[0][0] < seconds:
            self._now, _, happens = heapq.heappop(self._events)
            happens()
        return self.load

    def _after(self, delay_s: float, happens: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._events, (self._now + delay_s, self._number, happens))

    def _begin_to_speak(self) -> None:
        silent_s = 0.0
        spoken_s = math.inf
        if self._speech < 1:
            spoken_s = self._dice.expovariate(1 / _SPOKEN_S)
            silent_s = self._dice.expovariate(self._speech / (_SPOKEN_S * (1 - self._speech)))
        ends_s = self._now + spoken_s
        if math.isfinite(ends_s):
            self._after(spoken_s + silent_s, self._begin_to_speak)
        self._ask(ends_s)
        self._after(self._segment_s(), lambda: self._commit(ends_s))

    def _segment_s(self) -> float:
        return self._dice.uniform(0.5, 1.5) * SEGMENT_EVERY_S

    def _ask(self, until_s: float) -> None:
        asked_s = self._now
        if asked_s >= until_s:
            return

        def answered() -> None:
            self.load.answers_s.append(self._now - asked_s)
            self._after(max(0.0, asked_s + ASKED_EVERY_S - self._now), lambda: self._ask(until_s))

        if self._machine.recognizer:
            self._questions.append((asked_s, answered))
            self._use_card()
        else:
            self._queue(RECOGNITION_S, lambda start_s: self._after(RECOGNITION_S, answered))

    def _commit(self, until_s: float) -> None:
        if self._now >= until_s:
            return
        asked_s = self._now
        self._queue(
            TRANSLATION_S + SYNTHESIS_S,
            lambda start_s: self.load.waits_s.append(start_s - asked_s),
        )
        self._after(self._segment_s(), lambda: self._commit(until_s))

    def _queue(self, work_s: float, started: Callable[[float], None]) -> None:
        self._work.append((work_s, started))
        self._use_cores()

    def _use_cores(self) -> None:
        while self._free_cores and self._work:
            work_s, started = self._work.popleft()
            self._free_cores -= 1
            self.load.cores_busy_s += work_s
            started(self._now)
            self._after(work_s, self._core_is_free)

    def _core_is_free(self) -> None:
        self._free_cores += 1
        self._use_cores()

    def _use_card(self) -> None:
        times = BATCHES_S[self._machine.recognizer]
        while self._free_cards and self._questions:
            batch = [self._questions.popleft() for _ in range(min(32, len(self._questions)))]
            self._free_cards -= 1
            work_s = float(np.interp(len(batch), list(times), list(times.values())))
            self.load.cards_busy_s += work_s

            def done(batch: list[tuple[float, Callable[[], None]]] = batch) -> None:
                self._free_cards += 1
                for _, answered in batch:
                    answered()
                self._use_card()

            self._after(work_s, done)


def most_sessions(machine: Machine, *, speech: float) -> tuple[int, Load]:
    """The most sessions that a machine serves in time, and their load. 0 if not even one."""
    most, load = 0, Load()
    for sessions in _growing():
        tried = Simulation(machine, sessions, speech=speech).run()
        if not tried.in_time:
            break
        most, load = sessions, tried
    return most, load


def _growing() -> Iterator[int]:
    """1, 2, 3 ... and in steps of 5 % where numbers are large."""
    sessions = 1
    while True:
        yield sessions
        sessions += max(1, sessions // 20)


def main() -> None:
    arguments = _arguments()
    prices = dict(price.rsplit("=", 1) for price in arguments.price)
    print("| machine | sessions | cores busy | card busy | memory, GB | machines | an hour |")
    print("|---|---|---|---|---|---|---|")
    for machine in MACHINES:
        most, load = most_sessions(machine, speech=arguments.speech)
        machines = math.ceil(arguments.people / most) if most else 0
        cores = load.cores_busy_s / SIMULATED_S / machine.cores
        card = load.cards_busy_s / SIMULATED_S / machine.cards if machine.cards else math.nan
        memory_gb = (FIRST_SESSION_MB + SESSION_MB * max(0, most - 1)) / 1000
        price = prices.get(machine.name)
        cost = f"{machines * float(price):,.0f}" if price and machines else ""
        used = "" if math.isnan(card) else f"{card:.0%}"
        print(
            f"| {machine.name} | {most} | {cores:.0%} | {used} | {memory_gb:.1f} |"
            f" {machines or 'none is enough'} | {cost} |"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--speech", type=float, default=1.0)
    parser.add_argument("--price", nargs="*", default=[], metavar="NAME=AMOUNT")
    return parser.parse_args()


if __name__ == "__main__":
    main()

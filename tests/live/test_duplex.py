"""Which duplex a session takes, and what half duplex waits for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from stslocal.clock import VirtualClock
from stslocal.live.duplex import CancellingDuplex, make_duplex
from stslocal.live.full_duplex import FullDuplex
from stslocal.live.half_duplex import HalfDuplex
from stslocal.metrics import DuplexChanged, Event, SpeechEnded, SpeechStarted
from stslocal.types import RECOGNITION_RATE, Samples

pytestmark = pytest.mark.unit

SOUND = np.ones(RECOGNITION_RATE, np.float32)


def test_half_duplex_mutes_while_the_loudspeaker_plays_and_a_little_longer() -> None:
    duplex = HalfDuplex(tail_s=0.2)
    duplex.played(SOUND[:8000], RECOGNITION_RATE, at_s=2.5)
    duplex.played(SOUND[:8000], RECOGNITION_RATE, at_s=3.0)
    assert duplex.process(SOUND, 1.0) == (SOUND, False)
    parts = [duplex.process(SOUND, float(second)) for second in (2, 3, 4)]
    assert [is_muted for _, is_muted in parts] == [True, True, False]
    kept = np.concatenate([samples for samples, _ in parts])
    silent = np.flatnonzero(kept == 0) / RECOGNITION_RATE + 2.0
    assert silent[0] == pytest.approx(2.5)
    assert silent[-1] == pytest.approx(3.7, abs=1e-3)
    assert len(silent) == round(1.2 * RECOGNITION_RATE)
    assert duplex.muted_s == pytest.approx(1.2)
    assert duplex.process(SOUND, 5.0) == (SOUND, False)


def test_full_duplex_leaves_the_input_as_it_is() -> None:
    duplex = FullDuplex()
    duplex.played(SOUND, RECOGNITION_RATE, at_s=0.0)
    assert duplex.process(SOUND, 0.0) == (SOUND, False)
    assert duplex.may_start(0.0)


class HalfSession:
    """A speaker before a half duplex; a translation is ready all the time."""

    def __init__(self, **options: float) -> None:
        self.duplex = HalfDuplex(**options)
        self.now_s = 0.0
        self._utterance = 0

    def speak(self, seconds: float) -> float | None:
        """Speak for some time; when the translation starts meanwhile, if it does."""
        self.duplex.observe(SpeechStarted(self.now_s, self._utterance, self.now_s))
        started_s = self.be_silent(seconds)
        self.duplex.observe(SpeechEnded(self.now_s, self._utterance, self.now_s))
        self._utterance += 1
        return started_s

    def be_silent(self, seconds: float) -> float | None:
        for _ in range(round(seconds * 20)):
            self.duplex.process(SOUND[:800], self.now_s)
            self.now_s += 0.05
            if self.duplex.may_start(self.now_s):
                return self.now_s
        return None


def test_the_translation_waits_for_the_speakers_pause() -> None:
    session = HalfSession(pause_s=1.0, longest_wait_s=60.0)
    for _ in range(10):
        assert session.speak(3.0) is None
        assert session.be_silent(0.6) is None, "a short pause is none"
    assert session.speak(2.0) is None
    ended_s = session.now_s
    assert session.be_silent(5.0) == pytest.approx(ended_s + 1.0, abs=0.06)


def test_after_the_longest_wait_a_short_pause_will_do() -> None:
    session = HalfSession(pause_s=1.0, longest_wait_s=20.0)
    assert session.speak(22.0) is None
    assert session.be_silent(1.0) == pytest.approx(22.25, abs=0.06)


def test_a_speaker_who_never_pauses_is_interrupted() -> None:
    session = HalfSession(pause_s=1.0, longest_wait_s=20.0)
    assert session.speak(120.0) == pytest.approx(25.0, abs=0.1)


def test_what_is_ready_is_spoken_without_a_break_and_then_the_speaker_may_speak() -> None:
    session = HalfSession(pause_s=1.0, longest_wait_s=60.0)
    assert session.speak(3.0) is None
    start_s = session.be_silent(5.0)
    assert start_s is not None
    session.duplex.played(np.ones(3 * 16_000, np.float32), RECOGNITION_RATE, start_s)
    assert session.be_silent(0.05) is not None, "the next segment follows at once"
    ends_s = start_s + 3.0
    while session.now_s < ends_s + 0.2:
        session.duplex.process(SOUND[:800], session.now_s)
        session.now_s += 0.05
    started_s = session.be_silent(5.0)
    assert started_s is not None
    assert started_s >= ends_s + 1.0, "what was muted was not known to be silent"


def test_at_the_end_of_the_input_nothing_waits() -> None:
    session = HalfSession()
    assert session.speak(3.0) is None
    session.duplex.end_input()
    assert session.duplex.may_start(session.now_s)


def test_without_a_microphone_nothing_waits() -> None:
    session = HalfSession()
    assert session.speak(3.0) is None
    assert not session.duplex.may_start(session.now_s + 5.0), "the recognizer may be busy"
    assert session.duplex.may_start(session.now_s + 11.0)


@dataclass
class State:
    is_audible: bool | None = None
    works: bool | None = None
    echo_db: float = 0.0
    reduction_db: float = 0.0


class FakeCanceller:
    """Halves the input, so that a test sees whether its output is taken."""

    def __init__(self, state: State) -> None:
        self.state = state

    def played(
        self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
    ) -> None:
        pass

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        return 0.5 * samples, False

    def take_corrected(self) -> Samples:
        return np.full(3, 0.5, np.float32)


class CancellingSession:
    """A session in which the loudspeaker plays all the time."""

    def __init__(self, *, is_auto: bool, on_headphones: bool = False) -> None:
        self.state = State()
        self.made = 0
        self.events: list[Event] = []
        self.clock = VirtualClock()
        self.duplex = CancellingDuplex(
            self._make, is_auto=is_auto, on_headphones=on_headphones,
            clock=self.clock, emit=self.events.append,
        )  # fmt: skip

    def _make(self) -> FakeCanceller:
        self.made += 1
        return FakeCanceller(self.state)

    def listen(self, seconds: int = 10) -> float:
        """The level of the last second that the recognizer gets."""
        for _ in range(seconds):
            now_s = self.clock.now()
            self.duplex.played(SOUND, RECOGNITION_RATE, now_s)
            kept, _ = self.duplex.process(SOUND, now_s)
            self.clock.work(1.0)
        return float(kept.mean())

    def changes(self) -> list[tuple[str, str]]:
        return [(e.duplex, e.reason) for e in self.events if isinstance(e, DuplexChanged)]


CANNOT = ("half", "the echo of the loudspeaker cannot be taken out")
CAN = ("aec", "the echo of the loudspeaker can be taken out again")


@pytest.mark.parametrize("is_auto", [True, False])
def test_where_cancelling_does_not_work_the_microphone_is_muted_until_it_does(
    is_auto: bool,
) -> None:
    session = CancellingSession(is_auto=is_auto)
    assert session.listen() == 0.5
    session.state.works = False
    assert session.listen() == 0.0
    session.state.works = None
    assert session.listen() == 0.0, "it is not known to work"
    session.state.works = True
    assert session.listen() == 0.5
    assert session.changes() == [CANNOT, CAN]
    assert session.duplex.muted_s == pytest.approx(20.0)


def test_an_echo_that_harms_nobody_needs_not_be_taken_out() -> None:
    session = CancellingSession(is_auto=True)
    session.state.works, session.state.echo_db = False, -30.0
    assert session.listen() == 0.5
    session.state.echo_db = -10.0
    assert session.listen() == 0.0


def test_where_the_microphone_does_not_capture_the_loudspeaker_auto_leaves_it_alone() -> None:
    session = CancellingSession(is_auto=True)
    session.state.is_audible = False
    assert session.listen() == 1.0
    session.state.is_audible, session.state.works = True, True
    assert session.listen() == 0.5
    assert [name for name, _ in session.changes()] == ["full", "aec"]
    assert session.duplex.name == "aec"


def test_aec_that_a_person_chose_stays() -> None:
    session = CancellingSession(is_auto=False)
    session.state.is_audible = False
    assert session.listen() == 0.5
    session.duplex.output_is("headphones")
    assert session.listen() == 0.5
    assert session.changes() == []


def test_headphones_that_are_unplugged_begin_with_a_new_canceller() -> None:
    session = CancellingSession(is_auto=True, on_headphones=True)
    assert session.listen() == 1.0
    assert session.changes() == []
    session.duplex.output_is("unknown")
    assert session.listen() == 0.5
    assert session.made == 2
    session.duplex.output_is("headphones")
    assert session.listen() == 1.0
    assert session.changes() == [
        ("aec", "the translation is not played on headphones any more"),
        ("full", "the translation is played on headphones"),
    ]


def test_a_duplex_does_not_change_with_every_sentence() -> None:
    session = CancellingSession(is_auto=True)
    for number in range(30):
        session.state.works = number % 2 == 0
        session.listen(2)
    assert 2 <= len(session.changes()) <= 60 / 8 + 1


def test_the_duplex_that_was_chosen_is_made() -> None:
    clock = VirtualClock()
    assert isinstance(make_duplex("half", clock=clock), HalfDuplex)
    assert isinstance(make_duplex("full", clock=clock), FullDuplex)
    for name, is_auto, begins in (
        ("aec", False, "aec"), ("aec", True, "aec"), ("full", True, "full"),
    ):  # fmt: skip
        duplex = make_duplex(name, is_auto=is_auto, clock=clock)
        assert isinstance(duplex, CancellingDuplex)
        assert duplex.name == begins


def test_an_echo_counts_as_taken_out_only_while_it_is_much_reduced() -> None:
    session = CancellingSession(is_auto=True)
    taken_out = [session.duplex.takes_echo_out]  # nothing is known yet
    session.state.is_audible = session.state.works = True
    for reduction_db in (20.0, 6.0):
        session.state.reduction_db = reduction_db
        taken_out.append(session.duplex.takes_echo_out)
    session.state.reduction_db = 20.0
    session.state.works = False
    session.listen()
    assert session.duplex.name == "half"
    assert [*taken_out, session.duplex.takes_echo_out] == [False, True, False, False]


def test_where_the_echo_is_gone_half_ends() -> None:
    """Such as with headphones that the sound system knows nothing of."""
    session = CancellingSession(is_auto=True)
    session.state.is_audible, session.state.works = True, False
    session.listen()
    assert session.duplex.name == "half"
    session.state.is_audible, session.state.works = False, None
    session.listen()
    assert session.changes()[-1] == (
        "full",
        "the microphone does not capture the loudspeaker any more",
    )

"""The turns of many sessions at one recognizer: order, fairness, batches, errors, and leaving."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from stslocal.engines.protocols import Capabilities, Task
from stslocal.errors import EngineError
from stslocal.loading.turns import RecognizerTurns, SessionRecognizer, in_turn
from stslocal.types import RECOGNITION_RATE, Recognition, Samples
from tests.fake_engines import fake_engines
from tests.fakes import RECOGNIZES, Lexicon

pytestmark = pytest.mark.unit


@dataclass
class HeldRecognizer:
    """Works when it is let go, and notes what it was asked for. A sound says who asks."""

    capabilities: Capabilities = RECOGNIZES
    may_go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    asked: list[list[int]] = field(default_factory=list)
    fails_for: int = -1
    """Whose sound breaks it."""
    at_once: int = 0
    """Calls that it is in at this moment; more than 1 is a fault."""

    def transcribe(
        self, audio: Samples, *, language: str | None = None, task: Task = "transcribe"
    ) -> Recognition:
        return self._work([audio])[0]

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        return self._work([audio])[0]

    def hypothesize_together(self, sounds: Sequence[tuple[Samples, str]]) -> list[Recognition]:
        return self._work([audio for audio, _ in sounds])

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        self._work([audio])
        return "en", 1.0

    def _work(self, sounds: list[Samples]) -> list[Recognition]:
        assert not self.at_once
        self.at_once += 1
        try:
            who = [int(sound[0]) for sound in sounds]
            self.asked.append(who)
            assert self.may_go.acquire(timeout=60)
            if self.fails_for in who:
                raise EngineError(f"the sound of {self.fails_for} is broken")
            return [Recognition(f"of {number}", "en", 1.0) for number in who]
        finally:
            self.at_once -= 1


def sound(who: int, seconds: float = 5.0) -> Samples:
    return np.full(round(seconds * RECOGNITION_RATE), who, np.float32)


class Crowd:
    """Sessions that ask from threads of their own."""

    def __init__(self, together: int = 1) -> None:
        self.engine = HeldRecognizer(replace(RECOGNIZES, together=together))
        self.now_s = 0.0
        self.turns = RecognizerTurns(self.engine, now=lambda: self.now_s)
        self.answers: dict[int, Recognition | Exception] = {}
        self._threads: list[threading.Thread] = []

    def ask(
        self,
        who: int,
        *,
        paused: bool = False,
        seconds: float = 5.0,
        session: SessionRecognizer | None = None,
    ) -> SessionRecognizer:
        """Ask for a hypothesis, and return when it waits or is being made."""
        session = session or self.turns.session(live=True)
        said = sound(who, seconds)
        self._begin(who, lambda: session.hypothesize(said, language="en", paused=paused))
        return session

    def ask_for_recording(self, who: int) -> None:
        session = self.turns.session(live=False)
        self._begin(who, lambda: session.transcribe(sound(who)))

    def go(self, calls: int) -> None:
        """Let the engine make so many calls, and all callers come back."""
        for _ in range(calls):
            self.engine.may_go.release()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _begin(self, who: int, call: Callable[[], Recognition]) -> None:
        def run() -> None:
            try:
                self.answers[who] = call()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                self.answers[who] = error

        before = self.turns.waiting + len(self.engine.asked)
        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()
        while self.turns.waiting + len(self.engine.asked) == before:
            pass


def texts(crowd: Crowd) -> dict[int, str]:
    return {
        who: each.text if isinstance(each, Recognition) else str(each)
        for who, each in crowd.answers.items()
    }


def test_one_session_alone_is_served_in_its_own_thread_at_once() -> None:
    crowd = Crowd(together=4)
    threads: list[str] = []

    class Noting(HeldRecognizer):
        def hypothesize(
            self, audio: Samples, *, language: str, paused: bool = False
        ) -> Recognition:
            threads.append(threading.current_thread().name)
            threads.append(str(audio is given))
            return Recognition("said", "en", 1.0)

    given = sound(1)
    turns = RecognizerTurns(Noting(crowd.engine.capabilities))
    session = turns.session(live=True)
    for _ in range(3):
        assert session.hypothesize(given, language="en").text == "said"
    assert threads == [threading.current_thread().name, "True"] * 3
    assert turns.together == {1: 3}


def test_who_has_paused_comes_before_who_still_speaks_and_recordings_come_last() -> None:
    crowd = Crowd()
    crowd.ask(0)
    crowd.ask_for_recording(1)
    crowd.ask(2)
    crowd.ask(3, paused=True)
    crowd.ask(4)
    crowd.ask(5, paused=True)
    crowd.go(6)
    assert [who for (who,) in crowd.engine.asked] == [0, 3, 5, 2, 4, 1]
    assert texts(crowd) == {who: f"of {who}" for who in range(6)}


def test_nothing_waits_without_end_whatever_comes_after_it() -> None:
    crowd = Crowd()
    crowd.ask(0)
    crowd.ask_for_recording(1)
    crowd.ask(2)
    crowd.now_s = 2.5
    crowd.ask(3, paused=True)  # the one that speaks has waited longer than it may
    crowd.now_s = 11.0
    crowd.ask(4)
    crowd.ask(5, paused=True)
    crowd.go(6)
    assert [who for (who,) in crowd.engine.asked] == [0, 2, 3, 1, 5, 4]


def test_each_session_gets_a_turn_before_one_gets_its_second() -> None:
    """Sessions that ask again as soon as they are answered, as listeners behind do."""
    engine = HeldRecognizer()
    turns = RecognizerTurns(engine)
    sessions, rounds = 8, 12
    begin = threading.Barrier(sessions)

    def run(who: int) -> None:
        session = turns.session(live=True)
        begin.wait(60)
        for _ in range(rounds):
            session.hypothesize(sound(who, 0.01), language="en")

    threads = [threading.Thread(target=run, args=[who]) for who in range(sessions)]
    for thread in threads:
        thread.start()
    while turns.waiting < sessions - 1:
        pass
    for done in range(sessions * rounds):
        engine.may_go.release()
        left = sessions * rounds - done - 1
        # Who was answered asks again before the next one is: else the order were the threads'.
        while len(engine.asked) + turns.waiting < min(sessions * rounds, done + sessions) and left:
            pass
    for thread in threads:
        thread.join(60)
    served = [who for (who,) in engine.asked]
    for number in range(0, len(served) - sessions, sessions):
        assert sorted(served[number : number + sessions]) == list(range(sessions))


def test_what_waits_together_is_recognized_together() -> None:
    crowd = Crowd(together=3)
    crowd.ask(0)
    crowd.ask(1, seconds=5.0)
    crowd.ask(2, seconds=8.0)  # too long for the first ones
    crowd.ask(3, seconds=5.9)
    crowd.ask_for_recording(4)
    crowd.ask(5, seconds=4.2)
    crowd.ask(6, seconds=5.0)
    crowd.go(5)
    assert crowd.engine.asked == [[0], [1, 3, 5], [2], [6], [4]]
    assert texts(crowd) == {who: f"of {who}" for who in range(7)}
    assert crowd.turns.together == {1: 3, 3: 1}


def test_an_error_goes_to_the_session_whose_sound_is_at_fault() -> None:
    crowd = Crowd(together=4)
    crowd.engine.fails_for = 2
    crowd.ask(0)
    for who in (1, 2, 3):
        crowd.ask(who)
    crowd.go(5)
    assert crowd.engine.asked == [[0], [1, 2, 3], [1], [2], [3]]
    assert texts(crowd) == {0: "of 0", 1: "of 1", 2: "the sound of 2 is broken", 3: "of 3"}


def test_an_error_of_one_call_leaves_the_turns_going() -> None:
    crowd = Crowd()
    crowd.engine.fails_for = 0
    crowd.ask(0)
    crowd.ask(1)
    crowd.go(2)
    assert texts(crowd) == {0: "the sound of 0 is broken", 1: "of 1"}


def test_a_session_that_leaves_waits_no_longer_and_takes_nobody_along() -> None:
    crowd = Crowd(together=4)
    crowd.ask(0)
    crowd.ask(1)
    leaving = crowd.ask(2)
    crowd.ask(3)
    leaving.withdraw()
    crowd.go(2)
    assert crowd.engine.asked == [[0], [1, 3]]
    assert texts(crowd) == {0: "of 0", 1: "of 1", 2: "the session is over", 3: "of 3"}
    with pytest.raises(EngineError, match="the session is over"):
        leaving.hypothesize(sound(2), language="en")


def test_a_session_that_leaves_in_its_turn_still_serves_the_others_in_it() -> None:
    crowd = Crowd(together=4)
    leaving = crowd.ask(0)
    leaving.withdraw()
    crowd.ask(1)
    crowd.go(2)
    assert texts(crowd) == {0: "of 0", 1: "of 1"}


def test_each_live_session_has_turns_of_its_own() -> None:
    engines = fake_engines(Lexicon())
    assert in_turn(engines)[0] is engines
    turns = RecognizerTurns(engines.recognizer)
    shared = replace(engines, recognizer=turns.session(live=True))
    (one, leave), (two, _) = in_turn(shared), in_turn(shared)
    assert one.recognizer is not two.recognizer
    leave()
    with pytest.raises(EngineError):
        one.recognizer.transcribe(sound(1))
    assert two.recognizer.transcribe(np.zeros(0, np.float32)).rejected
    assert one.recognizer.capabilities == engines.recognizer.capabilities

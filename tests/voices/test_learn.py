"""Learning the speaker's voice while they speak."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event as Flag
from typing import Any

import numpy as np
import pytest

from stslocal.clock import VirtualClock
from stslocal.errors import EngineError
from stslocal.metrics import Event, VoiceLearnt
from stslocal.types import RECOGNITION_RATE, Samples, Segment, VoiceProfile, Word
from stslocal.voices import learn
from stslocal.voices.learn import VoiceLearner, is_clean
from tests.fakes import FakeCloner

pytestmark = pytest.mark.unit


class WaitingCloner(FakeCloner):
    """Makes no voice before `go` is set."""

    def __init__(self, *, fails_at: int | None = None) -> None:
        super().__init__(fails_at=fails_at)
        self.go = Flag()

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        self.go.wait(60)
        return super().clone(reference, sample_rate, name=name, language=language)


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def steady(start_s: float, end_s: float) -> Samples:
    """The sound of a stream that is clean everywhere."""
    return np.full(round((end_s - start_s) * RECOGNITION_RATE), 0.1, np.float32)


def learner(cloner: FakeCloner, executor: ThreadPoolExecutor, said_s: float) -> VoiceLearner:
    """A learner that has got one segment of `said_s` seconds."""
    made = VoiceLearner(cloner, executor, language="pt", name="match", clock=VirtualClock())
    segment = Segment(0, 0.0, said_s, "words", "en", words=(Word("words", 0.0, said_s, 0.9),))
    made.add(segment, steady)
    return made


def test_the_latest_voice_is_waited_for(executor: ThreadPoolExecutor) -> None:
    cloner = WaitingCloner()
    learning = learner(cloner, executor, 4.0)
    assert learning.voice() is None
    cloner.go.set()
    latest = learning.latest()
    assert latest is not None
    assert latest.provenance["reference_s"] == "4.00"
    assert learning.voice() is latest, "the next segment would have been spoken in it"
    assert learning.latest() is latest


def test_the_first_segment_waits_a_moment_for_its_voice(
    executor: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A match is made in a tenth of the time, beside the translation."""
    monkeypatch.setattr(learn, "_FIRST_WAIT_S", 60.0)  # a busy machine takes longer

    class Quick(FakeCloner):
        def clone(
            self, reference: Samples, sample_rate: int, *, name: str, language: str
        ) -> VoiceProfile:
            time.sleep(0.03)
            return FakeCloner.clone(self, reference, sample_rate, name=name, language=language)

    assert learner(Quick(), executor, 2.5).voice() is not None


def test_too_little_speech_makes_no_voice(executor: ThreadPoolExecutor) -> None:
    learning = learner(FakeCloner(), executor, 1.5)
    assert learning.latest() is None
    assert learning.speech_s == 1.5


def test_the_error_of_making_a_voice_is_raised(executor: ThreadPoolExecutor) -> None:
    cloner = WaitingCloner(fails_at=0)
    learning = learner(cloner, executor, 4.0)
    cloner.go.set()
    with pytest.raises(EngineError, match="the fake engine failed"):
        learning.latest()


class InlineExecutor(Executor):
    """Runs a job before `submit` returns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future


def clear_speech(index: int, start_s: float, end_s: float, probability: float = 0.9) -> Segment:
    return Segment(
        index, start_s, end_s, "words", "en", words=(Word("words", start_s, end_s, probability),)
    )


def test_the_voice_is_learnt_after_some_seconds_and_better_after_more() -> None:
    events: list[Event] = []
    made = VoiceLearner(
        FakeCloner(), InlineExecutor(), language="pt", name="match", clock=VirtualClock(),
        emit=events.append,
    )  # fmt: skip
    voices = []
    for second in range(0, 30, 2):
        made.add(clear_speech(second, float(second), second + 2.0), steady)
        voices.append(made.voice())
    assert voices[0] is not None, "the first segment is spoken in it"
    assert [event.speech_s for event in events if isinstance(event, VoiceLearnt)] == [2, 8, 20]
    assert voices[-1] is not None
    assert voices[-1].provenance["reference_s"] == "20.00"
    assert made.profile is voices[-1]


def test_a_voice_that_stays_is_reported_once() -> None:
    """Matched voices: pauses and later, nearer ones change nothing that a listener notices."""
    events: list[Event] = []
    made = VoiceLearner(
        FakeCloner(), InlineExecutor(), language="pt", name="match", clock=VirtualClock(),
        emit=events.append, steady=lambda before, after: before,
    )  # fmt: skip
    voices = []
    for second in (0, 2, 4, 60, 62, 64, 300, 302, 304, 306, 308):
        made.add(clear_speech(second, float(second), second + 2.0), steady)
        voices.append(made.voice())
    assert made.speech_s == 20.0, "enough was learnt"
    assert voices[0] is not None
    assert all(voice is voices[0] for voice in voices)
    assert [event.speech_s for event in events if isinstance(event, VoiceLearnt)] == [2.0]
    assert made.latest() is voices[0]


class PoorAtFirst(FakeCloner):
    """Makes the default voice of less than `enough_s` seconds."""

    enough_s = 4.5

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        made = FakeCloner.clone(self, reference, sample_rate, name=name, language=language)
        is_poor = len(reference) < self.enough_s * sample_rate
        about = {"default": "too little voice"} if is_poor else {}
        return replace(made, provenance={**made.provenance, **about})


@pytest.mark.parametrize(("enough_s", "learnt_at_s"), [(4.5, 5.0), (12.0, 12.0), (60.0, 20.0)])
def test_speech_that_is_too_poor_makes_no_voice_and_the_next_is_tried(
    enough_s: float, learnt_at_s: float
) -> None:
    """That there is no better voice than the default one is said at the end."""
    events: list[Event] = []
    cloner = PoorAtFirst()
    cloner.enough_s = enough_s
    made = VoiceLearner(
        cloner, InlineExecutor(), language="pt", name="match", clock=VirtualClock(),
        emit=events.append, steady=lambda before, after: before,
    )  # fmt: skip
    for second in range(30):
        made.add(clear_speech(second, float(second), second + 1.0), steady)
        made.voice()
    (event,) = (event for event in events if isinstance(event, VoiceLearnt))
    assert event.speech_s == learnt_at_s
    assert ("the default one" in event.description) == (enough_s > 20)


def test_the_latest_voice_is_the_one_that_would_speak(executor: ThreadPoolExecutor) -> None:
    made = VoiceLearner(
        FakeCloner(), executor, language="pt", name="match", clock=VirtualClock(),
        steady=lambda before, after: before,
    )  # fmt: skip
    made.add(clear_speech(0, 0.0, 4.0), steady)
    first = made.latest()
    while made.voice() is None:
        pass
    made.add(clear_speech(1, 4.0, 9.0), steady)
    assert made.latest() is first


def test_unclear_quiet_and_clipped_speech_is_not_learnt_from() -> None:
    made = VoiceLearner(
        FakeCloner(), InlineExecutor(), language="pt", name="match", clock=VirtualClock()
    )
    made.add(clear_speech(0, 0.0, 5.0, probability=0.3), steady)
    made.add(Segment(1, 5.0, 10.0, "no words", "en"), steady)
    assert made.voice() is None
    assert is_clean(np.full(100, 0.1, np.float32))
    assert not is_clean(np.full(100, 0.001, np.float32))
    assert not is_clean(np.full(100, 1.0, np.float32))
    assert not is_clean(np.zeros(0, np.float32))

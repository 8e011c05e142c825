"""A voice that is ready when nothing more is said."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from stslocal.clock import VirtualClock
from stslocal.errors import EngineError
from stslocal.live.voice_learning import Enrolment
from stslocal.types import RECOGNITION_RATE, Samples, Segment, VoiceProfile, Word
from tests.fakes import FakeCloner

pytestmark = pytest.mark.unit


class SlowCloner(FakeCloner):
    """Makes no voice before it may."""

    def __init__(self, *, fails_at: int | None = None) -> None:
        super().__init__(fails_at=fails_at)
        self.may = Event()

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        self.may.wait(10)
        return super().clone(reference, sample_rate, name=name, language=language)


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def enrolment(cloner: FakeCloner, executor: ThreadPoolExecutor, said_s: float) -> Enrolment:
    """Of a speaker who has said so much, in one segment."""
    made = Enrolment(cloner, executor, language="pt", name="match", clock=VirtualClock())
    made.listen(np.full(round(said_s * RECOGNITION_RATE), 0.1, np.float32))
    made.add(Segment(0, 0.0, said_s, "words", "en", words=(Word("words", 0.0, said_s, 0.9),)))
    return made


def test_the_latest_voice_is_waited_for(executor: ThreadPoolExecutor) -> None:
    cloner = SlowCloner()
    learning = enrolment(cloner, executor, 4.0)
    assert learning.voice() is None
    cloner.may.set()
    latest = learning.latest()
    assert latest is not None
    assert latest.provenance["reference_s"] == "4.00"
    assert learning.voice() is latest, "the next segment would have been spoken in it"
    assert learning.latest() is latest


def test_too_little_makes_none_and_is_known(executor: ThreadPoolExecutor) -> None:
    learning = enrolment(FakeCloner(), executor, 2.0)
    assert learning.latest() is None
    assert learning.heard_s == 2.0


def test_what_making_it_raised_is_raised(executor: ThreadPoolExecutor) -> None:
    cloner = SlowCloner(fails_at=0)
    learning = enrolment(cloner, executor, 4.0)
    cloner.may.set()
    with pytest.raises(EngineError, match="the fake engine failed"):
        learning.latest()

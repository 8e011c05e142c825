from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pytest

from stslocal.clock import VirtualClock
from stslocal.engines import registry
from stslocal.engines.protocols import Capabilities
from stslocal.loading.speed_trial import measure_speed
from tests.fakes import Cost, FakeRecognizer, FakeSynthesizer, FakeTranslator

pytestmark = pytest.mark.unit


def test_a_recognizer_is_measured_by_the_speech_that_it_recognizes() -> None:
    clock = VirtualClock()
    slow = FakeRecognizer(clock, Cost(per_audio_s=1.5))
    assert measure_speed(registry.RECOGNIZER, slow, clock=clock) == pytest.approx(1.5)


def test_a_translator_is_measured_by_the_duration_of_the_source_speech() -> None:
    clock = VirtualClock()
    slow = FakeTranslator(clock, Cost(call_s=2.0))
    factor = measure_speed(registry.TRANSLATOR, slow, clock=clock)
    assert factor is not None
    assert 0.15 < factor < 0.35, "the sentence lasts about 9 s"


def test_what_other_programs_take_once_does_not_count() -> None:
    clock = VirtualClock()
    costs = iter([0.0, 0.9, 0.1, 0.5])  # the first one warms up

    class Disturbed(FakeTranslator):
        def translate(
            self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
        ) -> list[str]:
            clock.work(next(costs))
            return list(texts)

    factor = measure_speed(registry.TRANSLATOR, Disturbed(clock), clock=clock)
    assert factor is not None
    assert factor < 0.02, "0.1 s for about 9 s"


class Asked(FakeTranslator):
    """Remembers the pairs that it was asked for."""

    pairs: ClassVar[set[tuple[str, str]]] = set()

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        self.pairs.add((source, target))
        return super().translate(texts, source=source, target=target, quick=quick)


@pytest.mark.parametrize(
    ("pairs", "taken"),
    [
        ({("en", "pt"), ("en", "fr"), ("de", "pt")}, ("en", "pt")),
        ({("en", "fr"), ("de", "fr")}, ("en", "fr")),
        ({("ja", "fr"), ("de", "fr")}, ("de", "fr")),
    ],
    ids=["a recording has both", "a recording has the source", "no recording has the source"],
)
def test_a_translator_is_measured_whatever_its_languages(
    pairs: set[tuple[str, str]], taken: tuple[str, str]
) -> None:
    clock = VirtualClock()
    engine = Asked(clock, Cost(call_s=2.0), capabilities=Capabilities(pairs=frozenset(pairs)))
    engine.pairs.clear()
    factor = measure_speed(registry.TRANSLATOR, engine, clock=clock)
    assert factor is not None
    assert 0.15 < factor < 0.35
    assert engine.pairs == {taken}


def test_a_synthesizer_is_measured_by_the_speech_that_it_makes() -> None:
    clock = VirtualClock()
    slow = FakeSynthesizer(clock, Cost(per_audio_s=4.8))
    assert measure_speed(registry.SYNTHESIZER, slow, clock=clock) == pytest.approx(4.8)


def test_an_engine_without_a_sentence_in_its_languages_is_not_measured() -> None:
    clock = VirtualClock()
    german = Capabilities(languages=frozenset({"de"}), pairs=frozenset({("de", "fr")}))
    for role, engine in (
        (registry.RECOGNIZER, FakeRecognizer(clock, capabilities=german)),
        (registry.SYNTHESIZER, FakeSynthesizer(clock, capabilities=german)),
    ):
        assert measure_speed(role, engine, clock=clock) is None

"""The live ear over fakes, on virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.clock import VirtualClock
from stslocal.live.hypotheses import CommitPolicy, HoldBack
from stslocal.live.listener import ListenerLimits, StreamingListener
from stslocal.live.segmentation import LiveSegmenter
from stslocal.metrics import (
    Event,
    PartialText,
    SpeechEnded,
    SpeechStarted,
    StageBusy,
    TextCommitted,
)
from stslocal.types import RECOGNITION_RATE, Recognition, Samples, Segment
from tests.fakes import Cost, FakeRecognizer, FakeVad, Lexicon

pytestmark = pytest.mark.unit


@dataclass
class Ear:
    """A listener, and somebody who plays a recording to it at the pace of its clock."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    clock: VirtualClock = field(default_factory=VirtualClock)
    events: list[Event] = field(default_factory=list)
    segments: list[tuple[float, Segment]] = field(default_factory=list)
    cost: Cost = field(default_factory=lambda: Cost(0.2))
    language: str | None = "en"
    limits: ListenerLimits = field(default_factory=ListenerLimits)
    policy: Callable[[], CommitPolicy] = HoldBack

    def __post_init__(self) -> None:
        self.recognizer = FakeRecognizer(self.clock, self.cost, lexicon=self.lexicon)
        self.listener = StreamingListener(
            FakeVad(),
            self.recognizer,
            LiveSegmenter("en"),
            language=self.language,
            clock=self.clock,
            policy=self.policy(),
            limits=self.limits,
            emit=self.events.append,
        )

    def play(self, sound: Samples, *, block: int = 512) -> list[str]:
        position = 0
        while position < len(sound):
            now = int(self.clock.now() * RECOGNITION_RATE)
            behind = min(len(sound), max(position + block, now // block * block))
            self.clock.sleep_until(behind / RECOGNITION_RATE)
            for segment in self.listener.feed(sound[position:behind]):
                self.segments.append((self.clock.now(), segment))
            position = behind
        for segment in self.listener.finish():
            self.segments.append((self.clock.now(), segment))
        return [segment.text for _, segment in self.segments]

    def seen(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def committed(self) -> str:
        return " ".join(word.text for event in self.seen(TextCommitted) for word in event.words)


LONG = "when the rain had stopped at last we walked along the river and back over the old bridge."


def test_a_sentence_becomes_a_segment_with_its_place_in_the_stream() -> None:
    ear = Ear()
    sound = ear.lexicon.script((1.0, "good morning to all."), (4.0, "it is late."))
    assert ear.play(sound) == ["good morning to all.", "it is late."]
    (_, first), (_, second) = ear.segments
    assert first.start_s == pytest.approx(1.0, abs=0.05)
    assert first.end_s == pytest.approx(2.14, abs=0.05)
    assert (second.index, second.language) == (1, "en")
    assert second.start_s == pytest.approx(4.0, abs=0.05)


def test_a_finished_sentence_is_out_soon_after_its_last_word() -> None:
    ear = Ear(cost=Cost(0.2))
    ear.play(ear.lexicon.script((1.0, "good morning to all.")))
    at_s, segment = ear.segments[0]
    # The silence that says so, and no hearing after it: that was done at its first tenth.
    assert at_s - segment.end_s < 0.35 + 2 * 0.032 + 0.05


def test_words_are_committed_while_the_speaker_goes_on() -> None:
    ear = Ear()
    ear.play(ear.lexicon.script((0.5, LONG)))
    assert ear.seen(TextCommitted)[0].at_s < 5.0 < ear.segments[-1][1].end_s
    assert ear.committed() == LONG
    for event in ear.seen(TextCommitted):
        assert min(event.commit_latencies_s) < 1.5


def test_a_long_sentence_leaves_in_parts_before_it_ends() -> None:
    ear = Ear()
    assert ear.play(ear.lexicon.script((0.5, LONG))) == [
        "when the rain had stopped at last we walked along the river",
        "and back over the old bridge.",
    ]
    assert ear.segments[0][0] < ear.segments[1][1].end_s


def test_words_before_a_pause_leave_together_once_it_is_one() -> None:
    ear = Ear()
    said = "all the people of the town walked along the river"
    first = ear.lexicon.script((0.5, said))[:-RECOGNITION_RATE]
    pause = np.zeros(round(0.3 * RECOGNITION_RATE), np.float32)
    ear.play(np.concatenate([first, pause, ear.lexicon.script((0.0, "and then they went home."))]))
    at_s, segment = ear.segments[0]
    assert segment.text == said
    assert at_s - segment.end_s < 0.5


def test_a_pause_that_is_none_costs_no_word() -> None:
    ear = Ear()
    first = ear.lexicon.script((0.5, LONG.removesuffix(".")))[:-RECOGNITION_RATE]
    breath = np.zeros(round(0.13 * RECOGNITION_RATE), np.float32)
    ear.play(np.concatenate([first, breath, ear.lexicon.script((0.0, "and sat down there."))]))
    assert ear.committed() == f"{LONG.removesuffix('.')} and sat down there."
    assert " ".join(segment.text for _, segment in ear.segments) == ear.committed()


def test_events_tell_what_happened_in_order() -> None:
    ear = Ear()
    ear.play(ear.lexicon.script((1.0, "good morning to all."), (4.0, "it is late.")))
    starts, ends = ear.seen(SpeechStarted), ear.seen(SpeechEnded)
    assert [event.utterance for event in starts] == [0, 1]
    assert [event.utterance for event in ends] == [0, 1]
    assert starts[0].start_s == pytest.approx(1.0, abs=0.1)
    assert ends[0].end_s == pytest.approx(2.14, abs=0.1)
    assert ear.seen(PartialText)[-1].text == ""
    times = [event.at_s for event in ear.events if not isinstance(event, StageBusy)]
    assert times == sorted(times)


def test_words_without_a_full_stop_go_on_after_a_short_pause_and_not_after_a_long_one() -> None:
    ear = Ear()
    texts = ear.play(ear.lexicon.script((0.5, "we went home"), (2.0, "at once."), (4.0, "yes")))
    assert texts == ["we went home at once.", "yes"]
    ear = Ear()
    assert ear.play(ear.lexicon.script((0.5, "we went home"), (4.0, "at once."))) == [
        "we went home",
        "at once.",
    ]
    assert ear.segments[0][0] < 3.0, "it does not wait for the next words"


def test_a_slow_machine_hears_less_often_and_never_less() -> None:
    fast, slow = Ear(cost=Cost(0.1)), Ear(cost=Cost(1.5))
    for ear in (fast, slow):
        ear.play(ear.lexicon.script((0.5, LONG), (8.0, LONG)))
        assert ear.committed() == f"{LONG} {LONG}"
    assert slow.recognizer.calls < fast.recognizer.calls


def test_silence_is_never_heard_by_the_recognizer() -> None:
    ear = Ear()
    assert ear.play(np.zeros(30 * RECOGNITION_RATE, np.float32)) == []
    assert ear.recognizer.calls == 0
    assert ear.events == []


def test_a_click_is_not_heard_either() -> None:
    ear = Ear()
    click = np.zeros(3 * RECOGNITION_RATE, np.float32)
    click[16000:17000] = 0.5
    assert ear.play(click) == []
    assert ear.recognizer.calls == 0


def test_memory_is_bounded_when_nothing_is_recognized() -> None:
    class Deaf(FakeRecognizer):
        longest = 0

        def hypothesize(self, audio: Samples, *, language: str) -> Recognition:
            Deaf.longest = max(Deaf.longest, len(audio))
            return Recognition("", language, 1.0, rejected="improbable words")

    ear = Ear()
    ear.listener._recognizer = Deaf()
    ear.play(np.full(100 * RECOGNITION_RATE, 0.3, np.float32))
    assert Deaf.longest / RECOGNITION_RATE < 27.0


def test_a_rejected_hearing_takes_nothing_back() -> None:
    class Doubtful(FakeRecognizer):
        def hypothesize(self, audio: Samples, *, language: str) -> Recognition:
            heard = self.transcribe(audio, language=language)
            if self.calls == 4:
                return replace(heard, text="", words=(), rejected="repetition")
            return heard

    ear = Ear()
    ear.listener._recognizer = Doubtful(ear.clock, Cost(0.2), lexicon=ear.lexicon)
    ear.play(ear.lexicon.script((0.5, LONG)))
    assert ear.committed() == LONG


class Polyglot(FakeRecognizer):
    """Hears a word of one language as such: `de:guten`."""

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        german = any(word.text.startswith("de:") for word in self.lexicon.hear(audio))
        return ("de" if german else "en"), self.language_probability


def polyglot(ear: Ear, sure: float) -> Ear:
    ear.listener._recognizer = Polyglot(
        ear.clock, Cost(0.1), lexicon=ear.lexicon, language_probability=sure
    )
    return ear


TALK = (
    (0.5, "good morning to all of you."),
    (4.0, "de:guten de:morgen de:zusammen de:liebe de:leute."),
    (8.0, "and good bye to you all."),
)


@pytest.mark.parametrize(("sure", "languages"), [(0.95, ["en", "de", "en"]), (0.6, ["en"] * 3)])
def test_the_language_is_found_and_looked_at_with_every_utterance(
    sure: float, languages: list[str]
) -> None:
    ear = polyglot(Ear(language=None), sure)
    ear.play(ear.lexicon.script(*TALK))
    assert [segment.language for _, segment in ear.segments] == languages


def test_a_given_language_is_not_doubted() -> None:
    ear = polyglot(Ear(language="en"), 0.99)
    ear.play(ear.lexicon.script(*TALK))
    assert {segment.language for _, segment in ear.segments} == {"en"}


@given(
    st.lists(st.tuples(st.integers(1, 9), st.floats(0.2, 2.5)), min_size=1, max_size=6),
    st.sampled_from([0.0, 0.3, 1.2]),
    st.sampled_from([160, 512, 4000]),
)
def test_every_word_is_committed_once_and_in_order(
    lines: list[tuple[int, float]], cost_s: float, block: int
) -> None:
    ear = Ear(cost=Cost(cost_s))
    script, at_s, count = [], 0.3, 0
    for words, pause_s in lines:
        text = " ".join(f"w{count + n}" for n in range(words))
        script.append((at_s, text))
        at_s += words * 0.3 + pause_s
        count += words
    texts = ear.play(ear.lexicon.script(*script), block=block)
    assert " ".join(texts).split() == [f"w{n}" for n in range(count)]
    assert ear.committed().split() == [f"w{n}" for n in range(count)]

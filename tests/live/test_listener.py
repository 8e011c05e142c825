"""The StreamingListener on fakes and virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.clock import VirtualClock
from stslocal.engines.protocols import Task
from stslocal.live.hypotheses import CommitPolicy, HoldBack
from stslocal.live.listener import StreamingListener
from stslocal.live.listener_limits import ListenerLimits
from stslocal.live.segmentation import LiveSegmenter
from stslocal.metrics import (
    Event,
    PartialText,
    SpeechDropped,
    SpeechEnded,
    SpeechStarted,
    StageBusy,
    TextCommitted,
)
from stslocal.types import RECOGNITION_RATE, Dropped, Recognition, Samples, Segment
from tests.fakes import Cost, FakeRecognizer, FakeVad, Lexicon

pytestmark = pytest.mark.unit


@dataclass
class SimulatedListener:
    """A listener that gets a recording at the pace of its clock."""

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

    def use(self, recognizer: FakeRecognizer) -> None:
        self.listener._recognizer = self.recognizer = recognizer

    def play(self, sound: Samples, *, block: int = 512) -> list[str]:
        """Feed a recording, in blocks of `block` samples, and return the segments' texts."""
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


class RejectsLoops(FakeRecognizer):
    """A quick recognition is rejected; a thorough one too, if `thoroughly`."""

    thoroughly = True

    def transcribe(
        self, audio: Samples, *, language: str | None = None, task: Task = "transcribe"
    ) -> Recognition:
        found = super().transcribe(audio, language=language, task=task)
        return self._rejected(found, audio) if self.thoroughly else found

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        return self._rejected(super().transcribe(audio, language=language), audio)

    def _rejected(self, found: Recognition, audio: Samples) -> Recognition:
        gone = Dropped(0.0, len(audio) / RECOGNITION_RATE, "repetition", found.text)
        return replace(found, text="", words=(), rejected="repetition", dropped=(gone,))


def test_speech_whose_words_are_rejected_is_reported() -> None:
    live = SimulatedListener()
    live.use(RejectsLoops(live.clock, live.cost, lexicon=live.lexicon))
    assert live.play(live.lexicon.script((1.0, "no no no no no no."))) == []
    (event,) = live.seen(SpeechDropped)
    assert event.start_s == pytest.approx(1.0, abs=0.1)
    assert event.end_s == pytest.approx(2.8, abs=0.2)
    assert (event.reason, event.text) == ("repetition", "no no no no no no.")


def test_what_only_the_quick_recognition_rejects_is_recognized_thoroughly() -> None:
    live = SimulatedListener()
    recognizer = RejectsLoops(live.clock, live.cost, lexicon=live.lexicon)
    recognizer.thoroughly = False
    live.use(recognizer)
    assert live.play(live.lexicon.script((1.0, "no no no no no no."))) == ["no no no no no no."]
    assert live.seen(SpeechDropped) == []


LONG = "when the rain had stopped at last we walked along the river and back over the old bridge."


def test_a_sentence_becomes_a_segment_with_its_place_in_the_stream() -> None:
    live = SimulatedListener()
    sound = live.lexicon.script((1.0, "good morning to all."), (4.0, "it is late."))
    assert live.play(sound) == ["good morning to all.", "it is late."]
    (_, first), (_, second) = live.segments
    assert first.start_s == pytest.approx(1.0, abs=0.05)
    assert first.end_s == pytest.approx(2.14, abs=0.05)
    assert (second.index, second.language) == (1, "en")
    assert second.start_s == pytest.approx(4.0, abs=0.05)


def test_a_finished_sentence_is_a_segment_soon_after_its_last_word() -> None:
    live = SimulatedListener(cost=Cost(0.2))
    live.play(live.lexicon.script((1.0, "good morning to all.")))
    at_s, segment = live.segments[0]
    # The silence after a sentence, and no recognition after it: that was done after 0.1 s of it.
    assert at_s - segment.end_s < 0.35 + 2 * 0.032 + 0.05


def test_words_are_committed_while_the_speaker_goes_on() -> None:
    live = SimulatedListener()
    live.play(live.lexicon.script((0.5, LONG)))
    assert live.seen(TextCommitted)[0].at_s < 5.0 < live.segments[-1][1].end_s
    assert live.committed() == LONG
    for event in live.seen(TextCommitted):
        assert min(event.commit_latencies_s) < 1.5


def test_a_long_sentence_leaves_in_parts_before_it_ends() -> None:
    live = SimulatedListener()
    assert live.play(live.lexicon.script((0.5, LONG))) == [
        "when the rain had stopped at last we walked along the river",
        "and back over the old bridge.",
    ]
    assert live.segments[0][0] < live.segments[1][1].end_s


def test_words_before_a_pause_leave_together_once_it_is_long_enough() -> None:
    live = SimulatedListener()
    said = "all the people of the town walked along the river"
    first = live.lexicon.script((0.5, said))[:-RECOGNITION_RATE]
    pause = np.zeros(round(0.3 * RECOGNITION_RATE), np.float32)
    live.play(
        np.concatenate([first, pause, live.lexicon.script((0.0, "and then they went home."))])
    )
    at_s, segment = live.segments[0]
    assert segment.text == said
    assert at_s - segment.end_s < 0.5


def test_no_word_is_lost_at_a_breath() -> None:
    live = SimulatedListener()
    first = live.lexicon.script((0.5, LONG.removesuffix(".")))[:-RECOGNITION_RATE]
    breath = np.zeros(round(0.13 * RECOGNITION_RATE), np.float32)
    live.play(np.concatenate([first, breath, live.lexicon.script((0.0, "and sat down there."))]))
    assert live.committed() == f"{LONG.removesuffix('.')} and sat down there."
    assert " ".join(segment.text for _, segment in live.segments) == live.committed()


def test_events_come_in_the_order_of_their_times() -> None:
    live = SimulatedListener()
    live.play(live.lexicon.script((1.0, "good morning to all."), (4.0, "it is late.")))
    starts, ends = live.seen(SpeechStarted), live.seen(SpeechEnded)
    assert [event.utterance for event in starts] == [0, 1]
    assert [event.utterance for event in ends] == [0, 1]
    assert starts[0].start_s == pytest.approx(1.0, abs=0.1)
    assert ends[0].end_s == pytest.approx(2.14, abs=0.1)
    assert live.seen(PartialText)[-1].text == ""
    times = [event.at_s for event in live.events if not isinstance(event, StageBusy)]
    assert times == sorted(times)


def test_a_sentence_goes_on_after_a_short_pause_and_not_after_a_long_one() -> None:
    live = SimulatedListener()
    texts = live.play(live.lexicon.script((0.5, "we went home"), (2.0, "at once."), (4.0, "yes")))
    assert texts == ["we went home at once.", "yes"]
    live = SimulatedListener()
    assert live.play(live.lexicon.script((0.5, "we went home"), (4.0, "at once."))) == [
        "we went home",
        "at once.",
    ]
    assert live.segments[0][0] < 3.0, "it does not wait for the next words"


def test_a_slow_machine_recognizes_less_often_and_loses_nothing() -> None:
    fast, slow = SimulatedListener(cost=Cost(0.1)), SimulatedListener(cost=Cost(1.5))
    for live in (fast, slow):
        live.play(live.lexicon.script((0.5, LONG), (8.0, LONG)))
        assert live.committed() == f"{LONG} {LONG}"
    assert slow.recognizer.calls < fast.recognizer.calls


def test_silence_is_never_given_to_the_recognizer() -> None:
    live = SimulatedListener()
    assert live.play(np.zeros(30 * RECOGNITION_RATE, np.float32)) == []
    assert live.recognizer.calls == 0
    assert live.events == []


def test_a_click_is_not_given_to_the_recognizer() -> None:
    live = SimulatedListener()
    click = np.zeros(3 * RECOGNITION_RATE, np.float32)
    click[16000:17000] = 0.5
    assert live.play(click) == []
    assert live.recognizer.calls == 0


def test_memory_is_bounded_when_nothing_is_recognized() -> None:
    class RejectsAll(FakeRecognizer):
        longest = 0

        def hypothesize(
            self, audio: Samples, *, language: str, paused: bool = False
        ) -> Recognition:
            RejectsAll.longest = max(RejectsAll.longest, len(audio))
            return Recognition("", language, 1.0, rejected="improbable words")

    live = SimulatedListener()
    live.listener._recognizer = RejectsAll()
    live.play(np.full(100 * RECOGNITION_RATE, 0.3, np.float32))
    assert RejectsAll.longest / RECOGNITION_RATE < 27.0


def test_no_word_is_lost_when_a_recognition_is_rejected() -> None:
    class RejectsFourthCall(FakeRecognizer):
        def hypothesize(
            self, audio: Samples, *, language: str, paused: bool = False
        ) -> Recognition:
            recognition = self.transcribe(audio, language=language)
            if self.calls == 4:
                return replace(recognition, text="", words=(), rejected="repetition")
            return recognition

    live = SimulatedListener()
    live.listener._recognizer = RejectsFourthCall(live.clock, Cost(0.2), lexicon=live.lexicon)
    live.play(live.lexicon.script((0.5, LONG)))
    assert live.committed() == LONG


class DetectsGerman(FakeRecognizer):
    """Detects German in words such as `de:guten`, and else English."""

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        german = any(word.text.startswith("de:") for word in self.lexicon.recognize(audio))
        return ("de" if german else "en"), self.language_probability


def detecting(language: str | None, probability: float) -> SimulatedListener:
    """A listener with a given language, or with languages detected with a probability."""
    live = SimulatedListener(language=language)
    live.listener._recognizer = DetectsGerman(
        live.clock, Cost(0.1), lexicon=live.lexicon, language_probability=probability
    )
    return live


TALK = (
    (0.5, "good morning to all of you."),
    (4.0, "de:guten de:morgen de:zusammen de:liebe de:leute."),
    (8.0, "and good bye to you all."),
)


@pytest.mark.parametrize(
    ("probability", "languages"), [(0.95, ["en", "de", "en"]), (0.6, ["en"] * 3)]
)
def test_the_language_is_detected_anew_in_every_utterance(
    probability: float, languages: list[str]
) -> None:
    live = detecting(None, probability)
    live.play(live.lexicon.script(*TALK))
    assert [segment.language for _, segment in live.segments] == languages


def test_a_given_language_is_never_changed() -> None:
    live = detecting("en", 0.99)
    live.play(live.lexicon.script(*TALK))
    assert {segment.language for _, segment in live.segments} == {"en"}


@given(
    st.lists(st.tuples(st.integers(1, 9), st.floats(0.2, 2.5)), min_size=1, max_size=6),
    st.sampled_from([0.0, 0.3, 1.2]),
    st.sampled_from([160, 512, 4000]),
)
def test_every_word_is_committed_once_and_in_order(
    lines: list[tuple[int, float]], cost_s: float, block: int
) -> None:
    live = SimulatedListener(cost=Cost(cost_s))
    script, at_s, count = [], 0.3, 0
    for words, pause_s in lines:
        text = " ".join(f"w{count + n}" for n in range(words))
        script.append((at_s, text))
        at_s += words * 0.3 + pause_s
        count += words
    texts = live.play(live.lexicon.script(*script), block=block)
    assert " ".join(texts).split() == [f"w{n}" for n in range(count)]
    assert live.committed().split() == [f"w{n}" for n in range(count)]


def test_open_words_are_recognized_again_from_corrected_sound() -> None:
    lexicon = Lexicon()
    with_echo, said = lexicon.script((0.0, "we echo went")), lexicon.script((0.0, "we all went"))
    simulated = SimulatedListener(lexicon=lexicon)
    until = round(1.0 * RECOGNITION_RATE)
    list(simulated.listener.feed(with_echo[:until]))
    assert simulated.recognizer.calls, "the echo was recognized"
    simulated.listener.correct(said[:until])
    list(simulated.listener.feed(said[until:]))
    list(simulated.listener.finish())
    assert simulated.committed() == "we all went"


def test_correcting_sound_between_utterances_changes_nothing() -> None:
    lexicon = Lexicon()
    simulated = SimulatedListener(lexicon=lexicon)
    said = lexicon.script((0.0, "we went"), (4.0, "home"))
    half = 3 * RECOGNITION_RATE
    list(simulated.listener.feed(said[:half]))
    simulated.listener.correct(said[half - RECOGNITION_RATE : half])
    list(simulated.listener.feed(said[half:]))
    list(simulated.listener.finish())
    assert simulated.committed() == "we went home"

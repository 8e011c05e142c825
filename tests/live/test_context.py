"""The context that a StreamingListener keeps from one utterance to the next, on fakes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from stslocal.live.anchors import count_committed
from stslocal.live.context import Context, misled
from stslocal.live.hypotheses import HoldBack, Hypothesis
from stslocal.live.listener_limits import ListenerLimits
from stslocal.metrics import SpeechDropped, SpeechEnded, TextCommitted
from stslocal.types import RECOGNITION_RATE, Recognition, Samples, Word
from tests.fakes import Cost, FakeRecognizer
from tests.live.test_listener import DetectsGerman, SimulatedListener

pytestmark = pytest.mark.unit


@dataclass(slots=True)
class Listening(FakeRecognizer):
    """Keeps the text of every recognition, and the seconds of sound that it was given."""

    texts: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        found = self.transcribe(audio, language=language)
        self.texts.append(found.text)
        self.seconds.append(len(audio) / RECOGNITION_RATE)
        return found


def listening(**limits: float) -> tuple[SimulatedListener, Listening]:
    live = SimulatedListener(limits=replace(ListenerLimits(), **limits))  # type: ignore[arg-type]
    recognizer = Listening(live.clock, Cost(0.1), lexicon=live.lexicon)
    live.use(recognizer)
    return live, recognizer


def words(*spans: tuple[str, float, float]) -> list[Word]:
    return [Word(text, start_s, end_s, 0.9) for text, start_s, end_s in spans]


def test_what_was_said_before_a_short_pause_is_recognized_again_with_what_follows() -> None:
    live, recognizer = listening()
    live.play(live.lexicon.script((0.5, "we went home"), (2.4, "at once and slept.")))
    assert recognizer.texts[-1] == "we went home at once and slept."
    assert live.committed() == "we went home at once and slept."


def test_what_was_said_before_a_long_pause_is_forgotten() -> None:
    live, recognizer = listening()
    live.play(live.lexicon.script((0.5, "we went home"), (4.5, "at once and slept.")))
    assert recognizer.texts[-1] == "at once and slept."
    assert live.committed() == "we went home at once and slept."


def test_a_noise_without_words_does_not_make_a_long_pause_short() -> None:
    live, recognizer = listening()
    sound = live.lexicon.script((0.5, "we went home"), (5.0, "at once and slept."))
    sound[round(2.5 * RECOGNITION_RATE) : round(2.9 * RECOGNITION_RATE)] = 0.05
    live.play(sound)
    assert recognizer.texts[-1] == "at once and slept."


def test_the_sound_that_is_recognized_stays_short() -> None:
    live, recognizer = listening(context_s=4.0, context_pause_s=2.5)
    lines = [(0.5 + 3.0 * n, f"a{n} b{n} c{n} d{n} e{n}") for n in range(20)]
    live.play(live.lexicon.script(*lines))
    assert live.committed() == " ".join(text for _, text in lines)
    assert max(recognizer.seconds) < 4.0 + 2.5 + 3.0


def test_words_that_are_recognized_otherwise_after_a_pause_stay_as_they_were_committed() -> None:
    class ChangesItsMind(Listening):
        def hypothesize(
            self, audio: Samples, *, language: str, paused: bool = False
        ) -> Recognition:
            found = Listening.hypothesize(self, audio, language=language)
            if len(found.words) < 4:
                return found
            changed = tuple(replace(w, text="Hove") if w.text == "home" else w for w in found.words)
            return replace(found, words=changed)

    live = SimulatedListener()
    live.use(ChangesItsMind(live.clock, Cost(0.1), lexicon=live.lexicon))
    live.play(live.lexicon.script((0.5, "we went home"), (2.4, "at once and slept.")))
    assert live.committed() == "we went home at once and slept."


@pytest.mark.parametrize("context_s", [0.2, 0.5, 0.75, 1.0, 4.0])
def test_no_word_at_the_border_of_the_kept_sound_is_lost_or_repeated(context_s: float) -> None:
    live, _ = listening(context_s=context_s)
    said = ["no no no no no", "no no yes yes", "yes no no yes.", "yes yes yes"]
    live.play(live.lexicon.script(*[(0.5 + 2.2 * n, text) for n, text in enumerate(said)]))
    assert live.committed() == " ".join(said)


def test_a_full_stop_of_the_utterance_before_does_not_end_the_new_one_early() -> None:
    live, _ = listening()
    first = live.lexicon.script((0.5, "we went home."))
    cough = np.zeros(2 * RECOGNITION_RATE, np.float32)
    cough[: round(0.3 * RECOGNITION_RATE)] = 0.05
    live.play(np.concatenate([first, cough]))
    end = live.seen(SpeechEnded)[1]
    # Nothing is recognized of the cough: it ends after the silence for that.
    assert end.at_s - end.end_s >= live.limits.endpoint.after_nothing_s


def test_the_context_does_not_decide_the_language_of_the_next_speaker() -> None:
    live = SimulatedListener(language=None)
    recognizer = DetectsGerman(live.clock, Cost(0.1), lexicon=live.lexicon)
    live.use(recognizer)
    live.play(
        live.lexicon.script(
            (0.5, "de:guten de:morgen de:zusammen de:liebe de:leute."),
            (2.8, "good morning to all of you."),
            (5.2, "and good bye to you all."),
        )
    )
    assert [segment.language for _, segment in live.segments] == ["de", "en", "en"]
    assert "good morning to all of you. and good bye" in live.committed()


def test_a_context_in_another_language_is_forgotten() -> None:
    texts: list[str] = []

    class KeepsTexts(DetectsGerman):
        def hypothesize(
            self, audio: Samples, *, language: str, paused: bool = False
        ) -> Recognition:
            found = self.transcribe(audio, language=language)
            texts.append(found.text)
            return found

    live = SimulatedListener(language=None)
    live.use(KeepsTexts(live.clock, Cost(0.1), lexicon=live.lexicon))
    german = "de:guten de:morgen de:zusammen de:liebe de:leute."
    live.play(live.lexicon.script((0.5, german), (2.8, "good morning to all of you.")))
    assert texts[-1] == "good morning to all of you."
    assert live.committed() == f"{german} good morning to all of you."


def test_a_context_that_misleads_the_recognizer_is_forgotten() -> None:
    class RejectsMany(Listening):
        def hypothesize(
            self, audio: Samples, *, language: str, paused: bool = False
        ) -> Recognition:
            found = Listening.hypothesize(self, audio, language=language)
            if found.text.startswith("we went home at"):
                return replace(found, text="", words=(), rejected="repetition")
            return found

    live = SimulatedListener()
    recognizer = RejectsMany(live.clock, Cost(0.1), lexicon=live.lexicon)
    live.use(recognizer)
    live.play(live.lexicon.script((0.5, "we went home"), (2.4, "at once and slept.")))
    assert live.committed() == "we went home at once and slept."
    assert recognizer.texts[-1] == "at once and slept."


def test_without_context_each_utterance_is_recognized_alone() -> None:
    live, recognizer = listening(context_s=0.0)
    live.play(live.lexicon.script((0.5, "we went home"), (2.4, "at once and slept.")))
    assert recognizer.texts[-1] == "at once and slept."


def test_a_context_is_as_many_words_as_its_sound_has_room_for() -> None:
    said = words(("one", 1.0, 1.5), ("two", 2.0, 2.5), ("three", 2.5, 3.5))
    context = Context.of(said, "en", start_s=0.0, kept_s=1.5)
    assert context is not None
    assert [word.text for word in context.words] == ["two", "three"]
    assert (context.start_s, context.end_s) == (1.75, 3.5)
    whole = Context.of(said, "en", start_s=0.0, kept_s=9.0)
    assert whole is not None
    assert whole.start_s == pytest.approx(0.7), "no more of the silence before it than a margin"
    assert Context.of(said, "en", start_s=0.0, kept_s=0.5) is None
    assert Context.of([], "en", start_s=0.0, kept_s=9.0) is None


def test_a_sentence_repeated_after_itself_is_not_taken_for_the_committed_one() -> None:
    committed = words(("it", 0.0, 0.2), ("is", 0.3, 0.5), ("late.", 0.6, 1.0))
    # The recognizer left the first sentence out: the words are those of the second.
    again = words(("It", 2.0, 2.2), ("is", 2.3, 2.5), ("late", 2.6, 3.0))
    assert count_committed(again, committed) == 0
    assert count_committed([*committed, *again], committed) == 3


def test_words_in_the_sound_of_the_committed_ones_are_not_new() -> None:
    committed = words(("there", 0.0, 0.4), ("it", 0.4, 0.6), ("is", 0.6, 1.0))
    other = words(("the", 0.0, 0.2), ("writ", 0.2, 0.6), ("his", 0.6, 1.0), ("own", 1.2, 1.5))
    assert count_committed(other, committed) == 3


def test_the_last_word_of_a_hypothesis_is_never_one_of_the_context() -> None:
    lexicon_words = tuple(words(("we", 0.0, 0.4), ("left.", 0.4, 1.0)))
    hypothesis = Hypothesis(HoldBack(), start_s=2.0, context=Context(0.0, lexicon_words, "en"))
    assert (hypothesis.start_s, hypothesis.last_word) == (0.0, "")
    hypothesis.update(words(("then", 2.2, 2.5)), until_s=9.0)
    assert hypothesis.last_word == "then"
    hypothesis.commit(1)
    assert hypothesis.last_word == "then"


def test_a_recognition_that_repeats_the_context_is_done_again_without_it() -> None:
    class LosesItsPlace(Listening):
        def hypothesize(
            self, audio: Samples, *, language: str, paused: bool = False
        ) -> Recognition:
            found = Listening.hypothesize(self, audio, language=language)
            if len(found.words) < 8:
                return found
            end_s = found.words[-1].end_s
            again = tuple(replace(w, start_s=end_s, end_s=end_s) for w in found.words[:6])
            return replace(found, words=(*found.words[:6], *again))

    live = SimulatedListener()
    live.use(LosesItsPlace(live.clock, Cost(0.1), lexicon=live.lexicon))
    said = ("we all went home at last", "and slept.")
    live.play(live.lexicon.script((0.5, said[0]), (3.2, said[1])))
    assert live.committed() == " ".join(said)


def test_a_phrase_that_is_said_again_is_not_lost() -> None:
    live, _ = listening()
    said = "we shall fight on the beaches"
    live.play(live.lexicon.script((0.5, f"{said},"), (3.0, f"{said} {said},"), (7.0, f"{said}.")))
    assert live.committed() == f"{said}, {said} {said}, {said}."


def test_certain_words_are_committed_before_their_segment_is_wanted() -> None:
    live, _ = listening(certain_s=1.0)
    live.listener._segmenter.spare_s = lambda: 100.0
    said = "when the rain had stopped we walked along"
    live.play(live.lexicon.script((0.5, f"{said} the river.")))
    first = live.seen(TextCommitted)[0]
    assert first.at_s < live.segments[0][0] - 1.0
    assert min(first.commit_latencies_s) >= 1.0
    assert [segment.text for _, segment in live.segments] == [f"{said} the river."]


def test_a_second_speaker_after_whom_the_recognizer_writes_nothing_is_recognized_alone() -> None:
    class FollowsOneSpeaker(Listening):
        def hypothesize(
            self, audio: Samples, *, language: str, paused: bool = False
        ) -> Recognition:
            found = Listening.hypothesize(self, audio, language=language)
            if not found.text.startswith("we went home"):
                return found
            return replace(found, words=found.words[:3], text="we went home")

    live = SimulatedListener()
    live.use(FollowsOneSpeaker(live.clock, Cost(0.1), lexicon=live.lexicon))
    said = ("we went home", "but all of the others went by the river and slept.")
    live.play(live.lexicon.script((0.5, said[0]), (2.4, said[1])))
    assert live.committed() == " ".join(said)
    assert live.seen(SpeechDropped) == []


def test_what_misleads_a_recognition() -> None:
    committed = [Word(f"w{n}", float(n), n + 1.0, 0.9) for n in range(6)]
    other = [Word(f"v{n}", float(n), n + 1.0, 0.9) for n in range(6)]
    assert misled(committed, committed, unwritten_s=0.0) == "repetition"
    assert misled(committed[:4], committed, unwritten_s=0.0) == ""
    assert misled(other, committed, unwritten_s=0.9) == ""
    assert misled(other, committed, unwritten_s=1.1) == "no words"
    assert misled(other, [], unwritten_s=1.1) == "", "there is nothing to leave out"

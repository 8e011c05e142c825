from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.live.segmentation import LIMITS, Cut, LiveLimits, LiveSegmenter, limits_for
from stslocal.settings import PATIENCES
from stslocal.text.sentences import ends_sentence
from stslocal.types import ONLY_END, Segment, Word

pytestmark = pytest.mark.unit

LONG = "the secret service should not plan to build its own office and it does not."


def words(text: str, *, start_s: float = 0.0, each_s: float = 0.3) -> list[Word]:
    return [
        Word(word, start_s + number * each_s, start_s + (number + 0.9) * each_s, 1.0)
        for number, word in enumerate(text.split())
    ]


def pushed(text: str, *, spare_s: float = 0.0, each_s: float = 0.3) -> list[str]:
    segmenter = LiveSegmenter("en", spare_s=lambda: spare_s)
    return [segment.text for segment in segmenter.push(words(text, each_s=each_s))]


def test_a_sentence_leaves_at_once_when_nothing_is_played() -> None:
    assert pushed("We went home.") == ["We went home."]
    assert pushed("Yes.") == ["Yes."]


def test_words_wait_while_speech_is_played_and_leave_together() -> None:
    spare = [3.6]
    segmenter = LiveSegmenter("en", spare_s=lambda: spare[0])
    assert segmenter.push(words("We went home.")) == []
    spare[0] = LiveLimits().early_s - 0.1
    (segment,) = segmenter.push(words("It was late.", start_s=0.9))
    assert segment.text == "We went home. It was late."


def test_words_do_not_wait_for_ever() -> None:
    (segment,) = LiveSegmenter("en", spare_s=lambda: 60.0).push(words("word " * 30))
    assert segment.end_s >= LiveLimits().longest_s - 0.4


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("when the rain stopped, we", "when the rain stopped,"),
        ("they all walked all day long and slept", "they all walked all day long"),
        (
            "he walked about for a whole long cold day in the",
            "he walked about for a whole long cold day",
        ),
        ("he had two very old big dogs and a", "he had two very old big dogs"),
    ],
)
def test_a_sentence_is_cut_where_that_does_the_least_harm(text: str, cut: str) -> None:
    assert pushed(text) == [cut]


@pytest.mark.parametrize("text", ["they walked", "yes, we", "salt and", "they walked to the"])
def test_a_beginning_is_too_short_to_be_cut(text: str) -> None:
    assert pushed(text) == []


def test_a_cut_is_never_behind_an_article() -> None:
    said = "one two three four five six seven eight nine ten eleven twelve"
    assert pushed(f"{said} the") == [said]


def test_a_short_pause_shows_the_end_of_a_phrase() -> None:
    segmenter = LiveSegmenter("en")
    early = words("one two three four five six seven eight nine")
    late = words("ten", start_s=early[-1].end_s + 0.3)
    (segment,) = segmenter.push([*early, *late])
    assert segment.text.endswith("nine")


def test_a_long_pause_ends_a_segment() -> None:
    segmenter = LiveSegmenter("en")
    (segment,) = segmenter.push([*words("no stop here"), *words("more", start_s=3.0)])
    assert segment.text == "no stop here"
    assert [word.text for word in segmenter.pending] == ["more"]


def test_due_words_are_counted_without_a_cut() -> None:
    segmenter = LiveSegmenter("en")
    segmenter.push(words("We went"))
    more = words("home. And then", start_s=0.6)
    assert segmenter.count_due(more, 3) == 3
    assert segmenter.count_due(more, 0) == 0
    assert [word.text for word in segmenter.pending] == ["We", "went"]
    assert segmenter.cut(more[:1], 3).text == "We went home."
    assert segmenter.pending == ()


def test_words_that_may_still_change_show_where_a_phrase_ends() -> None:
    said = words("they all walked all day long and", each_s=0.28)
    segmenter = LiveSegmenter("en")
    assert segmenter.count_due(said[:6], 6) == 0, "too short to be cut anywhere"
    assert segmenter.count_due(said, 6) == 6


def test_a_pause_ends_no_segment_while_speech_is_played() -> None:
    spare = [9.0]
    segmenter = LiveSegmenter("en", spare_s=lambda: spare[0])
    assert segmenter.push([*words("but it seems"), *words("to all of us", start_s=3.0)]) == []
    assert segmenter.cut_waiting(9.0) == []
    spare[0] = 0.0
    (segment,) = segmenter.cut_waiting(9.0)
    assert segment.text == "but it seems to all of us"


def test_a_segment_says_whether_its_sentence_ends_with_it() -> None:
    segmenter = LiveSegmenter("en")
    (whole,) = segmenter.push(words("We went home."))
    (torn,) = segmenter.push(words("they all walked all day long and"))
    (rest,) = segmenter.flush()
    assert (whole.text, whole.complete) == ("We went home.", True)
    assert (torn.text, torn.complete) == ("they all walked all day long", False)
    assert (rest.text, rest.complete) == ("and", True), "nothing follows"


def test_a_full_stop_before_a_word_in_lower_case_ends_no_sentence() -> None:
    segmenter = LiveSegmenter("en")
    said = words("they all walked all day long. and slept", each_s=0.3)
    assert segmenter.cut(said[:6], 6, said[6:]).complete is False
    assert segmenter.cut(said[:6], 6, words("And")).complete is True


def test_a_pause_ends_a_segment_but_only_a_long_one_its_sentence() -> None:
    for pause_s, complete in ((1.0, False), (2.6, True)):
        segmenter = LiveSegmenter("en")
        early = words("no stop here")
        (segment,) = segmenter.push([*early, *words("more", start_s=early[-1].end_s + pause_s)])
        assert segment.complete is complete
    waiting = LiveSegmenter("en", spare_s=lambda: 9.0)
    waiting.push(words("but it seems"))
    waiting.spare_s = lambda: 0.0
    (segment,) = waiting.cut_waiting(1.0)
    assert segment.complete is False, "the speaker may only pause"


def test_when_no_words_follow_a_segment_though_some_were_recognized_that_is_said_once() -> None:
    segmenter = LiveSegmenter("en")
    said = words("they all walked all day long and")
    torn = segmenter.cut(said[:6], 6, said[6:])
    assert (torn.complete, torn.followed) == (False, True)
    (over,) = segmenter.cut_waiting(9.0)
    assert (over.text, over.has_words, over.words) == (ONLY_END, False, ())
    assert (over.index, over.complete, over.start_s) == (1, False, torn.end_s)
    assert segmenter.cut_waiting(9.0) == segmenter.flush() == []

    again = segmenter.cut(said[:6], 6, said[6:])
    (over,) = segmenter.flush()
    assert (again.index, over.index, over.complete) == (2, 3, True)


def test_nothing_is_said_where_no_words_were_expected() -> None:
    segmenter = LiveSegmenter("en")
    segmenter.cut(words("they all walked all day long"), 6)
    assert segmenter.flush() == []
    segmenter.cut(words("We went home."), 3, words("It"))
    assert segmenter.flush() == []


def test_a_finished_sentence_leaves_without_the_beginning_of_the_next() -> None:
    said = "we went home. it was very late and the rain fell on us all of the way"
    assert pushed(said.replace(" it", " It")) == ["we went home."]


def test_whole_sentences_leave_together_and_the_rest_follows() -> None:
    segmenter = LiveSegmenter("en")
    segmenter.wait(words("We went home. It was late. The dogs"))
    assert [each.text for each in segmenter.flush()] == ["We went home. It was late.", "The dogs"]


def test_a_pause_in_a_sentence_does_not_take_the_sentence_before_it_along() -> None:
    segmenter = LiveSegmenter("en")
    early = words("We went home. The old dogs")
    segments = segmenter.push([*early, *words("were there", start_s=early[-1].end_s + 1.0)])
    assert [each.text for each in segments] == ["We went home.", "The old dogs"]


def test_who_waits_for_whole_sentences_does_not_trust_a_full_stop_in_a_short_pause() -> None:
    said = words("It would not seem inconsistent.")
    segmenter = LiveSegmenter("en", limits=LIMITS["sentence"])
    assert segmenter.push(said) == []
    assert segmenter.cut_waiting(LIMITS["sentence"].stop_s - 0.1) == []
    (segment,) = segmenter.push(words("with its purposes. The", start_s=2.1))
    assert segment.text == "It would not seem inconsistent with its purposes."
    assert segment.complete


def test_a_full_stop_before_a_longer_silence_or_another_sentence_ends_the_sentence() -> None:
    limits = LIMITS["sentence"]
    segmenter = LiveSegmenter("en", limits=limits)
    segmenter.push(words("We went home."))
    (segment,) = segmenter.cut_waiting(limits.stop_s)
    assert segment.text == "We went home."
    segmenter.push(words("It was late."))
    assert segmenter.count_due(words("Nobody", start_s=0.9), 0) == 3


def test_the_more_patient_waits_longer_for_the_end_of_a_sentence() -> None:
    said = words("when the rain stopped, we all walked " + "slowly on and on " * 20)
    torn_after_s = {}
    for patience, limits in LIMITS.items():
        segmenter = LiveSegmenter("en", limits=limits)
        count = next(n for n in range(1, len(said) + 1) if segmenter.count_due(said[:n], n))
        torn_after_s[patience] = said[count - 1].end_s
    assert torn_after_s["quick"] < torn_after_s["balanced"] < torn_after_s["sentence"]
    assert list(LIMITS) == list(PATIENCES)


def test_who_allows_more_lag_waits_longer() -> None:
    usual, twice = limits_for("balanced", 4.0), limits_for("balanced", 8.0)
    assert usual == LIMITS["balanced"]
    assert twice.longest_s == 2 * usual.longest_s
    assert limits_for("balanced", 0.5).least_s[Cut.WORD] == usual.least_s[Cut.WORD] / 2


SPOKEN = st.lists(
    st.sampled_from(["word", "Word", "and", "to", "the", "end.", "clause,", "why?", "Mr.", "3.5"]),
    max_size=120,
)


@given(SPOKEN, st.integers(1, 7), st.sampled_from(PATIENCES), st.data())
def test_no_segment_has_the_end_of_a_sentence_and_a_part_of_the_next(
    spoken: list[str], batch: int, patience: str, data: st.DataObject
) -> None:
    """Random words with random pauses, a loudspeaker that is now free and now busy."""
    spare = [0.0]
    segmenter = LiveSegmenter("en", spare_s=lambda: spare[0], limits=LIMITS[patience])
    segments: list[Segment] = []
    at_s = 0.0
    for first in range(0, len(spoken), batch):
        spare[0] = data.draw(st.sampled_from([0.0, 2.0, 9.0]))
        some = words(" ".join(spoken[first : first + batch]), start_s=at_s)
        at_s = some[-1].end_s + data.draw(st.sampled_from([0.03, 0.2, 1.0, 3.0]))
        if count := segmenter.count_due(some, len(some)):
            segments.append(segmenter.cut(some, count))
        else:
            segments += segmenter.push(some)
        segments += segmenter.cut_waiting(data.draw(st.sampled_from([0.0, 1.0, 3.0])))
    segments += segmenter.flush()
    segments = [segment for segment in segments if segment.has_words]
    assert [word.text for segment in segments for word in segment.words] == spoken
    for segment in segments:
        inner = pairwise(segment.words)
        has_end = any(ends_sentence(one.text, other.text, "en") for one, other in inner)
        assert segment.complete or not has_end, segment.text


@given(st.sampled_from(PATIENCES), st.sampled_from([0.0, 60.0]))
def test_no_word_waits_for_ever(patience: str, spare_s: float) -> None:
    """Also in a sentence that does not end, while the loudspeaker is busy all of the time."""
    limits = LIMITS[patience]
    segmenter = LiveSegmenter("en", spare_s=lambda: spare_s, limits=limits)
    longest_s = max(limits.longest_s, limits.least_s[Cut.WORD])
    for word in words("word " * 400):
        segmenter.push([word])
        waiting = segmenter.pending
        assert not waiting or waiting[-1].end_s - waiting[0].start_s < longest_s


@given(
    st.lists(
        st.sampled_from(["word", "and", "to", "the", "end.", "clause,", "why?", "Mr.", "3.5"]),
        max_size=120,
    ),
    st.integers(1, 7),
    st.sampled_from([0.0, 1.0, 5.0]),
)
def test_no_word_is_lost_or_moved_in_any_batches(
    spoken: list[str], batch: int, spare_s: float
) -> None:
    stream = words(" ".join(spoken))
    segmenter = LiveSegmenter("en", spare_s=lambda: spare_s)
    segments = []
    for at in range(0, len(stream), batch):
        some = stream[at : at + batch]
        if count := segmenter.count_due(some, len(some)):
            segments.append(segmenter.cut(some, count))
        else:
            segments += segmenter.push(some)
    segments += segmenter.flush()
    assert [word.text for segment in segments for word in segment.words] == spoken
    assert [segment.index for segment in segments] == list(range(len(segments)))

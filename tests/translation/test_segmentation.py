from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.translation.segmentation import (
    Segmenter,
    SegmentLimits,
)
from stslocal.types import Word

pytestmark = pytest.mark.unit


USUAL = SegmentLimits()


def words(text: str, *, start_s: float = 0.0, each_s: float = 0.3) -> list[Word]:
    return [
        Word(word, start_s + number * each_s, start_s + (number + 0.9) * each_s, 1.0)
        for number, word in enumerate(text.split())
    ]


def without_stops(text: str) -> list[str]:
    """The words without full stops: one before a lower-case word is taken out."""
    return text.replace(".", "").replace("…", "").split()


def texts(*batches: list[Word], limits: SegmentLimits = USUAL, language: str = "en") -> list[str]:
    segmenter = Segmenter(language, limits)
    segments = [segment for batch in batches for segment in segmenter.push(batch)]
    segments += segmenter.flush()
    assert [segment.index for segment in segments] == list(range(len(segments)))
    return [segment.text for segment in segments]


def test_a_sentence_is_a_segment_with_its_times() -> None:
    segmenter = Segmenter("en")
    (segment,) = segmenter.push(words("We went home.", start_s=2.0))
    assert (segment.text, segment.language) == ("We went home.", "en")
    assert segment.start_s == 2.0
    assert segment.end_s == pytest.approx(2.87)
    assert len(segment.words) == 3
    assert segmenter.pending == ()


def test_a_sentence_may_reach_over_several_utterances() -> None:
    segmenter = Segmenter("en")
    assert segmenter.push(words("We went")) == []
    assert [word.text for word in segmenter.pending] == ["We", "went"]
    (segment,) = segmenter.push(words("home. And", start_s=0.9))
    assert segment.text == "We went home."
    (rest,) = segmenter.flush()
    assert (rest.index, rest.text) == (1, "And")
    assert segmenter.flush() == []


def test_abbreviations_do_not_end_a_segment() -> None:
    assert texts(words("Mr. Jones met J. Smith at 3.5 km. They left.")) == [
        "Mr. Jones met J. Smith at 3.5 km.",
        "They left.",
    ]


def test_a_silence_ends_a_segment_without_a_full_stop() -> None:
    assert texts(words("no stop here"), words("something new", start_s=5.0)) == [
        "no stop here",
        "something new",
    ]


@pytest.mark.parametrize("pause_s", [1.0, 1.5, 2.0, 2.4])
def test_a_sentence_with_pauses_in_it_is_one_sentence(pause_s: float) -> None:
    parts = ["The rainbow is", "a division of white light", "into many beautiful colors."]
    batches: list[list[Word]] = []
    for part in parts:
        start_s = batches[-1][-1].end_s + pause_s if batches else 0.0
        batches.append(words(part, start_s=start_s))
    assert texts(*batches) == [" ".join(parts)]
    assert texts([word for batch in batches for word in batch]) == [" ".join(parts)]


def test_pauses_do_not_make_a_sentence_too_long() -> None:
    spoken = [Word(f"word{n}", n * 2.5, n * 2.5 + 0.5, 1.0) for n in range(15)]
    assert len(texts(spoken)) == 1
    drawn = [Word(f"word{n}", n * 2.5, n * 2.5 + 2.4, 1.0) for n in range(15)]
    assert len(texts(drawn)) > 1


def test_a_long_sentence_is_cut_in_its_long_pause_first() -> None:
    limits = SegmentLimits(characters=42)
    batch = words("one, two three four five") + words("six, seven and eight, nine", start_s=2.7)
    assert texts(batch, limits=limits)[0] == "one, two three four five"


def test_a_long_sentence_is_cut_at_its_last_clause() -> None:
    limits = SegmentLimits(characters=60)
    text = "when the rain had stopped, we walked along the river, which was high and fast."
    assert texts(words(text), limits=limits) == [
        "when the rain had stopped, we walked along the river,",
        "which was high and fast.",
    ]


def test_without_a_clause_it_is_cut_before_a_conjunction() -> None:
    limits = SegmentLimits(characters=50)
    text = "we walked along the old river and they stayed at home all day"
    assert texts(words(text), limits=limits) == [
        "we walked along the old river",
        "and they stayed at home all day",
    ]


def test_without_both_it_is_cut_in_its_longest_pause() -> None:
    limits = SegmentLimits(characters=42)
    batch = words("one two three four five") + words("six seven eight nine ten", start_s=2.0)
    assert texts(batch, limits=limits)[0] == "one two three four five"


def test_a_change_of_language_ends_a_segment() -> None:
    segmenter = Segmenter("en")
    segmenter.push(words("we went"))
    assert segmenter.change_language("en") == []
    (left,) = segmenter.change_language("pt")
    (right,) = segmenter.push(words("até logo."))
    assert [(s.text, s.language) for s in (left, right)] == [("we went", "en"), ("até logo.", "pt")]


@given(
    st.lists(
        st.sampled_from(
            ["word", "and", "end.", "clause,", "why?", "Mr.", "3.5", "verylongword" * 9]
        ),
        max_size=120,
    ),
    st.integers(1, 7),
    st.sampled_from([USUAL, SegmentLimits(characters=30)]),
)
def test_no_word_is_lost_or_moved_in_batches_of_any_size(
    spoken: list[str], batch: int, limits: SegmentLimits
) -> None:
    stream = words(" ".join(spoken))
    batches = [stream[at : at + batch] for at in range(0, len(stream), batch)]
    assert without_stops(" ".join(texts(*batches, limits=limits))) == without_stops(
        " ".join(spoken)
    )


def test_a_segment_says_whether_its_sentence_ends_with_it() -> None:
    segmenter = Segmenter("en", SegmentLimits(characters=30))
    said = words("one two three four five, six seven eight nine. Ten")
    segments = [*segmenter.push(said), *segmenter.change_language("pt")]
    assert [(segment.text, segment.complete) for segment in segments] == [
        ("one two three four five,", False),
        ("six seven eight nine.", True),
        ("Ten", True),
    ]

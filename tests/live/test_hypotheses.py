"""Commit policies on scripted hypotheses."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.live.anchors import count_committed, plain_word
from stslocal.live.hypotheses import CommitPolicy, HoldBack, Hypothesis, TrimLimits
from stslocal.types import Word

pytestmark = pytest.mark.unit

WORD_S = 0.4


def words_of(text: str, *, probability: float = 0.8) -> list[Word]:
    """Words of 0.4 s each, from 0 s on and without pauses."""
    return [
        Word(word, n * WORD_S, (n + 1) * WORD_S, probability) for n, word in enumerate(text.split())
    ]


def update_and_commit(hypothesis: Hypothesis, text: str, until_s: float) -> None:
    """Update a hypothesis with a text, and commit its stable words."""
    hypothesis.update(words_of(text), until_s=until_s)
    hypothesis.commit(hypothesis.stable_count)


@dataclass(frozen=True, slots=True)
class Outcome:
    committed: str
    latency_s: float
    """Mean commit latency of the words that were committed before the end."""
    revisions: int


def outcome(policy: CommitPolicy, recognitions: list[tuple[float, str]]) -> Outcome:
    """The outcome of an utterance, from (end of the recognized sound, text) of each recognition."""
    hypothesis = Hypothesis(policy, start_s=0.0)
    latencies: list[float] = []
    words: list[Word] = []
    for until_s, text in recognitions:
        whole = words_of(text)
        rest = whole[count_committed(whole, words) :]
        hypothesis.update(rest, until_s=until_s)
        new = hypothesis.commit(hypothesis.stable_count)
        latencies += [until_s - word.end_s for word in new]
        words += new
    words += hypothesis.finish()
    return Outcome(
        " ".join(word.text for word in words),
        sum(latencies) / len(latencies) if latencies else 0.0,
        hypothesis.revisions,
    )


GROWING = [
    (0.8, "the cat"),
    (1.2, "the cat's at"),
    (1.6, "the cat sat on"),
    (2.0, "the cat sat on them"),
    (2.4, "the cat sat on the mat"),
]
"""The last word of each recognition but the last one is wrong."""


def test_the_last_words_are_not_committed_too_soon() -> None:
    assert outcome(HoldBack(0.5), GROWING).committed == "the cat sat on the mat"


def test_without_lookahead_wrong_words_are_committed() -> None:
    assert outcome(HoldBack(0.0), GROWING).committed != "the cat sat on the mat"


def test_revisions_are_counted_where_shown_words_changed() -> None:
    def revisions(*texts: str) -> int:
        """Each text is recognized twice, so that it is shown."""
        recognitions = [(n + 1.0, text) for n, text in enumerate(texts) for _ in range(2)]
        return outcome(HoldBack(10.0), recognitions).revisions

    assert revisions(*[text for _, text in GROWING]) == 4
    assert revisions("one two", "One, two three") == 0
    assert revisions("one two three", "one") == 2


def test_a_word_is_shown_when_two_recognitions_agree_on_it_or_in_a_pause() -> None:
    hypothesis = Hypothesis(HoldBack(10.0), start_s=0.0)
    hypothesis.update(words_of("the cat's at"), until_s=1.0)
    assert hypothesis.shown_text == ""
    hypothesis.update(words_of("the cat sat"), until_s=1.5)
    assert hypothesis.shown_text == "the"
    hypothesis.update(words_of("The cat sat on them"), until_s=2.0)
    assert hypothesis.shown_text == "The", "shown words are not taken away"
    hypothesis.update(words_of("The cat sat on the mat"), until_s=2.5, final=True)
    assert hypothesis.shown_text == "The cat sat on the mat"
    assert hypothesis.revisions == 0


def test_a_word_is_certain_when_it_stays_the_same_and_much_sound_follows() -> None:
    hypothesis = Hypothesis(HoldBack(0.0), start_s=0.0, certain_s=1.0)
    hypothesis.update(words_of("one two. three four"), until_s=2.5)
    assert hypothesis.certain_count == 0
    hypothesis.update(words_of("one two three four"), until_s=2.5)
    assert hypothesis.certain_count == 1
    hypothesis.update(words_of("one two three four"), until_s=2.5)
    assert hypothesis.certain_count == 4 - 1
    hypothesis.commit(2)
    assert hypothesis.certain_count == 1


def test_a_longer_lookahead_commits_later() -> None:
    short, long = outcome(HoldBack(0.3), GROWING), outcome(HoldBack(0.8), GROWING)
    assert short.latency_s < long.latency_s


def test_a_word_with_a_high_probability_needs_less_lookahead() -> None:
    policy = HoldBack(lookahead_s=1.0, sure_probability=0.95, sure_lookahead_s=0.2)
    assert policy.stable_count(words_of("one two", probability=0.97), [], until_s=1.1) == 2
    assert policy.stable_count(words_of("one two", probability=0.9), [], until_s=1.1) == 0


def test_a_repeated_word_is_not_committed_without_sound_for_it() -> None:
    loop = [Word("again", 0.0, 0.4, 0.8), *[Word("again", 1.0, 1.0, 0.8)] * 5]
    assert HoldBack(0.5).stable_count(loop, loop, until_s=1.2) == 1


def test_words_that_are_not_committed_stay_partial() -> None:
    hypothesis = Hypothesis(HoldBack(0.0, 0.0, 0.0), start_s=0.0)
    hypothesis.update(words_of("one two three"), until_s=9.0)
    assert hypothesis.stable_count == 3
    assert len(hypothesis.commit(2)) == 2
    assert [word.text for word in hypothesis.partial] == ["three"]
    assert hypothesis.stable_count == 1


def test_committed_words_are_found_again_in_another_spelling() -> None:
    committed = words_of("However, due to")
    assert count_committed(words_of("however due to the"), committed) == 3
    assert count_committed(words_of("how ever due to the"), committed) == 4
    assert count_committed(words_of("however due"), committed) == 2
    assert count_committed(words_of("anything else"), []) == 0
    assert count_committed([], committed) == 0


@given(st.lists(st.sampled_from("a b c".split()), max_size=8), st.integers(0, 8))
def test_as_many_of_the_same_words_are_found_as_were_committed(
    texts: list[str], count: int
) -> None:
    words = words_of(" ".join(texts))
    count = min(count, len(words))
    assert count_committed(words, words[:count]) == count


def test_trimming_prefers_sentences_then_clauses_then_words() -> None:
    limits = TrimLimits(sentence_s=2.0, clause_s=4.0, word_s=6.0)

    def start_after(text: str, until_s: float) -> float:
        hypothesis = Hypothesis(HoldBack(0.0, 0.0, 0.0), start_s=0.0, language="en")
        update_and_commit(hypothesis, text, until_s)
        hypothesis.trim(until_s, limits)
        return round(hypothesis.start_s / WORD_S, 6)

    assert start_after("One. Two, three four", 1.9) == 0
    assert start_after("One. Two, three four", 3.0) == 1
    assert start_after("One two, three four", 3.0) == 0
    assert start_after("One two, three four", 5.0) == 2
    assert start_after("One two three four", 7.0) == 3
    # The last committed word stays, since the words after it are not known.
    assert start_after("One two three four.", 5.0) == 0


def test_trimming_drops_the_words_before_the_cut_and_keeps_those_after() -> None:
    hypothesis = Hypothesis(HoldBack(0.0, 0.0, 0.0), start_s=0.0)
    update_and_commit(hypothesis, "One. Two three", 10.0)
    hypothesis.trim(10.0, TrimLimits())
    assert [word.text for word in hypothesis.committed] == ["Two", "three"]
    assert hypothesis.start_s == pytest.approx(WORD_S)


def test_every_word_is_committed_in_the_end_and_none_twice() -> None:
    hypothesis = Hypothesis(HoldBack(9.0), start_s=0.0)
    hypothesis.update(words_of("one two"), until_s=1.0)
    assert hypothesis.stable_count == 0
    assert [word.text for word in hypothesis.finish()] == ["one", "two"]
    assert hypothesis.finish() == ()
    assert " ".join(word.text for word in hypothesis.partial) == ""


def test_words_are_compared_without_case_and_outer_punctuation() -> None:
    assert plain_word("“So,”") == "so"
    assert plain_word("Don't!") == "don't"
    assert plain_word("—") == ""

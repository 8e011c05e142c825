"""Commit policies on scripted hypotheses: what was heard, and when."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.live.hypotheses import (
    CommitPolicy,
    HoldBack,
    Hypothesis,
    TrimLimits,
    after_committed,
    plain,
)
from stslocal.types import Word

pytestmark = pytest.mark.unit

WORD_S = 0.4


def said(text: str, *, sure: float = 0.8, start_s: float = 0.0) -> list[Word]:
    """Words of 0.4 s each, without pauses."""
    return [
        Word(word, start_s + n * WORD_S, start_s + (n + 1) * WORD_S, sure)
        for n, word in enumerate(text.split())
    ]


def heard(hypothesis: Hypothesis, text: str, until_s: float) -> None:
    """Have a text heard, and commit what may be."""
    hypothesis.update(said(text), until_s=until_s)
    hypothesis.commit(hypothesis.sure)


@dataclass(frozen=True, slots=True)
class Outcome:
    committed: str
    latency_s: float
    """Mean, of the words that were committed before the end."""
    revisions: int


def play(policy: CommitPolicy, hearings: list[tuple[float, str]], sure: float = 0.8) -> Outcome:
    """Hypotheses for the whole utterance, each with how far the audio was heard."""
    hypothesis = Hypothesis(policy, start_s=0.0)
    latencies: list[float] = []
    words: list[Word] = []
    for until_s, text in hearings:
        whole = said(text, sure=sure)
        rest = whole[after_committed(whole, words) :]
        hypothesis.update(rest, until_s=until_s)
        new = hypothesis.commit(hypothesis.sure)
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
"""Each hearing gets its last word wrong."""


def test_the_last_words_are_not_believed_too_soon() -> None:
    assert play(HoldBack(0.5), GROWING).committed == "the cat sat on the mat"


def test_without_lookahead_they_are() -> None:
    assert play(HoldBack(0.0), GROWING).committed != "the cat sat on the mat"


def test_revisions_are_counted_where_shown_words_changed() -> None:
    assert play(HoldBack(10.0), GROWING).revisions == 4
    assert play(HoldBack(10.0), [(1.0, "one two"), (2.0, "One, two three")]).revisions == 0
    assert play(HoldBack(10.0), [(1.0, "one two three"), (2.0, "one")]).revisions == 2


def test_a_longer_hold_commits_later() -> None:
    short, long = play(HoldBack(0.3), GROWING), play(HoldBack(0.8), GROWING)
    assert short.latency_s < long.latency_s


def test_a_sure_word_needs_less_lookahead() -> None:
    policy = HoldBack(hold_s=1.0, sure=0.95, sure_hold_s=0.2)
    assert policy.ready(said("one two", sure=0.97), [], until_s=1.1) == 2
    assert policy.ready(said("one two", sure=0.9), [], until_s=1.1) == 0


def test_a_loop_is_not_believed_without_audio_for_it() -> None:
    loop = [Word("again", 0.0, 0.4, 0.8), *[Word("again", 1.0, 1.0, 0.8)] * 5]
    assert HoldBack(0.5).ready(loop, loop, until_s=1.2) == 1


def test_what_is_not_committed_stays_open() -> None:
    hypothesis = Hypothesis(HoldBack(0.0, 0.0, 0.0), start_s=0.0)
    hypothesis.update(said("one two three"), until_s=9.0)
    assert hypothesis.sure == 3
    assert len(hypothesis.commit(2)) == 2
    assert (hypothesis.partial_text, hypothesis.sure) == ("three", 1)


def test_what_was_committed_is_found_again_however_it_is_spelt() -> None:
    committed = said("However, due to")
    assert after_committed(said("however due to the"), committed) == 3
    assert after_committed(said("how ever due to the"), committed) == 4
    assert after_committed(said("however due"), committed) == 2
    assert after_committed(said("anything else"), []) == 0
    assert after_committed([], committed) == 0


@given(st.lists(st.sampled_from("a b c".split()), max_size=8), st.integers(0, 8))
def test_of_the_same_words_as_many_are_found_as_were_committed(
    texts: list[str], count: int
) -> None:
    words = said(" ".join(texts))
    count = min(count, len(words))
    assert after_committed(words, words[:count]) == count


def test_trimming_prefers_sentences_then_clauses_then_words() -> None:
    limits = TrimLimits(sentence_s=2.0, clause_s=4.0, word_s=6.0)

    def start_after(text: str, until_s: float) -> float:
        hypothesis = Hypothesis(HoldBack(0.0, 0.0, 0.0), start_s=0.0, language="en")
        heard(hypothesis, text, until_s)
        hypothesis.trim(until_s, limits)
        return round(hypothesis.start_s / WORD_S, 6)

    assert start_after("One. Two, three four", 1.9) == 0
    assert start_after("One. Two, three four", 3.0) == 1
    assert start_after("One two, three four", 3.0) == 0
    assert start_after("One two, three four", 5.0) == 2
    assert start_after("One two three four", 7.0) == 3
    # What comes after the last word is not known: it stays.
    assert start_after("One two three four.", 5.0) == 0


def test_trimming_forgets_the_words_before_and_keeps_those_after() -> None:
    hypothesis = Hypothesis(HoldBack(0.0, 0.0, 0.0), start_s=0.0)
    heard(hypothesis, "One. Two three", 10.0)
    hypothesis.trim(10.0, TrimLimits())
    assert [word.text for word in hypothesis.committed] == ["Two", "three"]
    assert hypothesis.start_s == pytest.approx(WORD_S)


def test_everything_is_committed_in_the_end_and_nothing_twice() -> None:
    hypothesis = Hypothesis(HoldBack(9.0), start_s=0.0)
    hypothesis.update(said("one two"), until_s=1.0)
    assert hypothesis.sure == 0
    assert [word.text for word in hypothesis.finish()] == ["one", "two"]
    assert hypothesis.finish() == ()
    assert hypothesis.partial_text == ""


def test_a_word_is_compared_as_it_sounds() -> None:
    assert plain("“So,”") == "so"
    assert plain("Don't!") == "don't"
    assert plain("—") == ""

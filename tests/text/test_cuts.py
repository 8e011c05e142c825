"""Stops and capitals that a cut made are not those of the sentence."""

from __future__ import annotations

import pytest

from stslocal.text.cuts import (
    continued,
    continued_translation,
    joined_parts,
    unended,
    without_false_stops,
)
from stslocal.text.sentences import ends_sentence

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ("We went to. the house.", "We went to the house."),
        ("We went to the... house of cards.", "We went to the house of cards."),
        ("He said that… it is late.", "He said that it is late."),
        ("I met Mr. Smith at 5 p.m. yesterday.", "I met Mr. Smith at 5 p.m. yesterday."),
        ("It has No. 5 on it.", "It has No. 5 on it."),
        ("J. S. Bach wrote it.", "J. S. Bach wrote it."),
        ('She said "yes." and left.', 'She said "yes" and left.'),
        ("It costs 3.5 dollars.", "It costs 3.5 dollars."),
    ],
)
def test_stops_within_a_sentence_go(parts: str, whole: str) -> None:
    assert " ".join(joined_parts(parts.split(), "en", complete=True)) == whole


def test_the_last_stop_stays_only_where_the_sentence_is_over() -> None:
    said = "they all walked.".split()
    assert joined_parts(said, "en", complete=True)[-1] == "walked."
    assert joined_parts(said, "en", complete=False)[-1] == "walked"
    assert joined_parts([], "en", complete=True) == []


@pytest.mark.parametrize(
    ("word", "language"), [("the.", "en"), ("of.", "en"), ("da.", "pt"), ("and...", "en")]
)
def test_no_sentence_ends_with_an_article_or_a_conjunction(word: str, language: str) -> None:
    assert not ends_sentence(word, None, language)
    assert not ends_sentence(word, "House", language)


@pytest.mark.parametrize(("word", "language"), [("No.", "en"), ("is.", "en"), ("foi.", "pt")])
def test_a_sentence_may_end_with_a_short_word(word: str, language: str) -> None:
    assert ends_sentence(word, None, language)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Of the house", "en", "of the house"),
        ("The President said", "en", "the President said"),
        ("President Lincoln said", "en", "President Lincoln said"),
        ("I know", "en", "I know"),
        ("E depois", "pt", "e depois"),
    ],
)
def test_a_part_begins_with_a_capital_only_where_it_may_be_a_name(
    text: str, language: str, expected: str
) -> None:
    assert " ".join(continued(text.split(), language)) == expected


@pytest.mark.parametrize(
    ("translation", "source", "language", "expected"),
    [
        ("Da casa", "of the house", "pt", "da casa"),
        ("Casas antigas", "old houses", "pt", "casas antigas"),
        ("Obama disse ontem", "yesterday Obama said", "pt", "Obama disse ontem"),
        ("Monday we left", "segunda-feira partimos", "en", "Monday we left"),
        ("The house", "a casa", "en", "the house"),
        ("Häuser im Wald", "houses in the wood", "de", "Häuser im Wald"),
        ("ONU e outros", "and others", "pt", "ONU e outros"),
        ("Lisboa é bela", "Lisbon is beautiful", "pt", "Lisboa é bela"),
    ],
)
def test_a_translated_part_begins_in_lower_case_unless_it_is_a_name(
    translation: str, source: str, language: str, expected: str
) -> None:
    assert continued_translation(translation, source, language) == expected


def test_a_translated_part_has_no_stop_at_its_end() -> None:
    assert unended("a casa.", "the house") == "a casa"
    assert unended("às 5 p.m.", "at 5 p.m.") == "às 5 p.m."
    assert unended("a casa,", "the house,") == "a casa,"


@pytest.mark.parametrize(
    ("recognized", "text"),
    [
        ("on that basis. to develop systems.", "on that basis to develop systems."),
        ("since then... we wait. They go.", "since then we wait. They go."),
        ("at 5 p.m. in the U.S. by Mr. smith.", "at 5 p.m. in the U.S. by Mr. smith."),
        ("Is it? yes. No. 5 is.", "Is it? yes. No. 5 is."),
        ('he said "go." and left.', 'he said "go" and left.'),
    ],
)  # fmt: skip
def test_a_stop_before_a_lower_case_word_is_only_a_pause(recognized: str, text: str) -> None:
    assert " ".join(without_false_stops(recognized.split(), "en")) == text

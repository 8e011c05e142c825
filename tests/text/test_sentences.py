from __future__ import annotations

import pytest

from stslocal.text.sentences import break_before, ends_clause, split_sentences

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "Hello there. How are you? Fine!", ["Hello there.", "How are you?", "Fine!"]),
        (
            "en",
            "Mr. Jones met Dr. Smith. They talked.",
            ["Mr. Jones met Dr. Smith.", "They talked."],
        ),
        ("en", "It costs 3.50 dollars. Cheap.", ["It costs 3.50 dollars.", "Cheap."]),
        ("en", "John F. Kennedy spoke. He left.", ["John F. Kennedy spoke.", "He left."]),
        ("en", "Well... maybe so. Yes.", ["Well... maybe so.", "Yes."]),
        ("en", 'He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("en", "See no. 5 first. No. Never.", ["See no. 5 first.", "No.", "Never."]),
        ("en", "At 5 p.m. we left.", ["At 5 p.m. we left."]),
        ("en", "no punctuation at all", ["no punctuation at all"]),
        ("pt", "O Sr. Silva chegou. Ele sentou.", ["O Sr. Silva chegou.", "Ele sentou."]),
        ("de", "Am 3. Mai kam er. Dann ging er.", ["Am 3. Mai kam er.", "Dann ging er."]),
        ("zh", "你好。你好吗？很好。", ["你好。", "你好吗？", "很好。"]),
        ("hi", "यह है। वह है।", ["यह है।", "वह है।"]),
        ("en", "   ", []),
    ],
)
def test_sentences(language: str, text: str, sentences: list[str]) -> None:
    assert split_sentences(text, language) == sentences


def test_clauses_end_at_their_punctuation() -> None:
    assert ends_clause("however,")
    assert ends_clause('said;"')
    assert not ends_clause("word")
    assert not ends_clause("3,5")


@pytest.mark.parametrize(
    ("text", "limit", "head"),
    [
        ("one two, three four five", 16, "one two,"),
        ("one, two three four five", 16, "one, two three"),
        ("one two, three four 1,000 five", 26, "one two, three four 1,000"),
        ("one two, three", 8, "one two,"),
        ("早上好，我的朋友们今天很晚了", 6, "早上好，"),
        ("abcdefghij", 4, "abcd"),
        ("a b", 1, "a"),
    ],
)
def test_a_long_text_is_cut_after_a_clause_or_a_word(text: str, limit: int, head: str) -> None:
    assert text[: break_before(text, limit)] == head

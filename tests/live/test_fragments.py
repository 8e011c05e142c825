from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.live.fragments import ends_phrase, fragments

pytestmark = pytest.mark.unit

LONG = (
    "A comissão recomenda que o presidente considere, antes de mais, a forma como a coordenação "
    "poderia ser alcançada em maior medida do que agora."
)


def test_a_short_text_stays_whole() -> None:
    assert fragments("Bom dia a todos.", "pt", 20, 1.5) == ["Bom dia a todos."]
    assert fragments("", "pt", 20, 1.5) == []


def test_the_first_fragment_is_short_and_the_others_grow() -> None:
    pieces = fragments(LONG, "pt", 20, 1.6)
    assert pieces[0] == "A comissão recomenda"
    assert [len(piece) for piece in pieces[:-1]] == sorted(len(piece) for piece in pieces[:-1])
    assert 3 <= len(pieces) <= 5


def test_fragments_end_at_punctuation_where_there_is_some_near() -> None:
    assert fragments("Senhoras e senhores, bem-vindos a esta sala.", "pt", 22, 1.5) == [
        "Senhoras e senhores,",
        "bem-vindos a esta sala.",
    ]


def test_a_fragment_does_not_end_with_an_article() -> None:
    for piece in fragments(LONG, "pt", 20, 1.3)[:-1]:
        assert piece.split()[-1] not in {"o", "a", "de", "do", "que", "em", "ser"}


def test_phrases_end_at_punctuation() -> None:
    assert ends_phrase("senhores,")
    assert ends_phrase("disse ele.»")
    assert not ends_phrase("senhores")


@given(
    st.lists(st.text("abcdefghij,.", min_size=1, max_size=14), max_size=60),
    st.integers(1, 200),
    st.floats(1.0, 3.0),
)
def test_no_word_is_lost_and_no_fragment_is_too_short(
    words: list[str], first: int, growth: float
) -> None:
    text = " ".join(words)
    pieces = fragments(text, "pt", first, growth)
    assert " ".join(pieces) == text
    if len(pieces) > 1:
        assert all(len(piece) >= 10 for piece in pieces)

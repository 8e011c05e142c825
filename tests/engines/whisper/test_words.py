from __future__ import annotations

import pytest

from stslocal.engines.whisper.words import join_subwords, with_times

pytestmark = pytest.mark.unit


def texts(*subwords: str, language: str = "en") -> list[str]:
    return [piece.text.strip() for piece in join_subwords([(s, [0]) for s in subwords], language)]


def test_a_word_reaches_from_one_space_to_the_next() -> None:
    assert texts(
        " It", " costs", " $", "3", ".", "5", ",", " don", "'t", " twenty", "-", "five"
    ) == [
        "It",
        "costs",
        "$3.5,",
        "don't",
        "twenty-five",
    ]


def test_punctuation_that_stands_alone_joins_its_word() -> None:
    assert texts(" Quoi", " ?", " «", " Non", " »", language="fr") == ["Quoi ?", "« Non »"]
    assert texts(" ¿", "Qué", "?", language="es") == ["¿Qué?"]
    assert texts(" So", " -", " yes", " ...") == ["So", "- yes ..."]
    assert texts(" ...") == []


def test_without_spaces_each_decodable_piece_is_a_word() -> None:
    assert texts("今日", "は", "、", "雨", "。", language="ja") == ["今日", "は、", "雨。"]


def test_tokens_keep_their_positions() -> None:
    pieces = join_subwords([(" don", [1]), ("'t", [2, 3]), (" go", [4]), (".", [5])], "en")
    assert [(piece.tokens, piece.first) for piece in pieces] == [([1, 2, 3], 0), ([4, 5], 3)]


def test_words_start_with_their_first_token_and_probabilities_are_means() -> None:
    pieces = join_subwords([(" one", [1]), (" two", [2]), ("teen", [3])], "en")
    alignment = [(0, 0), (0, 5), (1, 10), (2, 20), (3, 30)]
    one, twoteen = with_times(pieces, alignment, [0.5, 0.6, 0.8], duration_s=1.0)
    assert (one.text, one.start_s, one.end_s, one.probability) == ("one", 0.0, 0.2, 0.5)
    assert (twoteen.start_s, twoteen.end_s) == (0.2, 0.6)
    assert twoteen.probability == pytest.approx(0.7)


def test_no_word_ends_after_the_audio() -> None:
    (word,) = with_times(
        join_subwords([(" late", [1])], "en"), [(0, 40), (1, 80)], [1.0], duration_s=1.0
    )
    assert (word.start_s, word.end_s) == (0.8, 1.0)


def test_a_pause_is_no_part_of_the_words_beside_it() -> None:
    pieces = join_subwords([(" a", [1]), (" b", [2]), (".", [3]), (" c", [4]), (" d", [5])], "en")
    # The alignment added the pause after "b." to "b." and the one after "a" to "a".
    alignment = [(0, 0), (1, 100), (2, 110), (3, 200), (4, 210), (5, 220)]
    a, b, c, _ = with_times(pieces, alignment, [1.0] * 5, duration_s=5.0)
    assert a.end_s - a.start_s < 1.5
    assert a.end_s == 2.0
    assert b.start_s == 2.0
    assert b.end_s < 3.5
    assert c.start_s == 4.0

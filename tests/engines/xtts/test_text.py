"""Where a text is cut for XTTS, and how long it may take."""

from __future__ import annotations

import pytest

from stslocal.engines.xtts.languages import LANGUAGES
from stslocal.engines.xtts.text import MOST_CHARACTERS, expected_s, most_tokens, pieces

pytestmark = pytest.mark.unit


def texts(text: str, language: str = "en") -> list[str]:
    return [piece.text for piece in pieces(text, language)]


def test_there_is_a_limit_for_every_language() -> None:
    assert set(MOST_CHARACTERS) == LANGUAGES


def test_a_sentence_is_a_piece_with_the_pause_after_it() -> None:
    planned = pieces("The train has left the station. We were too late for it!", "en")
    assert [piece.text for piece in planned] == [
        "The train has left the station",
        "We were too late for it!",
    ]
    assert planned[0].pause_s > 0.0
    assert planned[1].pause_s == 0.0


@pytest.mark.parametrize("text", ["", " \n", ".", "...", "?!", "“ ”", "— —"])
def test_a_text_without_a_word_has_no_pieces(text: str) -> None:
    assert texts(text) == []


def test_one_or_two_words_are_joined_to_a_neighbour() -> None:
    assert texts("Yes. I will be there at noon.") == ["Yes . I will be there at noon"]
    assert texts("I will be there at noon. Thank you!") == ["I will be there at noon . Thank you!"]
    assert texts("Yes.") == ["Yes"]


def test_a_full_stop_is_not_read_aloud() -> None:
    assert texts("Olá, sou sua nova voz.", "pt") == ["Olá, sou sua nova voz"]
    assert texts("It took 3.5 seconds for all of it.") == [
        "It took three point five seconds for all of it"
    ]
    assert texts("Is it far? It is far away!") == ["Is it far? It is far away!"]


def test_quotation_marks_are_left_out_and_apostrophes_stay() -> None:
    assert texts("She said, “It's ‘mine’ and the dogs' too!”") == [
        "She said, It's mine and the dogs too!"
    ]


def test_an_ellipsis_is_a_comma() -> None:
    assert texts("I was... well... not there at all...") == ["I was, well, not there at all"]


@pytest.mark.parametrize("language", sorted(MOST_CHARACTERS))
def test_no_piece_passes_the_limit_and_no_word_is_lost(language: str) -> None:
    words = [f"word{chr(97 + number % 26)}" for number in range(200)]
    text = " ".join(words[:90]) + ", " + " ".join(words[90:]) + "."
    found = texts(text, language)
    assert all(len(piece) <= MOST_CHARACTERS[language] for piece in found)
    assert " ".join(found).replace(",", "").split() == words


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("tr", "Oran 0,05 oldu burada", "Oran sıfır virgül sıfır beş oldu burada"),
        ("tr", "Oran 3,5 oldu burada", "Oran üç virgül beş oldu burada"),
        ("tr", "Oran 1.050 oldu burada", "Oran bin elli oldu burada"),
        ("ar", "النسبة هي 3.14 هنا الآن", "النسبة هي ثلاثة فاصلة واحد أربعة هنا الآن"),
        ("ar", "النسبة هي 3,500 هنا الآن", "النسبة هي ثلاثة آلاف وخمسمئة هنا الآن"),
        ("ar", "النسبة هي 35 هنا الآن", "النسبة هي خمسة وثلاثون هنا الآن"),
        ("de", "Es sind 0,05 Meter hier", "Es sind null Komma null fünf Meter hier"),
    ],
)
def test_decimals_that_coqui_says_wrongly(language: str, text: str, spoken: str) -> None:
    assert texts(text, language) == [spoken]


def test_numbers_at_which_coqui_fails_are_rewritten() -> None:
    assert texts("सन 1964 में 3.5 लोग थे", "hi") == ["सन उन्नीस सौ चौंसठ में तीन दशमलव पाँच लोग थे"]
    assert texts("12,34,567 और १०५ और 007", "hi") == [
        "बारह लाख चौंतीस हज़ार पाँच सौ सड़सठ और एक सौ पाँच और शून्य शून्य सात"
    ]
    assert texts("Přijel jsem sem 5. května ráno.", "cs") == ["Přijel jsem sem pátého května ráno"]
    assert texts("Es sind 1234567890123456 Stück.", "de") == [
        "Es sind eins zwei drei vier fünf sechs sieben acht neun null eins zwei drei vier fünf "
        "sechs Stück"
    ]


def test_a_long_sentence_is_cut_between_clauses() -> None:
    clause = "the river rose above its banks in the night and took the bridge with it"
    found = texts(", ".join([clause] * 6) + ".")
    assert found == [", ".join([clause] * 3), ", ".join([clause] * 3)]


def test_chinese_is_cut_without_spaces() -> None:
    text = "早上好我的朋友们" * 20 + "。"
    found = texts(text, "zh")
    assert "".join(found) == "早上好我的朋友们" * 20
    assert max(map(len, found)) <= MOST_CHARACTERS["zh"]


def test_the_expected_time_is_that_of_a_person() -> None:
    english = "The committee will publish its report before the end of the year."
    assert 3.0 < expected_s(english, "en") < 6.0
    assert expected_s("1964", "en") > expected_s("year", "en")


def test_the_most_tokens_are_few_for_a_word_and_enough_for_a_sentence() -> None:
    token_s = 1024 / 22_050
    assert most_tokens("Olá", "pt") * token_s < 2.0
    sentence = "The committee will publish its report before the end of the year"
    assert most_tokens(sentence, "en") * token_s > 2 * expected_s(sentence, "en")

"""The table of everyday utterances: how it is found, and what every line must have."""

from __future__ import annotations

from importlib import resources

import pytest

from stslocal.engines.bergamot import everyday

pytestmark = pytest.mark.unit

LINES = [
    line.split("\t")
    for line in resources.files("stslocal.engines.bergamot")
    .joinpath("everyday.tsv")
    .read_text("utf-8")
    .splitlines()
]


@pytest.mark.parametrize(
    ("sentence", "source", "translation"),
    [
        ("Thank you.", "en", "Obrigado."),
        ("Thank you!", "en", "Obrigado!"),
        ("THANK YOU.", "en", "OBRIGADO."),
        ("thank you", "en", "obrigado"),
        ("entendi", "pt", "I see"),
        ("eua", "pt", "USA"),
        ("Excuse me.", "en", "Com licença."),
        ("Ladies and gentlemen,", "en", "Senhoras e senhores,"),
        ("Shut up.", "en", "Cale a boca."),
        ("Sorry?", "en", "Como?"),
        ("“What’s up?”", "en", "“E aí?”"),
        ("Well...", "en", "Bem..."),
        ("Thank you all.", "en", "Obrigado a todos."),
        ("Socorro!", "pt", "Help!"),
        ("Pois é.", "pt", "That's right."),
        ("Com licença.", "pt", "Excuse me."),
        ("Exatamente.", "pt", "Exactly."),
        ("Cala a boca!", "pt", "Shut up!"),
        ("Obrigada.", "pt", "Thank you."),
        ("The house is red.", "en", None),
        ("Socorro!", "en", None),
    ],
)
def test_an_utterance_is_found_with_its_case_and_marks(
    sentence: str, source: str, translation: str | None
) -> None:
    assert everyday.utterance(sentence, source) == translation


@pytest.mark.parametrize(
    ("sentence", "source", "opened"),
    [
        ("Thank you, doctor.", "en", ("Obrigado,", "doctor.")),
        ("excuse me, where is the station?", "en", ("com licença,", "where is the station?")),
        ("Pois é, João.", "pt", ("That's right,", "João.")),
        ("Man, woman and child.", "en", None),
        ("Thank you.", "en", None),
    ],
)
def test_some_open_a_longer_sentence(
    sentence: str, source: str, opened: tuple[str, str] | None
) -> None:
    assert everyday.opening(sentence, source) == opened


def test_thanks_for_something_are_said_in_words_that_the_models_know() -> None:
    assert everyday.reworded("Thank you for the music.", "en") == "Thanks for the music."
    assert everyday.reworded("Obrigada pela ajuda.", "pt") == "Agradecemos pela ajuda."
    assert everyday.reworded("He said thank you for it.", "en") == "He said thank you for it."


def test_every_line_is_whole_and_stands_once() -> None:
    assert all(len(line) == 3 and all(map(str.strip, line)) for line in LINES)
    keys = [(language, text.removesuffix(",").casefold()) for language, text, _ in LINES]
    assert len(keys) == len(set(keys))
    assert {language for language, _ in keys} == {"en", "pt"}


def test_every_line_is_found() -> None:
    for language, text, translation in LINES:
        assert everyday.utterance(text.removesuffix(","), language) == translation

"""The language that is spoken, decided from uncertain detections."""

from __future__ import annotations

import pytest

from stslocal.translation.spoken_language import SpokenLanguage, likeliest_languages

pytestmark = pytest.mark.unit


def test_the_language_changes_only_on_a_clear_detection() -> None:
    language = SpokenLanguage(None)
    detected = [("cy", 0.3), ("en", 0.5), ("pt", 0.7), ("pt", 0.8), ("en", 0.79)]
    assert [language.update(*one) for one in detected] == ["cy", "en", "en", "pt", "pt"]


def test_a_given_language_never_changes() -> None:
    assert SpokenLanguage("en").update("pt", 1.0) == "en"


@pytest.mark.parametrize(
    ("detected", "languages"),
    [
        ([("pt", 0.79)], "en"),
        ([("pt", 0.81)], "pt"),
        ([("en", 0.9), ("pt", 0.97)], "en pt"),
        ([("en", 0.9), ("pt", 0.94)], "en en"),
        ([("en", 0.9), ("pt", 0.8), ("pt", 0.9)], "en pt pt"),
        ([("en", 0.9), ("pt", 0.97), ("en", 0.8)], "en en en"),  # one phrase alone may be wrong
        ([("en", 0.9), ("pt", 0.99), ("pt", 0.99), ("en", 0.97)], "en pt pt en"),
        ([("pt", 0.99), None, ("pt", 0.99)], "pt pt pt"),
        ([None, None], "en en"),
    ],
)
def test_the_language_of_each_phrase_is_the_likeliest(
    detected: list[tuple[str, float] | None], languages: str
) -> None:
    assert likeliest_languages(detected, "en") == languages.split()


def test_the_first_utterance_may_be_in_any_language() -> None:
    detected = [("en", 0.97), ("pt", 0.99)]
    assert likeliest_languages(detected, "pt", is_first=True) == ["en", "pt"]
    assert likeliest_languages(detected, "pt") == ["pt", "pt"]

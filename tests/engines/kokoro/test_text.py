"""What Kokoro is given to speak: whole sentences, their numbers in words of the right English."""

from __future__ import annotations

import pytest

from stslocal.engines.kokoro.text import pieces

pytestmark = pytest.mark.unit


def spoken(text: str, language: str, *, british: bool = False) -> list[str]:
    planned = pieces(text, language, lambda sentence: sentence, british=british)
    return [piece.phonemes for piece in planned]


def test_a_date_is_said_as_the_voice_says_dates() -> None:
    text = "They met in the old town on 12/05/2024."
    assert spoken(text, "en") == ["They met in the old town on December 5th, 2024."]
    assert spoken(text, "en", british=True) == ["They met in the old town on the 12th of May 2024."]


def test_a_full_stop_of_an_abbreviation_ends_no_piece() -> None:
    assert spoken("We saw Dr. Brown at 9 a.m. on Main St. in town.", "en") == [
        "We saw Doctor Brown at 9 AM on Main Street in town."
    ]
    assert spoken("They all live on Main Street. It is a quiet place.", "en") == spoken(
        "They all live on Main St. It is a quiet place.", "en"
    )


def test_a_text_of_another_script_has_no_pieces() -> None:
    assert spoken("日本語", "en") == []

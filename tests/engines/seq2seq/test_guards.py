from __future__ import annotations

import pytest

from stslocal.engines.seq2seq import guards

pytestmark = pytest.mark.unit

LATIN = ("Latn", "Latn")


def doubt(
    source: str,
    translation: str,
    *,
    lengths: tuple[int, int] = (10, 10),
    scripts: tuple[str, str] = LATIN,
) -> str:
    return guards.doubt(
        source, translation, source_pieces=lengths[0], pieces=lengths[1], scripts=scripts
    )


@pytest.mark.parametrize(
    ("lengths", "found"),
    [
        ((10, 10), ""),
        ((1, 15), ""),
        ((10, 45), ""),
        ((10, 46), guards.TOO_LONG),
        ((10, 2), ""),
        ((11, 2), guards.TOO_SHORT),
        ((9, 1), ""),
    ],
)
def test_a_length_out_of_proportion_is_doubted(lengths: tuple[int, int], found: str) -> None:
    assert doubt("One sentence here.", "Uma frase aqui.", lengths=lengths) == found


def test_an_empty_translation_is_doubted() -> None:
    assert doubt("Hello.", "") == guards.EMPTY


def test_a_loop_is_doubted_unless_the_source_has_one() -> None:
    loop = "e a casa e o mar, " * 6
    assert doubt("And the house and the sea.", loop) == guards.LOOP
    assert doubt("and the house and the sea, " * 6, loop) == ""
    assert doubt("no, no, no, no, no, no, no, no, no!", "não, " * 9) == ""


def test_a_loop_of_letters_is_doubted_in_scripts_without_spaces() -> None:
    assert doubt("The house.", "房子和海" * 5, scripts=("Latn", "Hans")) == guards.LOOP
    assert doubt("The house.", "房子和海边的小路", scripts=("Latn", "Hans")) == ""


@pytest.mark.parametrize(
    ("translation", "scripts", "found"),
    [
        ("Good morning, friends.", ("Latn", "Cyrl"), guards.WRONG_SCRIPT),
        ("Доброе утро, friends.", ("Latn", "Cyrl"), ""),
        ("Good morning, friends.", LATIN, ""),
        ("1964", ("Latn", "Cyrl"), ""),
    ],
)
def test_the_sources_script_is_doubted_where_the_target_has_another(
    translation: str, scripts: tuple[str, str], found: str
) -> None:
    assert doubt("Good morning, friends.", translation, scripts=scripts) == found


def test_japanese_may_be_written_in_the_letters_of_chinese() -> None:
    assert doubt("早上好", "早朝", scripts=("Hans", "Jpan")) == ""


@pytest.mark.parametrize(
    ("text", "script"),
    [("Olá, 1!", "LATIN"), ("Доброе", "CYRILLIC"), ("早上", "CJK"), ("12 …", "")],
)
def test_the_main_script_is_that_of_most_letters(text: str, script: str) -> None:
    assert guards.main_script(text) == script

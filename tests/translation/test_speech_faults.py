"""What is recognized in produced speech, beside the text that was to be spoken."""

from __future__ import annotations

import pytest

from stslocal.translation.speech_faults import (
    LOST_NUMBER,
    LOST_WORDS,
    MORE_WORDS,
    NO_SPEECH,
    OTHER_WORDS,
    REPEATED,
    fault_in,
    has_numbers,
    is_untranslated,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("language", "text", "recognized"),
    [
        # As whisper-base writes good speech of Kokoro.
        ("en", "The meeting starts at 9:30 in room 14.", "The meeting starts at 9.30 in room 14."),
        ("en", "That was the 3rd time this week.", "That was the third time this week."),
        ("en", "She bought 12 eggs.", "She bought twelve eggs."),
        ("en", "He was born on 12 May 1984.", "He was born on May 12th, 1984."),
        ("en", "Nadal bagged 88% net points.", "NADL bagged 88% net points."),
        ("en", "It is minus five degrees outside.", "It is minus 5 degrees outside."),
        ("en", "Winds of 105 miles per hour (165 km/h) blow.",
         "Winds of 105 miles per hour, 165 kilometers an hour, blow."),
        ("pt", "A reunião começa às 9h30 na sala 14.", "A reunião começa às 9 e 30 na sala 14."),
        ("pt", "Temos três pessoas novas.", "Temos 3 pessoas novas."),
        ("pt", "As vendas cresceram 3,5 milhões de euros.",
         "As vendas crescerão três vírgula cinco milhões de euros."),
        ("pt", "Após a corrida, Keselowski se mantém como o líder com 2.250 pontos.",
         "Após a corrida, que eselausquíssima antena como líder com 2.250 pontos."),
        ("pt", "Segundo a lei, muito, muito cedo.", "Segundo a lei, muito, muito cedo."),
        ("pt", "Johnson é o segundo com 2.243 pontos.", "Jonsson é o segundo com 2,243 pontos."),
        ("pt", "Sim.", "Sangue!"),
        ("hi", "यह बैठक कल सुबह है।", "یہ بیٹھک کل صبح ہے"),
    ],
)  # fmt: skip
def test_good_speech_has_no_fault(language: str, text: str, recognized: str) -> None:
    assert fault_in(text, recognized, language) == ""


@pytest.mark.parametrize(
    ("fault", "language", "text", "recognized"),
    [
        (LOST_NUMBER, "pt", "Ela comprou 12 ovos hoje.", "Ela comprou ovos hoje."),
        (LOST_NUMBER, "pt", "Temos 3 pessoas novas.", "Temos 13 pessoas novas."),
        (LOST_NUMBER, "en", "It costs $25 a month.", "It costs $35 a month."),
        (LOST_NUMBER, "en", "The train leaves at 9:30 today.", "The train leaves at 9:40 today."),
        (LOST_NUMBER, "en", "Call room 4 before the year 2024.", "Call room before the year 2024."),
        (LOST_WORDS, "en", "Please send the long report by Friday.", "Please send by Friday."),
        (LOST_WORDS, "pt", "A reunião começa amanhã na sala azul.", "A reunião começa amanhã."),
        (REPEATED, "en", "Let me show you how it works.",
         "Let me show you how it works, how it works."),
        (REPEATED, "pt", "Acho que é uma boa ideia.",
         "Acho que é uma boa ideia. Acho que é uma boa ideia."),
        (REPEATED, "hi", "यह बैठक कल सुबह है।", "यह बैठक कल यह बैठक कल सुबह है।"),
        (MORE_WORDS, "en", "Let me show you how it works.",
         "Let me show you how it works. Ardle bardle mingo sa."),
        (OTHER_WORDS, "en", "Let me show you how it works.", "Ardle bardle, mingo sat in fubba."),
        (NO_SPEECH, "en", "Let me show you how it works.", ""),
    ],
)  # fmt: skip
def test_a_fault_is_named(fault: str, language: str, text: str, recognized: str) -> None:
    assert fault_in(text, recognized, language) == fault


def test_numbers_that_speech_must_have_are_found() -> None:
    assert has_numbers("Ela comprou 12 ovos.", "pt")
    assert has_numbers("Cheguei às 9h30.", "pt")
    assert not has_numbers("Acho que é uma boa ideia.", "pt")


@pytest.mark.parametrize(
    ("source", "translation", "is_source"),
    [
        ("I think that is a good idea.", "I think that is a good idea.", True),
        ("I think that is a good idea.", "I think that is good idea.", True),
        ("I think that is a good idea.", "Acho que é uma boa ideia.", False),
        ("Estas tormentas traen ráfagas de hasta 480 km/h (133 m/s; 300 mph).",
         "Estas tempestades trazem ventos de até 480 km/h (133 m/s; 300 mph).", False),
        ("Ana Silva, Lisboa, Portugal", "Ana Silva, Lisboa, Portugal", False),
        ("No, no.", "No, no.", False),
    ],
)  # fmt: skip
def test_a_translation_that_is_its_source_is_found(
    source: str, translation: str, is_source: bool
) -> None:
    assert is_untranslated(source, translation) is is_source

"""Speech of which nothing comes is found and said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stslocal.translation.dropped import (
    doubtful,
    notice,
    places_of,
    sentence,
    without_result,
    without_words,
)
from stslocal.types import Dropped, Samples, Segment, SpokenSegment, TranslatedSegment, Word

pytestmark = pytest.mark.unit


def words(*spans: tuple[float, float]) -> list[Word]:
    return [Word("word", start_s, end_s, 0.9) for start_s, end_s in spans]


def spans(dropped: list[Dropped]) -> list[tuple[float, float]]:
    return [(one.start_s, one.end_s) for one in dropped]


def test_speech_without_any_word_is_dropped() -> None:
    (found,) = without_words([(2.0, 4.0), (4.5, 6.0)], [])
    assert found == Dropped(2.0, 6.0, "no words")


def test_less_than_a_second_is_not_reported() -> None:
    assert without_words([(2.0, 2.9)], []) == []
    assert spans(without_words([(2.0, 3.0)], [])) == [(2.0, 3.0)]


def test_speech_near_a_word_is_the_words() -> None:
    speech = [(0.0, 5.0)]
    assert without_words(speech, words((0.4, 1.5), (2.4, 3.4), (4.2, 4.6))) == []
    assert spans(without_words(speech, words((0.4, 1.5)))) == [(2.0, 5.0)]
    assert spans(without_words(speech, words((3.0, 4.6)))) == [(0.0, 2.5)]
    assert spans(without_words([(0.0, 9.0)], words((0.0, 1.0), (8.0, 9.0)))) == [(1.5, 7.5)]


def test_pauses_are_no_speech() -> None:
    """Two short bursts with words between them are two stretches, each too short."""
    assert without_words([(0.0, 0.7), (5.0, 5.7)], words((2.0, 3.0))) == []
    assert without_words([], words((2.0, 3.0))) == []


def test_a_guard_gives_the_reason_and_the_text() -> None:
    rejected = [Dropped(0.0, 1.0, "no speech", "you"), Dropped(3.0, 6.0, "repetition", "a a a")]
    (found,) = without_words([(3.2, 5.8)], words((1.0, 2.0)), rejected)
    assert (found.reason, found.text) == ("repetition", "a a a")


def spoken(text: str, translation: str, samples: Samples) -> SpokenSegment:
    segment = Segment(0, 1.0, 3.0, text, "en")
    item = TranslatedSegment(segment, translation, "pt", 0.0)
    return SpokenSegment(item, samples, 24_000, "voice", 1.0, 0.0)


TONE = np.full(100, 0.1, np.float32)
LONG = "Olá a todos os que estão aqui e a todos os que não estão."


@pytest.mark.parametrize(
    ("translation", "samples", "reason", "text"),
    [
        ("", TONE, "no translation", "Hello."),
        ("...", TONE, "no translation", "Hello."),
        ("Olá.", TONE[:0], "no sound", "Olá."),
        ("Olá.", 0 * TONE, "no sound", "Olá."),
        ("Olá.", np.nan * TONE, "no sound", "Olá."),
        (LONG, TONE, "the translation is out of proportion", LONG),
    ],
)
def test_an_engine_that_gives_nothing_is_noticed(
    translation: str, samples: Samples, reason: str, text: str
) -> None:
    assert without_result(spoken("Hello.", translation, samples)) == Dropped(1, 3, reason, text)


def test_a_translation_without_the_second_half_of_its_sentence_is_noticed() -> None:
    segment = Segment(0, 1.0, 6.0, "The ship left at dawn and nobody knew where it went.", "en")
    item = TranslatedSegment(segment, "O navio partiu de manhã.", "pt", 0.0)
    assert doubtful(item) == [Dropped(1, 6, "a part of it may be missing", item.text)]
    assert doubtful(replace(item, is_part=True)) == []


def test_what_has_a_result_or_no_words_is_not_dropped() -> None:
    assert without_result(spoken("Hello.", "Olá.", TONE)) is None
    assert without_result(spoken("...", "", TONE[:0])) is None


def test_one_sentence_says_where() -> None:
    dropped = [Dropped(4.2, 15.0, "repetition"), Dropped(3700.0, 3702.0, "no sound")]
    assert sentence(dropped) == (
        "13 s of speech are not in the translation: 0:04 to 0:15 (repetition), 1:01:40 to 1:01:42 "
        "(no sound); listen to the recording there"
    )
    assert "and 3 more" in sentence([Dropped(n, n + 1.0, "no words") for n in range(7)])


def test_spans_that_nearly_touch_are_written_as_one_place() -> None:
    assert places_of([(0.0, 8.5), (10.0, 65.2), (90.0, 93.0)]) == "0:00 to 1:05, 1:30 to 1:33"
    assert places_of((10.0 * n, 10.0 * n + 1) for n in range(6)).endswith("and 2 more")


def test_doubtful_translations_are_said_so() -> None:
    doubt = Dropped(4.2, 15.0, "the translation is out of proportion", "Olá")
    assert sentence([doubt]) == (
        "11 s of speech are missing or doubtful in the translation: 0:04 to 0:15 "
        "(the translation is out of proportion); listen to the recording there"
    )
    assert notice(doubt) == (
        "what was said from 0:04 to 0:15 may be translated wrongly: "
        "the translation is out of proportion"
    )

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stslocal.engines.whisper import guards
from stslocal.engines.whisper.voice import Voice
from stslocal.types import RECOGNITION_RATE, WINDOW_S, Samples, Word

pytestmark = pytest.mark.unit

FINE: dict[str, Any] = {"avg_logprob": -0.3, "no_speech_probability": 0.05, "capped": False}


@pytest.mark.parametrize(
    "text",
    [
        "Ask not what your country can do for you, ask what you can do for your country.",
        "No, no, no, no.",
        "The rain in Spain stays mainly in the plain, and the rain in France does not.",
        "",
    ],
)
def test_what_people_say_is_not_doubted(text: str) -> None:
    assert guards.doubt(text, **FINE) == ""


@pytest.mark.parametrize(
    "text",
    [
        "five " * 8,
        "1.0.1.1.1.1.1.1.1.1.1",
        "I am not sure I am not sure I am not sure.",
        "What is that? What is that? What is that? What is that?",
        "A" * 200,
    ],
)
def test_loops_are_doubted(text: str) -> None:
    assert guards.doubt(text, **FINE) == guards.LOOP


def test_a_text_that_reached_the_token_cap_is_a_loop() -> None:
    assert guards.doubt("a b c", **{**FINE, "capped": True}) == guards.LOOP
    assert guards.token_cap(1.0) < guards.token_cap(10.0) < 200


def test_no_speech_needs_both_probabilities() -> None:
    silent = {**FINE, "no_speech_probability": 0.9}
    assert guards.doubt("Thank you.", **silent) == ""
    assert guards.doubt("Thank you.", **{**silent, "avg_logprob": -1.2}) == guards.SILENT
    unsure = {**FINE, "no_speech_probability": 0.4, "avg_logprob": -0.9}
    assert guards.doubt("Thank you.", **unsure) == ""


def test_text_of_fair_probability_is_doubted_where_there_is_surely_no_speech() -> None:
    breath = {**FINE, "no_speech_probability": 0.84, "avg_logprob": -0.91}
    assert guards.doubt("Thank you very much.", **breath) == guards.SILENT


def test_words_of_low_mean_probability_are_improbable() -> None:
    assert guards.improbable([0.1, 0.3, 0.2])
    assert not guards.improbable([0.4, 0.9, 0.6])
    assert not guards.improbable([])


def said(text: str, *, start_s: float = 0.0, probability: float = 0.9) -> list[Word]:
    """Three words a second."""
    return [
        Word(word, start_s + n / 3, start_s + (n + 1) / 3, probability)
        for n, word in enumerate(text.split())
    ]


class Speaks(Voice):
    """A voice that speaks in the given spans, as the detector would find."""

    def __init__(self, *spans: tuple[float, float], seconds: float = 20.0) -> None:
        super().__init__(np.zeros(round(seconds * RECOGNITION_RATE), np.float32))
        times = np.arange(0.0, seconds, WINDOW_S)
        self.__dict__["_windows"] = np.any(
            [(times >= start_s) & (times < end_s) for start_s, end_s in (*spans, (0.0, 0.0))],
            axis=0,
        )


NOBODY = Speaks()


def test_words_faster_than_speech_are_too_fast() -> None:
    words = said("this is the first time that I have ever seen")
    assert not guards.too_fast(words, NOBODY)
    last_s = words[-1].end_s
    assert guards.too_fast(at(words, last_s), Speaks((0, 5))), "so many words cannot be crowded"
    assert not guards.too_fast(at(words[:2], 1.0), NOBODY)
    assert not guards.too_fast([], NOBODY)


def test_a_few_words_have_the_time_of_the_voice() -> None:
    """`I do not know` of 0.6 s, which the alignment put into one place."""
    words = at(said("I do not know"), 0.3)
    assert not guards.too_fast(words, Speaks((0.1, 0.7)))
    assert guards.too_fast(words, Speaks((0.1, 0.3))), "0.2 s are too short for four words"
    assert guards.too_fast(words, NOBODY)


def at(words: list[Word], at_s: float) -> list[Word]:
    return [replace(word, start_s=at_s, end_s=at_s) for word in words]


@pytest.mark.parametrize(
    "text", ["Well, " + "no, " * 9 + "I will not.", "Yes we can. " * 4, "Come on, " * 6 + "please."]
)
def test_a_loop_that_somebody_speaks_is_no_invention(text: str) -> None:
    words = said(text)
    assert guards.doubt(text, **FINE) == guards.LOOP
    assert guards.loop_is_spoken(words, Speaks((0, words[-1].end_s)))
    assert not guards.loop_is_spoken(words, NOBODY), "nobody speaks"
    assert not guards.loop_is_spoken(words, Speaks((0, words[-1].end_s / 2))), "only half is said"
    fast = [replace(w, start_s=w.start_s / 4, end_s=w.end_s / 4) for w in words]
    assert not guards.loop_is_spoken(fast, Speaks((0, 20))), "12 words a second"
    assert not guards.loop_is_spoken(said(text, probability=0.3), Speaks((0, 20))), "guesses"


def test_a_loop_within_a_word_is_an_invention() -> None:
    assert not guards.loop_is_spoken(said("1.0.1.1.1.1.1.1.1.1.1"), Speaks((0, 20)))


def test_one_improbable_word_is_an_answer_where_a_voice_gives_it() -> None:
    scores = {"avg_logprob": -0.95, "no_speech_probability": 0.3}
    stop = said("Stop!", probability=0.2)
    assert guards.is_short_answer(stop, Speaks((0.2, 0.6)), **scores)
    assert not guards.is_short_answer(stop, NOBODY, **scores)
    assert not guards.is_short_answer(stop, Speaks((0.2, 0.3)), **scores), "a click"
    assert not guards.is_short_answer(stop, Speaks((0, 5)), **scores), "5 s are no word"
    assert not guards.is_short_answer([], Speaks((0.2, 0.6)), **scores)
    assert not guards.is_short_answer(said("Stop!", probability=0.05), Speaks((0.2, 0.6)), **scores)
    breath = {"avg_logprob": -0.95, "no_speech_probability": 0.8}
    assert not guards.is_short_answer(stop, Speaks((0.2, 0.6)), **breath)
    stock = said("Thank you.", probability=0.2)
    assert not guards.is_short_answer(stock, Speaks((0.2, 0.6)), **scores)


def voice(seconds: float, *, then: float = 0.0, level: float = 0.01) -> Samples:
    """Noise as loud as a voice for `seconds`, and then noise as quiet as a breath."""
    noise = np.random.default_rng(4).normal(size=round((seconds + then) * RECOGNITION_RATE))
    envelope = np.where(np.arange(len(noise)) < seconds * RECOGNITION_RATE, 0.2, level)
    return (noise * envelope).astype(np.float32)


def sound(seconds: float, *, then: float = 0.0) -> Voice:
    """Loud for `seconds`, then quiet; the detector finds no speech in it."""
    return Voice(voice(seconds, then=then))


def test_a_stock_phrase_of_a_much_quieter_speaker_is_kept() -> None:
    words = [*said(TALK), *said("Thank you very much.", start_s=2.0)]
    quiet = Speaks((0, 1.7), (2.0, 3.3))
    assert quiet.end_s < 2.0
    assert guards.invented_ending(words, quiet) == 0


TALK = "The stars are far away."


@pytest.mark.parametrize("ending", ["Thank you very much.", "Thank you. Bye-bye!", "Obrigado."])
def test_a_stock_phrase_after_the_end_of_the_voice_is_invented(ending: str) -> None:
    words = [*said(TALK), *said(ending, start_s=2.0)]
    assert guards.invented_ending(words, sound(1.8, then=2.0)) == len(ending.split())
    assert guards.invented_ending(words, sound(3.8)) == 0, "the voice says it"
    assert guards.invented_ending(said(ending), NOBODY)


def test_an_improbable_stock_phrase_is_invented_at_any_time() -> None:
    words = [*said(TALK), *said("Thank you very much.", start_s=1.7)]
    assert guards.invented_ending(words, sound(3.0)) == 0
    unsure = [0.03, 0.97, 0.07, 0.84]
    words[-4:] = [replace(word, probability=p) for word, p in zip(words[-4:], unsure, strict=True)]
    assert guards.invented_ending(words, sound(3.0)) == 4


def test_only_a_sentence_of_its_own_is_a_stock_phrase() -> None:
    for text in (TALK, "I do not know how to thank you.", "Thank you for the stars.", ""):
        assert guards.invented_ending(said(text, probability=0.1), sound(0.1, then=5.0)) == 0


def test_the_voice_ends_where_it_is_no_longer_loud() -> None:
    assert Voice(voice(1.8, then=2.0)).end_s == pytest.approx(1.8, abs=0.03)
    assert Voice(voice(1.8)).end_s == pytest.approx(1.8, abs=0.03)


def test_nobody_speaks_before_the_beginning() -> None:
    """A float zero was taken for an index: words that end at 0 s crashed recognition."""
    assert Voice(voice(1.0)).seconds(0.0, 0.0) == 0.0
    assert Voice(np.zeros(RECOGNITION_RATE, np.float32)).end_s == 0.0
    assert Voice(np.zeros(10, np.float32)).end_s == 0.0

"""What people say on purpose is recognized: repetitions, and answers of one word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from corpus import normalized
from espeak import speech
from recognition import Recognizer, spaced

from stslocal.files.stages import Recognize
from stslocal.translation.segmentation import Segmenter
from stslocal.types import RECOGNITION_RATE, Samples
from tests.sounds import NOT_SPOKEN

pytestmark = pytest.mark.real

YES_WE_CAN = (
    "My friends, the answer tonight is simple. Yes we can. Yes we can. Yes we can. Yes we can. "
    "Thank you, and God bless America."
)
NO = (
    "He asked me to sign the paper. No, no, no, no, no, no, no, no, I know him, I will never do "
    "that."
)


@pytest.fixture(scope="module")
def recognizer(starter_models: Path) -> Recognizer:
    return Recognizer(starter_models / "whisper-base")


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RECOGNITION_RATE), np.float32)


@pytest.mark.parametrize(
    ("text", "phrase", "least", "ending"),
    [
        (YES_WE_CAN, "yes we can", 4, "god bless america"),
        (NO, "no", 7, "i will never do that"),
        (
            "Come on, come on, come on, come on, come on, come on, we are late.",
            "come on",
            5,
            "late",
        ),
        ("Never give up. Never give up. Never give up. That is all.", "never give up", 3, "all"),
    ],
    ids=["yes we can", "no", "come on", "three times"],
)
def test_a_repetition_is_kept_with_what_stands_beside_it(
    recognizer: Recognizer, text: str, phrase: str, least: int, ending: str
) -> None:
    found = normalized(recognizer.text(speech(text), "en"))
    assert spaced(found).count(spaced(phrase)) >= least
    assert ending in found


@pytest.mark.parametrize("text", ["Stop!", "Help!", "Ten.", "Yes.", "Tomorrow.", "Thank you."])
def test_an_answer_of_one_word_is_not_dropped(recognizer: Recognizer, text: str) -> None:
    assert recognizer.text(np.concatenate([silence(0.6), speech(text), silence(0.8)]), "en")


def test_a_much_quieter_speaker_is_recognized_after_a_loud_one(recognizer: Recognizer) -> None:
    quiet = 0.02 * speech("Television reports show white smoke from the plant.", voice="en-gb")
    loud = speech("My friends, the answer tonight is simple.")
    stage = Recognize(recognizer.whisper, Segmenter("en"), language="en")
    found = [
        segment.text
        for utterance in recognizer.utterances(np.concatenate([loud, quiet, silence(0.5)]))
        for segment in stage.process(utterance)
    ]
    found += [segment.text for segment in stage.finish()]
    # eSpeak's sound differs a little from call to call: "smoke" may become "snow".
    assert {"friends", "reports", "plant"} <= set(normalized(" ".join(found)).split())


@pytest.mark.parametrize("name", NOT_SPOKEN)
def test_where_the_sound_does_not_speak_a_piece_of_any_length_gives_nothing(
    recognizer: Recognizer, name: str
) -> None:
    sound = NOT_SPOKEN[name]()
    for seconds in (0.5, 1.0, 2.5):
        piece = sound[RECOGNITION_RATE:][: round(seconds * RECOGNITION_RATE)]
        assert recognizer.whisper.transcribe(piece, language="en").text == ""

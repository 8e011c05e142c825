"""Speakers whose sex is known get a voice of their register, from the real speaker encoder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from corpus import Corpus

from stslocal.audio.decode import read_audio
from stslocal.engines.kokoro.voice_matching import StyleMatcher
from stslocal.engines.speaker.ge2e import Ge2eEncoder
from stslocal.types import RECOGNITION_RATE, Samples
from tests.engines.kokoro.test_registers import Styles

pytestmark = pytest.mark.real

OWN = {"jfk": "m", "ljspeech-2": "f", "ljspeech-5": "f", "casmurro-2": "f", "sonnet": "f"}
LARGER = {
    "jfk": "m", "hifi_tts_6097": "m", "ljspeech_050": "f", "tts_portuguese_corpus": "m",
    "common_voice_pt_yourtts/PT-F": "f", "mls_pt_yourtts/11995": "f", "mls_pt_yourtts/12287": "m",
    "mls_pt_yourtts/4367": "m", "mls_pt_yourtts/7925": "f", "vctk_yourtts/p225": "f",
    "vctk_yourtts/p234": "f", "vctk_yourtts/p245": "m", "librispeech_test_other/1688": "f",
    "librispeech_test_other/1998": "f", "asterisk_prompts/en": "f", "asterisk_prompts/it": "m",
}  # fmt: skip
"""By the beginning of the path in the set. LibriSpeech and VCTK list the sex of their readers."""
STEPS_S = (3, 8, 20)
"""Seconds of speech from which a live session makes its voices."""


@pytest.fixture(scope="module")
def matcher(starter_models: Path) -> StyleMatcher:
    return StyleMatcher(Ge2eEncoder.load(starter_models / "ge2e"), Styles())


def sexes(matcher: StyleMatcher, speech: Samples, language: str) -> set[str]:
    """The sex of the voices that speak while a session goes on, and of each that was made."""
    found = set()
    for seconds in STEPS_S:
        if len(speech) >= min(seconds, 3) * RECOGNITION_RATE:
            reference = speech[: seconds * RECOGNITION_RATE]
            voice = matcher.clone(reference, RECOGNITION_RATE, name="match", language=language)
            found.add(voice.provenance["styles"][1])
    return found


@pytest.mark.parametrize("language", ["en", "pt"])
@pytest.mark.parametrize("name", OWN)
def test_of_our_own_recordings(
    name: str, language: str, matcher: StyleMatcher, recordings: Corpus
) -> None:
    (clip,) = recordings.named(name)
    assert sexes(matcher, read_audio(clip.path), language) == {OWN[name]}


@pytest.mark.parametrize("language", ["en", "pt"])
def test_of_the_larger_set(language: str, matcher: StyleMatcher, larger_recordings: Corpus) -> None:
    wrong = []
    counted: Counter[str] = Counter()
    for start, sex in LARGER.items():
        clips = [clip for clip in larger_recordings.clips if f"audio/{start}" in str(clip.path)]
        speech = np.concatenate([read_audio(clip.path) for clip in clips[:6]])
        for begin in range(0, len(speech) - 3 * RECOGNITION_RATE, 8 * RECOGNITION_RATE):
            piece = speech[begin : begin + 20 * RECOGNITION_RATE]
            counted[sex] += 1
            if sexes(matcher, piece, language) != {sex}:
                wrong.append((start, begin // RECOGNITION_RATE))
    assert min(counted["m"], counted["f"]) >= 10
    assert wrong == []


@pytest.mark.parametrize("language", ["en", "pt"])
@pytest.mark.parametrize(("first", "second"), [("jfk", "ljspeech-2"), ("ljspeech-2", "jfk")])
def test_a_pause_or_another_speaker_in_between_does_not_change_the_voice(
    first: str, second: str, language: str, matcher: StyleMatcher, recordings: Corpus
) -> None:
    one, other = (read_audio(clip.path) for clip in recordings.named(first, second))
    begin, rest = np.split(one, [3 * RECOGNITION_RATE])
    pause = np.zeros(20 * RECOGNITION_RATE, np.float32)
    speaks = matcher.clone(begin, RECOGNITION_RATE, name="match", language=language)
    for more in ((pause,), (other,), (pause, other, rest), (rest, other, other)):
        speech = np.concatenate([begin, *more])
        later = matcher.clone(speech, RECOGNITION_RATE, name="match", language=language)
        assert matcher.steady(speaks, later) is speaks

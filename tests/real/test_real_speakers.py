"""The speakers of a dialogue of real voices are found by the real speaker encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from corpus import Corpus

from stslocal.audio.decode import read_audio
from stslocal.engines import registry
from stslocal.engines.kokoro.voice_matching import StyleMatcher
from stslocal.engines.speaker.ge2e import Ge2eEncoder
from stslocal.models.store import ModelStore
from stslocal.types import RECOGNITION_RATE, Samples
from stslocal.voices.diarization import EncoderDiarizer
from tests.engines.kokoro.test_registers import Styles

pytestmark = pytest.mark.real

TURNS = ("jfk", "ljspeech-2", "jfk", "ljspeech-5")
"""A man and a woman in turn."""
TURN_S, PAUSE_S = 4.0, 0.3


@pytest.fixture(scope="module")
def encoder(starter_models: Path) -> Ge2eEncoder:
    return Ge2eEncoder.load(starter_models / "ge2e")


@pytest.fixture(scope="module")
def dialogue(recordings: Corpus) -> Samples:
    pause = np.zeros(round(PAUSE_S * RECOGNITION_RATE), np.float32)
    length = round(TURN_S * RECOGNITION_RATE)
    clips = [read_audio(clip.path)[:length] for clip in recordings.named(*TURNS)]
    return np.concatenate([part for clip in clips for part in (clip, pause)])


@pytest.mark.parametrize("speakers", [None, 2])
def test_a_man_and_a_woman_in_turn_are_found(
    encoder: Ge2eEncoder, dialogue: Samples, speakers: int | None
) -> None:
    vad = registry.create(registry.VAD, "auto", ModelStore.discover())
    turns = EncoderDiarizer(vad, encoder).diarize([dialogue], speakers=speakers)
    assert {turn.speaker for turn in turns} == {"S1", "S2"}
    wrong_s = 0.0
    for turn in turns:
        middle_s = (turn.start_s + turn.end_s) / 2
        number = int(middle_s / (TURN_S + PAUSE_S))
        if turn.speaker != ("S1", "S2")[number % 2]:
            wrong_s += turn.end_s - turn.start_s
    assert wrong_s < 0.5


def test_two_who_are_alike_get_different_voices(encoder: Ge2eEncoder, recordings: Corpus) -> None:
    matcher = StyleMatcher(encoder, Styles())
    references = [read_audio(clip.path) for clip in recordings.named("ljspeech-2", "ljspeech-5")]
    first, second = (
        matcher.clone(each, RECOGNITION_RATE, name="match", language="pt") for each in references
    )
    assert first.provenance["styles"] == second.provenance["styles"]  # it is one person
    apart = matcher.apart(second, [first])
    assert apart.provenance["styles"] != first.provenance["styles"]
    assert apart.provenance["register"] == first.provenance["register"]
    assert matcher.apart(first, []) is first
    poor = matcher.clone(np.zeros(16_000, np.float32), 16_000, name="match", language="pt")
    assert matcher.apart(poor, [poor]).provenance["styles"] != poor.provenance["styles"]

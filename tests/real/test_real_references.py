"""Music and two speakers are no reference; one speaker always is. With the starter pack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from corpus import Clip, Corpus

from stslocal.audio.decode import read_audio
from stslocal.engines.speaker.reference import judge_reference
from stslocal.loading.load import load_speaker_judges
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.types import RECOGNITION_RATE, Samples
from stslocal.voices.speakers import SpeakerEvidence, judge_speakers

pytestmark = pytest.mark.real

NO_SPEAKER = ("music_moh", "noise_speechbrain")
SEVERAL_SPEAKERS = ("dialogue",)
UNKNOWN = "FLEURS"
"""Its speakers have no names, so two clips may be of one speaker."""
LONGEST_S = 15.0


@pytest.fixture(scope="module")
def judges(starter_models: Path) -> object:
    return load_speaker_judges(ModelStore(starter_models, load_manifest()))


def judged(judges: object, audio: Samples) -> SpeakerEvidence:
    return judge_speakers(audio, *judges)  # type: ignore[misc]


def speakers(corpus: Corpus) -> list[Clip]:
    """The clips of one speaker each."""
    return [clip for clip in corpus.clips if clip.group not in NO_SPEAKER + SEVERAL_SPEAKERS]


def level(audio: Samples) -> Samples:
    audio = audio[: round(LONGEST_S * RECOGNITION_RATE)]
    return audio * np.float32(0.05 / np.sqrt(np.mean(np.square(audio, dtype=np.float64))))


def test_one_speaker_is_accepted(judges: object, corpus: Corpus) -> None:
    clips = speakers(corpus)
    found = {clip.name: judged(judges, read_audio(clip.path)).fault for clip in clips}
    usable = {
        clip.name
        for clip in clips
        if judge_reference(read_audio(clip.path), RECOGNITION_RATE).usable
    }
    assert len(usable) >= 7
    assert [(name, found[name]) for name in usable if found[name]] == []


def test_two_speakers_one_after_the_other_are_refused(judges: object, corpus: Corpus) -> None:
    by_speaker = {
        clip.speaker: read_audio(clip.path)
        for clip in speakers(corpus)
        if UNKNOWN not in clip.speaker and clip.duration_s > 6.0
    }
    voices = list(by_speaker.values())[:12]
    assert len(voices) >= 3
    accepted = []
    for number, first in enumerate(voices):
        second = voices[(number + 1) % len(voices)]
        both = np.concatenate([level(first), level(second)])
        if not judged(judges, both).fault:
            accepted.append(number)
    assert accepted == []


@pytest.mark.parametrize("name", ["falcon_test", "leopard_diarization_test"])
def test_a_conversation_is_refused(judges: object, larger_recordings: Corpus, name: str) -> None:
    (clip,) = larger_recordings.named(name)
    assert "two persons seem to speak" in judged(judges, read_audio(clip.path)).fault


def test_recorded_music_is_refused(judges: object, larger_recordings: Corpus) -> None:
    clips = [clip for clip in larger_recordings.clips if clip.group in NO_SPEAKER]
    assert len(clips) == 3
    for clip in clips:
        assert "music or noise" in judged(judges, read_audio(clip.path)).fault


def test_played_notes_are_refused(judges: object) -> None:
    random = np.random.default_rng(1)
    music = np.zeros(12 * RECOGNITION_RATE)
    at = np.arange(RECOGNITION_RATE) / RECOGNITION_RATE
    for start in range(0, 11 * RECOGNITION_RATE, RECOGNITION_RATE // 4):
        hertz = 110.0 * 2 ** (random.integers(0, 36) / 12)
        harmonics = sum(np.sin(2 * np.pi * hertz * k * at) / k for k in range(1, 9))
        music[start : start + len(at)] += harmonics * np.exp(-3 * at)
    music *= 0.7 / np.abs(music).max()
    assert "music or noise" in judged(judges, music.astype(np.float32)).fault

"""Engines on a lexicon, and a recording to translate with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from stslocal.files.plan import FileTask
from stslocal.loading.engines import Engines, Threads
from stslocal.results.session import SessionModel
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def engines(lexicon: Lexicon) -> Engines:
    return fake_engines(
        lexicon,
        threads=Threads(recognition=1, synthesis=1, synthesis_workers=2),
        models={
            "fake-recognizer": (
                SessionModel("recognizer", "fake-recognizer", "recognizer-model", {"a.bin": "00"}),
            ),
            "words": (SessionModel("translator", "words", "word-model", {}),),
            "fake-synthesizer": (
                SessionModel("synthesizer", "fake-synthesizer", "synthesizer-model", {}),
            ),
        },
    )


@pytest.fixture
def task(tmp_path: Path, lexicon: Lexicon) -> FileTask:
    recording = lexicon.script((0.2, "good day to you."), (4.0, "it rains and rains."))
    source = tmp_path / "talk.wav"
    soundfile.write(source, recording, RECOGNITION_RATE, subtype="FLOAT")
    return FileTask(source, tmp_path / "out" / "talk.pt.wav", "talk.pt", "pt")


@pytest.fixture
def kept_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the loudness of the speech as it is: the words of the fakes are levels."""
    monkeypatch.setattr(
        "stslocal.files.mixdown.sentence_gains",
        lambda sentences, recording: [1.0] * len(sentences),
    )
    monkeypatch.setattr(
        "stslocal.files.redo_sound.OldSound.levelled", lambda self, number, piece: piece
    )

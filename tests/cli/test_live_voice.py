"""`stslocal live --keep-voice`, on fake engines and in real time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import soundfile

from stslocal.cli import main
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from stslocal.voices.store import VoiceStore
from tests.fake_engines import fake_engines
from tests.fakes import (
    FakeCloner,
    Lexicon,
)

pytestmark = pytest.mark.unit


class SlowCloner(FakeCloner):
    """Its voice is ready only after the last segment has begun."""

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        time.sleep(1.5)
        return super().clone(reference, sample_rate, name=name, language=language)


@pytest.mark.parametrize(("words", "kept"), [(12, True), (4, False)])
def test_a_voice_that_is_ready_after_the_last_segment_is_kept(
    words: int,
    kept: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lexicon = Lexicon()
    recording = tmp_path / "talk.wav"
    said = lexicon.script((0.2, " ".join(f"word{n}" for n in range(words)) + "."))
    soundfile.write(recording, said, RECOGNITION_RATE, subtype="FLOAT")
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path / "voices"))
    engines = fake_engines(lexicon, cloner=SlowCloner())
    monkeypatch.setattr("stslocal.loading.load.check_run", lambda *_: None)
    monkeypatch.setattr("stslocal.loading.load.load_engines", lambda *_, **__: engines)
    options = ["--from", "en", "--to", "pt", "--simulate", str(recording)]
    assert main(["live", *options, "--keep-voice", "me"]) == 0
    err = capsys.readouterr().err
    assert ("me" in VoiceStore()) is kept
    if kept:
        assert "the voice me is saved" in err
    else:
        assert "warning: the voice me is not saved: 1.1 s of speech were clear enough" in err
        assert "2 s are needed: speak for longer" in err


def test_the_voice_of_a_reference_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lexicon = Lexicon()
    recording = tmp_path / "talk.wav"
    soundfile.write(recording, lexicon.script((0.2, "Good morning.")), RECOGNITION_RATE)
    engines = fake_engines(lexicon, cloner=FakeCloner())
    monkeypatch.setattr("stslocal.cli.live_checks.check_reference", lambda *_: None)
    monkeypatch.setattr("stslocal.loading.load.check_run", lambda *_: None)
    monkeypatch.setattr("stslocal.loading.load.load_engines", lambda *_, **__: engines)
    options = ["--from", "en", "--to", "pt", "--simulate", str(recording)]
    assert main(["live", *options, "--reference", str(recording)]) == 0
    assert "\nthe voice: a clone of it\n" in capsys.readouterr().err

"""Voices made from a recording and saved, with the starter pack's weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from corpus import Corpus

from stslocal.audio.decode import read_audio
from stslocal.loading.engines import Engines
from stslocal.results.session import read_session
from stslocal.samples import BundledClip
from stslocal.types import RECOGNITION_RATE, VoiceProfile
from stslocal.voices.store import VoiceStore
from tests.real.conftest import Command

pytestmark = pytest.mark.real

SAMPLES = Path(__file__).parents[2] / "stslocal" / "samples"
PORTUGUESE = SAMPLES / "public-domain.pt.ogg"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path / "voices"))
    monkeypatch.chdir(tmp_path)


def test_a_voice_is_enrolled_tried_and_used(
    stslocal: Command, engines: Engines, bundled_clip: BundledClip
) -> None:
    ran = stslocal(
        "voices", "enroll", "maria", bundled_clip.path, "--consent", "in the public domain",
        "--to", "pt", "--json",
    )  # fmt: skip
    made = json.loads(ran.out)["voice"]
    assert made["engine"] == "kokoro"
    assert made["quality"]["faults"] == []
    assert made["provenance"]["model"] == "kokoro-82m-int8"
    assert float(made["provenance"]["similarity"]) > 0.5

    ran = stslocal("voices", "test", "maria", "Bom dia a todos, meus amigos.", "--to", "pt")
    spoken = read_audio(Path(ran.out.strip()))
    text = engines.recognizer.transcribe(spoken, language="pt").text
    assert text.lower().startswith("bom dia"), text

    ran = stslocal("translate", PORTUGUESE, "--to", "en", "-o", "out", "--voice", "maria", "--json")
    session = read_session(Path(ran.recordings[0]["session"]))
    assert session.voice.name == "maria"
    assert session.voice.provenance["consent"] == "in the public domain"
    assert session.voice.provenance["language"] == "en", "the same speaker, matched for English"
    again = stslocal("translate", PORTUGUESE, "--to", "en", "-o", "out", "--voice", "maria", "-v")
    assert "done earlier" in again.err


def test_each_speaker_gets_another_voice(engines: Engines, recordings: Corpus) -> None:
    """One speaker gets nearly the same voice in both languages, made directly or adapted."""
    (man,) = recordings.named("jfk")
    reference = read_audio(man.path)
    voices = engines.voices
    english = voices.like(reference, RECOGNITION_RATE, language="en")
    directly = voices.like(reference, RECOGNITION_RATE, language="pt")
    adapted = voices.adapt(english, "pt")
    assert adapted.provenance["styles"] == directly.provenance["styles"]
    assert adapted.pitch_semitones == pytest.approx(directly.pitch_semitones, abs=0.05)
    np.testing.assert_array_equal(adapted.arrays["style"], directly.arrays["style"])
    assert voices.adapt(english, "en") is english
    assert voices.adapt(english, "fr") is english, "there is no bank for it"
    other = voices.like(read_audio(PORTUGUESE), RECOGNITION_RATE, language="pt")
    assert other.provenance["styles"] != directly.provenance["styles"]


@pytest.mark.parametrize("command", ["translate", "live"])
def test_a_voice_for_another_engine_is_refused(stslocal: Command, command: str) -> None:
    VoiceStore().save(VoiceProfile("clone", "xtts", {"latents": np.ones(2, np.float32)}))
    source = [PORTUGUESE] if command == "translate" else ["--simulate", PORTUGUESE]
    ran = stslocal(command, *source, "--to", "en", "--voice", "clone")
    assert ran.code == 2
    assert "the voice clone was made for xtts, but kokoro is selected: add `--tts xtts`" in ran.err
    ran = stslocal(command, *source, "--to", "en", "--voice", "clown")
    assert ran.code == 2
    assert "did you mean clone" in ran.err


def test_a_voice_file_that_is_not_whole_is_refused(stslocal: Command) -> None:
    arrays = {"style": np.ones((2, 256), np.float32)}
    VoiceStore().save(VoiceProfile("odd", "kokoro", arrays))
    ran = stslocal("voices", "test", "odd", "Hello.")
    assert ran.code == 2
    assert "The voice odd is not whole: make it again" in ran.err

"""Saved voices, built-in voices and enrolled ones, on fake engines."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from stslocal.engines import registry
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import BuiltInVoice, EngineEntry, Weights
from stslocal.errors import AudioDecodeError, SettingsError
from stslocal.types import VoiceProfile
from stslocal.voices.choose import REFERENCE_RATE, VoiceEngines, check_voice, describe_voice
from stslocal.voices.enrol import Reference, enrol
from stslocal.voices.store import VoiceStore
from tests.fakes import FakeCloner, FakeSynthesizer

pytestmark = pytest.mark.unit

ENGINE_MODULE = "stslocal_test_choosing_voices"


def english() -> Capabilities:
    return Capabilities(languages=frozenset({"en"}))


ROWS = (
    EngineEntry(
        "fake",
        registry.SYNTHESIZER,
        "x:X",
        weights=(Weights(("fake-1", "fake-voices"), english),),
        built_in_voices=f"{ENGINE_MODULE}:voices",
    ),
    EngineEntry("other", registry.SYNTHESIZER, "x:X", weights=(Weights(("other-1",)),)),
)


@pytest.fixture(autouse=True)
def _rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "ENGINES", ROWS)
    built_in = tuple(BuiltInVoice(name) for name in ("anna", "bruno"))
    module = SimpleNamespace(voices=lambda model, voices: built_in)
    monkeypatch.setitem(sys.modules, ENGINE_MODULE, module)


@pytest.fixture
def saved(tmp_path: Path) -> VoiceStore:
    return VoiceStore(tmp_path / "voices")


@pytest.fixture
def engines(saved: VoiceStore) -> VoiceEngines:
    return VoiceEngines(FakeSynthesizer(), FakeCloner(), "fake-1", saved=saved)


def models() -> Any:
    """A model store that has all models."""
    return SimpleNamespace(folder=Path)


def profile(name: str, engine: str) -> VoiceProfile:
    return VoiceProfile(name, engine, {"style": np.ones(2, np.float32)})


class TestVoice:
    def test_a_saved_one_is_adapted_to_the_language(
        self, engines: VoiceEngines, saved: VoiceStore
    ) -> None:
        saved.save(profile("maria", "fake"))
        adapting = replace(
            engines, adapt=lambda voice, language: replace(voice, name=f"{voice.name}/{language}")
        )
        assert adapting.voice("maria", language="pt").name == "maria/pt"

    def test_a_saved_one_comes_before_a_built_in_one(
        self, engines: VoiceEngines, saved: VoiceStore
    ) -> None:
        assert not engines.voice("pt_alto", language="pt").arrays
        saved.save(profile("pt_alto", "fake"))
        assert engines.voice("pt_alto", language="pt").arrays

    def test_one_made_for_another_engine_is_refused(
        self, engines: VoiceEngines, saved: VoiceStore
    ) -> None:
        saved.save(profile("maria", "other"))
        with pytest.raises(SettingsError, match="made for other, but fake is selected: add `--tts"):
            engines.voice("maria", language="pt")

    def test_an_unknown_one(self, engines: VoiceEngines) -> None:
        with pytest.raises(SettingsError, match="no voice 'maria'"):
            engines.voice("maria", language="pt")


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (
            {"match": "the nearest of 54 built-in ones, a woman's", "styles": "af_sarah"},
            "the nearest of 54 built-in ones, a woman's (af_sarah); not a clone",
        ),
        (
            {"default": "French (fr) has no man's voice", "styles": "ff_siwis"},
            "the default one (ff_siwis): French (fr) has no man's voice",
        ),
        ({"reference": "good"}, "a clone of it"),
    ],
)
def test_what_a_voice_is_in_words(about: dict[str, str], words: str) -> None:
    assert describe_voice(replace(profile("match", "fake"), provenance=about)) == words


class TestBeforeLoading:
    def test_match_saved_and_built_in_voices_are_accepted(self, saved: VoiceStore) -> None:
        saved.save(profile("maria", "fake"))
        for name in ("match", "maria", "anna"):
            check_voice(name, "fake-1", models(), saved)

    def test_an_unknown_name_is_refused_with_near_ones(self, saved: VoiceStore) -> None:
        saved.save(profile("maria", "fake"))
        with pytest.raises(SettingsError, match="did you mean maria"):
            check_voice("mari", "fake-1", models(), saved)
        with pytest.raises(SettingsError, match="did you mean anna"):
            check_voice("ana", "fake-1", models(), saved)
        with pytest.raises(SettingsError, match=r"fake has no voice 'xyz'.*voices list --built-in"):
            check_voice("xyz", "fake-1", models(), saved)

    def test_any_name_is_accepted_where_the_built_in_voices_are_not_known(
        self, saved: VoiceStore
    ) -> None:
        check_voice("anyone", "other-1", models(), saved)

    def test_one_made_for_another_language(self, saved: VoiceStore) -> None:
        """Before the synthesizer is loaded: voices of Pocket TTS speak one language."""
        for code in ("en", "pt"):
            saved.save(replace(profile(f"maria {code}", "fake"), provenance={"speaks": code}))
        check_voice("maria en", "fake-1", models(), saved)
        with pytest.raises(SettingsError, match=r"made to speak Portuguese .* fake-1 .* --to en"):
            check_voice("maria pt", "fake-1", models(), saved)

    def test_one_made_for_another_engine(self, saved: VoiceStore) -> None:
        saved.save(profile("maria", "other"))
        with pytest.raises(SettingsError, match="voices enroll NEW-NAME"):
            check_voice("maria", "fake-1", models(), saved)


def recording(path: Path, seconds: float, *, level: float = 0.3) -> Path:
    at = np.arange(round(seconds * REFERENCE_RATE)) / REFERENCE_RATE
    buzz = sum(np.sin(2 * np.pi * 150 * k * at) / k for k in range(1, 20))
    soundfile.write(path, level * buzz * ((at % 0.4) < 0.3) / 2, REFERENCE_RATE)
    return path


class TestEnrolling:
    def test_the_provenance_says_where_a_voice_comes_from(
        self, engines: VoiceEngines, tmp_path: Path
    ) -> None:
        clips = [recording(tmp_path / f"{name}.wav", 6.0) for name in "ab"]
        reference = Reference.read(clips)
        made = enrol(engines, reference, name="maria", language="pt", consent="Maria, for a test")
        assert (made.name, made.engine) == ("maria", "fake")
        assert dict(made.provenance) == {
            "reference_s": "12.30",
            "language": "pt",
            "reference": reference.quality.verdict,
            "model": "fake-1",
            "made_from": "a.wav, b.wav",
            "made_on": date.today().isoformat(),
            "speech_s": f"{reference.quality.speech_s:.1f}",
            "consent": "Maria, for a test",
        }

    def test_each_recording_is_judged_and_all_together(self, tmp_path: Path) -> None:
        clips = [recording(tmp_path / "a.wav", 5.0), recording(tmp_path / "b.wav", 7.0, level=2.0)]
        reference = Reference.read(clips)
        first, second = (quality for _, quality in reference.clips)
        assert first.verdict.startswith("only 4.0 s of speech")
        assert second.verdict.startswith("clipped")
        assert reference.quality.speech_s == pytest.approx(9.7, abs=0.3)

    def test_recordings_of_which_no_voice_can_be_made_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"no voice can be made from a\.wav: too little"):
            Reference.read([recording(tmp_path / "a.wav", 0.5)])
        (tmp_path / "text.wav").write_text("this is not a recording")
        with pytest.raises(AudioDecodeError, match=r"text\.wav"):
            Reference.read([recording(tmp_path / "a.wav", 6.0), tmp_path / "text.wav"])

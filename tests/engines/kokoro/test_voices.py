"""Kokoro's built-in voices, known before the model is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from stslocal.engines import registry
from stslocal.engines.kokoro.languages import LANGUAGES
from stslocal.engines.kokoro.voices import built_in_voices
from stslocal.engines.registry import BuiltInVoice
from stslocal.models.manifest_file import load_manifest

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the shipped voices, without their numbers."""
    for file in load_manifest().model("kokoro-voices").files:
        (tmp_path / file.name).touch()
    return tmp_path


def test_every_voice_has_a_language_a_sex_and_a_pitch(folder: Path) -> None:
    voices = built_in_voices(folder, folder)
    assert len(voices) == 54
    assert all(voice.language and 70 < voice.pitch_hz < 350 for voice in voices)
    assert {voice.description.partition(",")[0] for voice in voices} == {"female", "male"}
    lower = [voice for voice in voices if voice.description.startswith("male")]
    assert max(voice.pitch_hz for voice in lower if voice.language != "zh") < 175


def test_what_a_name_says(folder: Path) -> None:
    voices = {voice.name: voice for voice in built_in_voices(folder, folder)}
    assert (voices["bm_lewis"].language, voices["bm_lewis"].description) == ("en", "male, British")
    assert voices["pf_dora"].description == "female, Brazilian"
    assert voices["jf_alpha"].language == "ja"
    assert set(LANGUAGES) == {v.language for v in voices.values() if v.is_default}
    assert next(iter(voices)) == "af_heart", "the default of the first language comes first"


def test_a_voice_of_a_person_who_added_one(tmp_path: Path) -> None:
    (tmp_path / "mine.bin").touch()
    assert built_in_voices(tmp_path, tmp_path) == (BuiltInVoice("mine"),)


def test_the_registry_gives_them_without_loading_the_engine(folder: Path) -> None:
    class Store:
        def folder(self, model_id: str) -> Path:
            return folder

    assert len(registry.built_in_voices("kokoro", Store())) == 54

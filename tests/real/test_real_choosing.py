"""Engines of both packs in one run: the starter pack's weights and a small NLLB."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stslocal.loading.load import load_engines
from stslocal.loading.select import LIVE_SHARES, select_engines
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from tests.tiny_nllb import make_tiny_nllb

pytestmark = pytest.mark.real

BUILT = "nllb-200-distilled-600m-meta"
"""A model that is built on the person's machine, so its files may have any content."""


@pytest.fixture
def store(starter_models: Path, tmp_path: Path) -> ModelStore:
    """The starter pack and an NLLB of five languages, built here."""
    root = tmp_path / "models"
    root.mkdir()
    for folder in starter_models.iterdir():
        if folder.is_dir() and not folder.name.startswith("."):
            (root / folder.name).symlink_to(folder, target_is_directory=True)
    make_tiny_nllb(root / BUILT)
    return ModelStore(root, load_manifest())


def test_auto_takes_a_built_model_for_the_languages_that_it_has(store: ModelStore) -> None:
    assert select_engines(Settings(target="pt"), store).translators == (BUILT,)
    german = select_engines(Settings(source="de", target="en"), store)
    assert german.translators == (), "Whisper translates it"


def test_live_takes_it_if_its_measured_speed_is_high_enough(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "cache"))
    said: list[str] = []
    settings = Settings(source="en", target="pt", tts="kokoro")
    engines = load_engines(settings, store, use="live", announce=said.append)
    # One measurement is for choosing the engine, the other for how it computes.
    assert len(said) == 2
    assert all(BUILT in line for line in said)
    ((_, figures),) = json.loads((tmp_path / "cache" / "speeds.json").read_text()).items()
    ((name, figure),) = figures.items()
    assert name.startswith(BUILT)
    slow = figure["real_time_factor"] > LIVE_SHARES["translator"]
    assert engines.selection.translators == (("bergamot-en-pt",) if slow else (BUILT,))


def test_engines_of_both_packs_work_together(store: ModelStore) -> None:
    settings = Settings(source="en", target="fr", asr="whisper-base", mt="nllb", tts="kokoro")
    engines = load_engines(settings, store)
    translator = engines.translators_with(None).for_pair("en", "fr")
    assert translator is not None
    assert translator.translate(["Good morning."], source="en", target="fr") == ["Good morning."]
    used = engines.models_for("en", "fr")
    assert [model.model for model in used] == [
        "whisper-base", "kokoro-82m-int8", "kokoro-voices", BUILT,
    ]  # fmt: skip

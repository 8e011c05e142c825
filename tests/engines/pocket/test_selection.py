"""Which engine speaks, and what a person is asked to fetch."""

from __future__ import annotations

from pathlib import Path

import pytest

from stslocal.errors import SettingsError, StslocalError
from stslocal.loading.model_names import models_to_pull
from stslocal.loading.needs import check_needs
from stslocal.loading.select import select_engines
from stslocal.models.building.pocket.product import build_pocket
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from tests.tiny_pocket import TINY, write_checkpoint

pytestmark = pytest.mark.contract


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """With a tiny model for French."""
    write_checkpoint(tmp_path / "checkpoint", TINY)
    target = tmp_path / "models" / "pocket-fr"
    target.mkdir(parents=True)
    build_pocket(tmp_path / "checkpoint", target, language="fr")
    return ModelStore(tmp_path / "models", load_manifest())


def test_auto_takes_it_where_it_is_installed_and_speaks_the_language(store: ModelStore) -> None:
    assert select_engines(Settings(target="fr"), store).synthesizer == "pocket-fr"
    assert select_engines(Settings(target="es"), store).synthesizer == "kokoro-82m-int8"
    named = select_engines(Settings(target="fr", tts="kokoro"), store)
    assert named.synthesizer == "kokoro-82m-int8"


def test_live_takes_another_where_it_is_too_slow(store: ModelStore) -> None:
    choice = select_engines(Settings(target="fr"), store, use="live", speed_of=lambda *_: 0.9)
    assert choice.synthesizer != "xtts-v2"


def test_its_name_asks_for_the_model_of_the_language(store: ModelStore) -> None:
    settings = Settings(target="de", tts="pocket")
    with pytest.raises(StslocalError, match=r"pocket-de .*terms.* --accept-licence"):
        check_needs(settings, store, select_engines(settings, store))


def test_a_language_without_another_free_voice_is_spoken_by_it(store: ModelStore) -> None:
    """German was XTTS, which is not for commercial use."""
    ids = [model.id for model in models_to_pull(["de"], Settings(), store)]
    assert "pocket-de" in ids
    assert "xtts-v2" not in ids
    assert "xtts-v2" in [model.id for model in models_to_pull(["ja"], Settings(), store)]


def test_a_model_for_each_language_is_named_by_language(tmp_path: Path) -> None:
    store = ModelStore(tmp_path, load_manifest())
    with pytest.raises(SettingsError, match="name one of pocket-en, pocket-fr, pocket-de"):
        models_to_pull(["pocket"], Settings(), store)
    for name, settings in (("pocket-nl", Settings()), ("pocket", Settings(target="nl"))):
        assert [model.id for model in models_to_pull([name], settings, store)] == ["pocket-nl"]

"""The starter pack on this machine has the manifest's bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.numpy import load_file

from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore

pytestmark = pytest.mark.real

STARTER = [model.id for model in load_manifest().expand(["starter"])]


@pytest.fixture
def store(starter_models: Path) -> ModelStore:
    return ModelStore(starter_models, load_manifest())


@pytest.mark.parametrize("model_id", STARTER)
def test_every_model_has_the_manifests_hashes(store: ModelStore, model_id: str) -> None:
    store.verify(model_id)
    assert store.installed(model_id)


def test_the_built_speaker_encoder_has_its_arrays(store: ModelStore) -> None:
    arrays = load_file(store.folder("ge2e") / "ge2e.safetensors")
    assert arrays["lstm.weight_ih_l0"].shape == (1024, 40)
    assert arrays["lstm.weight_hh_l2"].shape == (1024, 256)
    assert arrays["linear.weight"].shape == (256, 256)
    assert len(arrays) == 14

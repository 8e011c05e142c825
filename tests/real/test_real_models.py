"""The starter pack on this machine has the manifest's bytes."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

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


@pytest.mark.parametrize(
    ("model_id", "name", "inputs", "outputs"),
    [
        ("kokoro-82m-int8", "timing", "tokens style speed", "durations features"),
        ("kokoro-82m-int8", "sound", "tokens style durations features f0_scale", "audio"),
        ("kokoro-82m-int8", "largest_product", "rows", "product"),
        ("ge2e", "ge2e", "mel", "raw"),
    ],
)
def test_what_was_built_here_is_a_right_graph(
    store: ModelStore, model_id: str, name: str, inputs: str, outputs: str
) -> None:
    path = store.folder(model_id) / f"{name}.onnx"
    onnx.checker.check_model(path, full_check=True)
    graph = onnx.load(path).graph
    assert [value.name for value in graph.input] == inputs.split()
    assert [value.name for value in graph.output] == outputs.split()

"""OpenVoice's graphs from its checkpoint; the engine's tests compare them with Coqui's networks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from stslocal.engines.openvoice import converter as engine
from stslocal.errors import ModelIntegrityError
from stslocal.models.building.openvoice.build import FILES, build_openvoice
from stslocal.models.building.openvoice.weights import CHECKPOINT, CONFIG, folded, read_openvoice
from stslocal.models.building.steps import STEPS
from stslocal.models.manifest_file import load_manifest
from tests.tiny_openvoice import TINY, build, random_weights, write_checkpoint

pytestmark = pytest.mark.unit


def test_the_files_are_the_manifests_and_the_engines() -> None:
    model = load_manifest().model("openvoice-v2")
    assert model.build is not None
    assert STEPS[model.build.step] is build_openvoice
    assert tuple(file.name for file in model.files) == FILES == engine.FILES
    assert [file.name for file in model.build.inputs] == [CHECKPOINT, CONFIG]


def test_onnx_finds_the_graphs_right_and_they_are_the_same_every_time(tmp_path: Path) -> None:
    made = build(tmp_path / "one")
    again = build(tmp_path / "two")
    for name in FILES:
        onnx.checker.check_model((made / name).read_bytes(), full_check=True)
        assert (made / name).read_bytes() == (again / name).read_bytes()


def test_both_ways_of_naming_normalized_weights_give_the_same(tmp_path: Path) -> None:
    weights = random_weights(TINY)
    newer = {
        name.replace(".weight_g", ".parametrizations.weight.original0").replace(
            ".weight_v", ".parametrizations.weight.original1"
        ): values
        for name, values in weights.items()
    }
    old, new = folded(weights), folded(newer)
    assert old.keys() == new.keys()
    assert all(np.array_equal(old[name], new[name]) for name in old)
    lengths = np.linalg.norm(old["enc_q.enc.in_layers.0.weight"], axis=(1, 2))
    np.testing.assert_allclose(
        lengths, weights["enc_q.enc.in_layers.0.weight_g"].ravel(), rtol=1e-5
    )


def test_training_states_are_left_behind(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, TINY)
    assert "iteration" not in read_openvoice(tmp_path)


def test_another_checkpoint_is_refused(tmp_path: Path) -> None:
    weights = random_weights(TINY)
    del weights["flow.flows.2.pre.weight"]
    write_checkpoint(tmp_path, TINY, weights)
    with pytest.raises(ModelIntegrityError, match=r"OpenVoice v2: .*flow\.flows\.2\.pre"):
        build_openvoice(tmp_path, tmp_path)
    write_checkpoint(tmp_path, TINY)
    for section, key, value in (("data", "hop_length", 300), ("model", "zero_g", False)):
        config = TINY.config
        config[section][key] = value
        (tmp_path / CONFIG).write_text(json.dumps(config), encoding="utf-8")
        with pytest.raises(ModelIntegrityError, match=f"{key} is {value}"):
            build_openvoice(tmp_path, tmp_path)
    (tmp_path / CHECKPOINT).write_bytes(b"no")
    with pytest.raises(ModelIntegrityError, match="not a PyTorch checkpoint"):
        build_openvoice(tmp_path, tmp_path)

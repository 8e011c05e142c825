"""The speaker encoder's graph against the LSTM of its weights, computed by the onnx package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import save_file

from stslocal.engines.speaker import ge2e as engine
from stslocal.errors import ModelIntegrityError
from stslocal.models.building import ge2e
from stslocal.models.building.ge2e import build_ge2e, network
from stslocal.models.manifest_file import load_manifest
from tests.models.building.ge2e_kit import published, random_weights
from tests.models.building.legacy_writer import checkpoint

pytestmark = pytest.mark.unit


def test_the_file_is_the_manifests_and_the_engines() -> None:
    model = load_manifest().model("ge2e")
    assert model.build is not None
    assert [file.name for file in model.files] == [ge2e.FILE] == [engine._FILE]
    assert [file.name for file in model.build.inputs] == [ge2e.PUBLISHED_FILE]
    assert [file.name for file in model.build.earlier] == [ge2e.EARLIER_FILE]
    assert (ge2e.MEL_BANDS, ge2e.EMBEDDING_SIZE) == (engine.MEL_BANDS, engine.EMBEDDING_SIZE)


def test_onnx_finds_the_graph_right() -> None:
    data = network(random_weights())
    onnx.checker.check_model(data, full_check=True)
    assert onnx.load_from_string(data).SerializeToString() == data


def test_the_graph_is_the_one_that_the_packages_evaluator_computes() -> None:
    data = network(random_weights())
    mel = np.random.default_rng(1).uniform(0, 1, (7, 2, ge2e.MEL_BANDS)).astype(np.float32)
    (reference,) = ReferenceEvaluator(onnx.load_from_string(data)).run(None, {"mel": mel})
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (made,) = session.run(["raw"], {"mel": mel})
    assert made.shape == (2, ge2e.EMBEDDING_SIZE)
    np.testing.assert_allclose(made, reference, atol=1e-4 * float(np.abs(reference).max()))


def test_it_is_built_from_the_checkpoint_and_from_what_earlier_versions_kept_of_it(
    tmp_path: Path,
) -> None:
    weights = random_weights()
    expected = network(weights)
    for name in ("new", "old", "made"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / ge2e.PUBLISHED_FILE).write_bytes(published(weights))
    save_file(weights, tmp_path / "old" / ge2e.EARLIER_FILE)
    for name in ("new", "old"):
        build_ge2e(tmp_path / name, tmp_path / "made")
        assert (tmp_path / "made" / ge2e.FILE).read_bytes() == expected


def test_another_checkpoint_is_not_an_encoder(tmp_path: Path) -> None:
    path = tmp_path / ge2e.PUBLISHED_FILE
    path.write_bytes(checkpoint({"x": 1}, []))
    with pytest.raises(ModelIntegrityError, match="does not hold a GE2E encoder"):
        build_ge2e(tmp_path, tmp_path)
    other = random_weights() | {"lstm.weight_ih_l1": np.zeros((1024, 3), np.float32)}
    path.write_bytes(published(other))
    with pytest.raises(ModelIntegrityError, match=r"lstm\.weight_ih_l1 has shape"):
        build_ge2e(tmp_path, tmp_path)
    path.write_bytes(b"no")
    with pytest.raises(ModelIntegrityError, match="not a PyTorch checkpoint"):
        build_ge2e(tmp_path, tmp_path)

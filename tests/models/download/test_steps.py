"""A built model has the manifest's bytes, whoever builds it."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from stslocal.errors import ModelError, ModelIntegrityError
from stslocal.models.download import steps as build_module
from stslocal.models.download.safetensors_bytes import safetensors_bytes
from stslocal.models.download.steps import build_ge2e, run_build
from tests.models.building.legacy_writer import Storage, Tensor, checkpoint
from tests.models.download.kit import file_line, model_text, open_store, pypi, write_manifest

pytestmark = pytest.mark.unit


def tiny_ge2e() -> tuple[bytes, dict[str, NDArray[Any]]]:
    """A checkpoint with the encoder's names, and its arrays."""
    names = [
        f"lstm.{kind}_{gate}_l{layer}"
        for layer in range(3)
        for kind in ("weight", "bias")
        for gate in ("ih", "hh")
    ]
    arrays = {}
    storages = []
    tensors = OrderedDict()
    for number, name in enumerate([*names, "linear.weight", "linear.bias", "similarity_bias"]):
        values = np.arange(number, number + 4, dtype=np.float32)
        storages.append(Storage(str(number), values))
        tensors[name] = Tensor(storages[-1], 0, (2, 2), (2, 1))
        arrays[name] = values.reshape(2, 2)
    del arrays["similarity_bias"]
    return checkpoint({"step": 1, "model_state": tensors}, storages), arrays


def test_safetensors_reads_what_we_write(tmp_path: Path) -> None:
    arrays: dict[str, NDArray[Any]] = {
        "b": np.arange(6, dtype=np.float32).reshape(2, 3),
        "a": np.asfortranarray(np.arange(6, dtype=np.float64).reshape(3, 2)),
        "scalar": np.array(2.0, np.float32),
    }
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors_bytes(arrays))
    found = load_file(path)
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], array)


def test_the_bytes_do_not_depend_on_the_order() -> None:
    one, two = np.ones(2, np.float32), np.zeros(3, np.float32)
    assert safetensors_bytes({"a": one, "b": two}) == safetensors_bytes({"b": two, "a": one})


def test_ge2e_keeps_the_encoder_alone(tmp_path: Path) -> None:
    data, arrays = tiny_ge2e()
    (tmp_path / "pretrained.pt").write_bytes(data)
    build_ge2e(tmp_path, tmp_path)
    found = load_file(tmp_path / "ge2e.safetensors")
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_another_checkpoint_is_not_an_encoder(tmp_path: Path) -> None:
    (tmp_path / "pretrained.pt").write_bytes(checkpoint({"x": 1}, []))
    with pytest.raises(ModelIntegrityError, match="14 arrays"):
        build_ge2e(tmp_path, tmp_path)


def run(tmp_path: Path, *, step: str, expected: bytes) -> bytes:
    build = f'[models.m.build]\nstep = "{step}"\ninputs = [{file_line("in.bin", b"in")}]'
    text = model_text("m", {"out.bin": expected}, pypi("x==1"), build=build)
    store = open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "in.bin").write_bytes(b"in")
    run_build(store.manifest.model("m"), inputs, tmp_path / "scratch", tmp_path / "models" / "m")
    return (tmp_path / "models" / "m" / "out.bin").read_bytes()


@pytest.fixture
def doubling(monkeypatch: pytest.MonkeyPatch) -> None:
    def double(fetched: Path, target: Path) -> None:
        (target / "out.bin").write_bytes((fetched / "in.bin").read_bytes() * 2)

    monkeypatch.setattr(build_module, "STEPS", {"double": double})


@pytest.mark.usefixtures("doubling")
def test_what_was_built_is_checked_and_installed(tmp_path: Path) -> None:
    assert run(tmp_path, step="double", expected=b"inin") == b"inin"


@pytest.mark.usefixtures("doubling")
def test_other_bytes_are_not_installed(tmp_path: Path) -> None:
    with pytest.raises(ModelIntegrityError, match=r"building m gave a out.bin with sha256"):
        run(tmp_path, step="double", expected=b"INin")
    assert not (tmp_path / "models").exists()


def test_a_step_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot build m: update stslocal"):
        run(tmp_path, step="from-the-future", expected=b"x")

"""A built model has the manifest's bytes, whoever builds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stslocal.errors import ModelError, ModelIntegrityError
from stslocal.models.building import steps as build_module
from stslocal.models.building.steps import run_build
from tests.models.download.kit import file_line, model_text, open_store, pypi, write_manifest

pytestmark = pytest.mark.unit


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

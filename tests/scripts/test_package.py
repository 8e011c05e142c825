"""The wheel has all files of the package, and its metadata is right."""

from __future__ import annotations

import email
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tests.extras import need

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the checkout, made through the interface that pip uses (PEP 517)."""
    hatchling = need("hatchling.build")
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(CHECKOUT)
        return folder / str(hatchling.build_wheel(str(folder)))


def test_the_wheel_has_the_modules_and_their_data(wheel: Path) -> None:
    package = CHECKOUT / "stslocal"
    wanted = {
        path.relative_to(CHECKOUT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith("stslocal-")}
        manifest = archive.read("stslocal/manifest.toml")
    assert held == wanted | {"stslocal/manifest.toml"}
    assert manifest == (CHECKOUT / "models/manifest.toml").read_bytes()
    kinds = {name.rpartition(".")[2] for name in held}
    assert {"py", "typed", "tsv", "npz", "ogg", "json"} <= kinds


def test_the_metadata_names_licence_pythons_and_extras(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert set(metadata.get_all("Provides-Extra", [])) == {
        "convert",
        "dev",
        "ray",
        "server",
        "speakers",
        "xtts",
    }
    assert SpecifierSet(str(metadata["Requires-Python"])) == SpecifierSet(">=3.10,<3.15")


def test_all_files_name_the_same_pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CHECKOUT / "scripts"))
    import environment

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    supported = SpecifierSet(project["requires-python"])
    minors = [minor for minor in range(30) if supported.contains(f"3.{minor}.1")]
    assert (3, minors[0]) == environment.OLDEST
    assert (3, minors[-1]) == environment.NEWEST
    named = [line for line in project["classifiers"] if line.startswith("Programming Language")]
    assert named[1:] == [f"Programming Language :: Python :: 3.{minor}" for minor in minors]

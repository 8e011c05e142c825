"""OpenVoice as it is shipped: fetched from the hub, built, and refused where bytes differ."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from stslocal.engines.openvoice.converter import OpenVoiceConverter
from stslocal.errors import ModelDownloadError
from stslocal.models.building.openvoice.weights import CHECKPOINT, CONFIG
from stslocal.models.download import DownloadCache, pull
from stslocal.models.manifest import HubSource, Manifest, ModelFile
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from tests.models.download.hub_server import (
    HubServer,
    drop_after,
    other_bytes,
    serve,
    status,
)
from tests.models.download.kit import (
    RecordingDisplay,
    loopback_only,
    shorten_retry_delays,
    use_hub,
)
from tests.tiny_openvoice import TINY, write_checkpoint

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

ID = "openvoice-v2"
WEIGHTS = f"converter/{CHECKPOINT}"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A server with a tiny checkpoint where the manifest says that OpenVoice's lies."""
    loopback_only()
    shorten_retry_delays(monkeypatch)
    write_checkpoint(tmp_path, TINY)
    with serve(
        {f"converter/{name}": (tmp_path / name).read_bytes() for name in (CHECKPOINT, CONFIG)}
    ) as server:
        (source,) = load_manifest().models[ID].sources
        assert isinstance(source, HubSource)
        server.places = (source.repo,)
        use_hub(server.endpoint, monkeypatch)
        yield server


@pytest.fixture
def store(hub: HubServer, tmp_path: Path) -> ModelStore:
    """The shipped model, with the hashes of the tiny checkpoint."""
    model = load_manifest().models[ID]
    (source,) = model.sources
    assert isinstance(source, HubSource)
    assert model.build is not None
    inputs = tuple(held(tmp_path / file.name) for file in model.build.inputs)
    tiny = replace(
        model,
        sources=(replace(source, commit=hub.commit),),
        build=replace(model.build, inputs=inputs),
    )
    return ModelStore(
        tmp_path / "models", Manifest(MappingProxyType({ID: tiny}), MappingProxyType({}))
    )


def held(file: Path) -> ModelFile:
    data = file.read_bytes()
    return ModelFile(file.name, len(data), hashlib.sha256(data).hexdigest())


def fetch(store: ModelStore) -> None:
    models = [store.manifest.model(ID)]
    pull(store, models, display=RecordingDisplay(), cache=DownloadCache(None))


def test_it_is_fetched_built_and_embeds_a_voice(store: ModelStore) -> None:
    fetch(store)
    store.verify(ID)
    converter = OpenVoiceConverter.load(store.folder(ID), threads=1)
    speech = np.random.default_rng(0).normal(0, 0.1, 22_050).astype(np.float32)
    assert np.isfinite(converter.embed(speech, 22_050)).all()
    assert not (store.folder(ID) / CHECKPOINT).exists()


def test_a_broken_download_goes_on_where_it_stopped(hub: HubServer, store: ModelStore) -> None:
    hub.faults[WEIGHTS] = [drop_after(100_000)]
    fetch(store)
    store.verify(ID)
    assert "bytes=100000-" in [each.range for each in hub.requests if each.path == WEIGHTS]


@pytest.mark.parametrize("code", [401, 403, 404])
def test_what_is_not_given_is_one_sentence(hub: HubServer, store: ModelStore, code: int) -> None:
    hub.faults[WEIGHTS] = [status(code)] * 9
    hub.head_faults[WEIGHTS] = [status(code)] * 9
    with pytest.raises(ModelDownloadError, match=str(code)):
        fetch(store)
    assert not store.installed(ID)


def test_other_bytes_are_not_installed(hub: HubServer, store: ModelStore) -> None:
    hub.faults[WEIGHTS] = [other_bytes(bytes(len(hub.files[WEIGHTS])))] * 9
    with pytest.raises(ModelDownloadError, match="sha256"):
        fetch(store)
    assert not store.installed(ID)

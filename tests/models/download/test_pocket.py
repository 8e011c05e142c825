"""Pocket TTS as it is shipped: its terms, its places on the hub, and what is built of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from stslocal.engines.pocket.synthesizer import PocketSynthesizer
from stslocal.errors import ModelDownloadError, SettingsError
from stslocal.models.download import DownloadCache, PullResult, pull
from stslocal.models.manifest import HubSource, Manifest
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from tests.models.download.hub_server import HubServer, drop_after, serve, status
from tests.models.download.kit import (
    RecordingDisplay,
    loopback_only,
    shorten_retry_delays,
    use_hub,
)
from tests.tiny_pocket import TINY, VOICE, write_checkpoint

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

ID, FOLDER = "pocket-fr", "languages/french"
WEIGHTS = f"{FOLDER}/model.safetensors"
REPOS = ("kyutai/pocket-tts", "kyutai/pocket-tts-without-voice-cloning")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A server with a tiny checkpoint where the manifest says that Kyutai's lies."""
    loopback_only()
    shorten_retry_delays(monkeypatch)
    write_checkpoint(tmp_path / "checkpoint", TINY)
    names = {
        WEIGHTS: "model.safetensors",
        f"{FOLDER}/tokenizer.json": "tokenizer.json",
        f"{FOLDER}/embeddings/estelle.safetensors": f"embeddings/{VOICE}.safetensors",
    }
    files = {at: (tmp_path / "checkpoint" / name).read_bytes() for at, name in names.items()}
    with serve(files) as server:
        server.places = REPOS
        use_hub(server.endpoint, monkeypatch)
        yield server


@pytest.fixture
def store(hub: HubServer, tmp_path: Path) -> ModelStore:
    """The shipped model, at the one commit that the server has."""
    model = load_manifest().models[ID]
    sources = []
    for source in model.sources:
        assert isinstance(source, HubSource)
        assert source.repo in REPOS
        sources.append(replace(source, commit=hub.commit))
    manifest = Manifest(
        MappingProxyType({ID: replace(model, sources=tuple(sources))}), MappingProxyType({})
    )
    return ModelStore(tmp_path / "models", manifest)


def pulled(store: ModelStore, *, accept: bool = True) -> PullResult:
    (result,) = pull(
        store,
        [store.manifest.model(ID)],
        display=RecordingDisplay(),
        cache=DownloadCache(None),
        accept_licence=accept,
    )
    return result


def test_it_is_fetched_built_and_speaks(store: ModelStore) -> None:
    pulled(store)
    store.verify(ID)
    engine = PocketSynthesizer.load(store.folder(ID), threads=1)
    assert engine.language == "fr"
    assert engine.voice_names("fr") == ("estelle",)
    assert sum(map(len, engine.synthesize("Bonjour", language="fr"))) > 0
    assert not (store.folder(ID) / "model.safetensors").exists()


def test_the_terms_are_shown_before_anything_is_fetched(hub: HubServer, store: ModelStore) -> None:
    with pytest.raises(
        SettingsError,
        match=r"has terms: agree to them on https://huggingface.co/kyutai/pocket-tts, and set "
        r"HF_TOKEN .* `stslocal models pull pocket-fr --accept-licence`",
    ):
        pulled(store, accept=False)
    assert not hub.requests


def test_the_token_goes_to_the_gated_repository(
    hub: HubServer, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    pulled(store)
    asked = [each for each in hub.requests if each.path == WEIGHTS]
    assert {each.authorization for each in asked} == {"Bearer hf_mine"}


@pytest.mark.parametrize("code", [401, 403])
def test_a_closed_gate_says_what_to_do(hub: HubServer, store: ModelStore, code: int) -> None:
    hub.faults[WEIGHTS] = [status(code)] * 9
    hub.head_faults[WEIGHTS] = [status(code)] * 9
    with pytest.raises(ModelDownloadError, match=rf"\({code}\).* HF_TOKEN"):
        pulled(store)
    assert not store.installed(ID)


def test_a_broken_download_goes_on_where_it_stopped(hub: HubServer, store: ModelStore) -> None:
    hub.faults[WEIGHTS] = [drop_after(100_000)]
    pulled(store)
    store.verify(ID)
    resumed = [each.range for each in hub.requests if each.path == WEIGHTS and each.range]
    assert "bytes=100000-" in resumed

"""OPUS-MT models: the table of them, their download from a hub, and how they are converted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

from stslocal.engines.opus.translator import OpusTranslator
from stslocal.engines.protocols import Capabilities
from stslocal.errors import ModelDownloadError, ModelError, ModelIntegrityError
from stslocal.languages import is_code
from stslocal.models.building.steps import STEPS
from stslocal.models.download import DownloadCache, pull
from stslocal.models.firefox import firefox_models
from stslocal.models.manifest import HubSource, Manifest
from stslocal.models.manifest_file import load_manifest
from stslocal.models.opus import FILES, opus_models
from stslocal.models.store import ModelStore
from tests.models.building import opus_kit
from tests.models.download.hub_server import HubServer, drop_after, other_bytes, serve, status
from tests.models.download.kit import (
    COMMIT,
    RecordingDisplay,
    files_in,
    loopback_only,
    shorten_retry_delays,
    use_hub,
)

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

HEADER = "model\tsource\ttarget\tlicence\tcommit\tfile\tbytes\tsha256\n"
ID = "opus-en-pt"
REPOSITORY = "Helsinki-NLP/opus-mt-en-pt"
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a small checkpoint."""
    folder = tmp_path_factory.mktemp("opus")
    opus_kit.write_checkpoint(folder)
    return {name: (folder / name).read_bytes() for name in opus_kit.INPUTS}


@pytest.fixture
def hub(published: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    loopback_only()
    shorten_retry_delays(monkeypatch)
    with serve(published) as server:
        server.places = (REPOSITORY,)
        server.large.add(WEIGHTS)
        use_hub(server.endpoint, monkeypatch)
        yield server


def open_store(folder: Path, published: dict[str, bytes], *, commit: str = COMMIT) -> ModelStore:
    """A store whose only model is the checkpoint; its weights are pinned where the commit is."""
    table = folder / "table.tsv"
    lines = []
    for name, data in published.items():
        known = name == WEIGHTS and commit == COMMIT
        size = str(len(data)) if known else "-"
        digest = hashlib.sha256(data).hexdigest() if known else "-"
        lines.append(f"{ID}\ten\tpt\tApache-2.0\t{commit}\t{name}\t{size}\t{digest}\n")
    table.write_text(HEADER + "".join(lines), encoding="utf-8")
    manifest = Manifest(MappingProxyType(opus_models(table)), MappingProxyType({}))
    return ModelStore(folder / "models", manifest)


def pulled(store: ModelStore) -> str:
    """Pull the model. Returns where it came from."""
    (result,) = pull(
        store, [store.manifest.model(ID)], display=RecordingDisplay(), cache=DownloadCache(None)
    )
    return result.origin


def translated(store: ModelStore) -> str:
    """What the installed model makes of a text."""
    engine = OpusTranslator.load(
        store.folder(ID),
        capabilities=Capabilities(pairs=frozenset({("en", "pt")})),
        compute_type="int8",
        threads=1,
    )
    (text,) = engine.translate(["The star."], source="en", target="pt", quick=True)
    return text


class TestTheTable:
    def test_every_model_is_for_a_pair_that_firefox_reaches_worse_or_not(self) -> None:
        direct = {name.removeprefix("firefox-") for name in firefox_models()}
        pairs = [name.removeprefix("opus-") for name in opus_models()]
        spoken = {pair.partition("-")[2] for pair in pairs}
        assert len(pairs) > 30
        for pair in pairs:
            source, _, target = pair.partition("-")
            assert is_code(source)
            assert is_code(target)
            # A model that Firefox has too is one of the two for a pair through English.
            assert pair not in direct or "en" in (source, target)
        assert spoken <= {"en", "de", "es", "fr", "it"}

    def test_what_is_publicly_known_is_pinned(self) -> None:
        models = opus_models()
        known = models["opus-en-fr"]
        assert known.build is not None
        assert all(file.sha256 for file in known.build.inputs)
        assert known.download_bytes == 300_827_685
        for name in ("opus-en-es", "opus-es-en", "opus-en-de", "opus-de-en", "opus-fr-en"):
            build = models[name].build
            assert build is not None
            assert {file.name for file in build.inputs if file.sha256} >= {"pytorch_model.bin"}
            (source,) = models[name].sources
            assert isinstance(source, HubSource)
            assert source.commit is not None

    def test_every_model_may_be_used_commercially_and_is_converted_here(self) -> None:
        for model in opus_models().values():
            assert model.commercial
            assert model.licence in ("Apache-2.0", "CC-BY-4.0")
            assert model.build is not None
            assert model.build.step in STEPS
            assert tuple(file.name for file in model.files) == FILES
            (source,) = model.sources
            assert source.names == {file.name for file in model.build.inputs}
        assert "opus-de-fr" in load_manifest().models

    @pytest.mark.parametrize(
        "row", ["opus-de-fr\tde\tfr\n",
                f"opus-de-fr\tde\tfr\tApache-2.0\t{COMMIT}\tvocab.json\tmany\t-\n",
                f"opus-de-fr\tde\tfr\tSecret-1\t{COMMIT}\tvocab.json\t-\t-\n"],
    )  # fmt: skip
    def test_a_damaged_table_is_named(self, tmp_path: Path, row: str) -> None:
        table = tmp_path / "table.tsv"
        table.write_text(HEADER + row, encoding="utf-8")
        with pytest.raises(ModelError, match="cannot be read as a table of models"):
            opus_models(table)


class TestDownload:
    def test_the_checkpoint_is_converted_and_the_engine_runs_it(
        self, hub: HubServer, published: dict[str, bytes], tmp_path: Path
    ) -> None:
        store = open_store(tmp_path, published)
        assert pulled(store) == f"huggingface {REPOSITORY}"
        assert files_in(store.root) == sorted(f"{ID}/{name}" for name in FILES)
        assert translated(store)
        assert pulled(store) == "already installed"

    def test_an_interrupted_download_goes_on(
        self, hub: HubServer, published: dict[str, bytes], tmp_path: Path
    ) -> None:
        hub.faults[f"cdn/{WEIGHTS}"] = [drop_after(100_000)]
        store = open_store(tmp_path, published)
        pulled(store)
        assert hub.ranges(f"cdn/{WEIGHTS}") == ["", "bytes=100000-"]
        assert store.installed(ID)

    def test_wrong_bytes_are_refused(
        self, hub: HubServer, published: dict[str, bytes], tmp_path: Path
    ) -> None:
        wrong = bytes(len(published[WEIGHTS]))
        hub.faults[f"cdn/{WEIGHTS}"] = [other_bytes(wrong)] * 9
        store = open_store(tmp_path, published)
        with pytest.raises(ModelDownloadError, match=rf"{WEIGHTS} has sha256 "):
            pulled(store)
        assert not store.installed(ID)
        hub.faults.clear()
        pulled(store)
        assert store.installed(ID)

    @pytest.mark.parametrize("code", [401, 403, 404])
    def test_a_repository_that_refuses(
        self, hub: HubServer, published: dict[str, bytes], tmp_path: Path, code: int
    ) -> None:
        for name in published:
            hub.faults[name] = [status(code)] * 9
            hub.head_faults[name] = [status(code)] * 9
        store = open_store(tmp_path, published)
        with pytest.raises(ModelDownloadError, match=f"{ID} could not be fetched from huggingface"):
            pulled(store)
        assert not store.installed(ID)

    def test_a_checkpoint_of_another_kind_is_not_installed(
        self, hub: HubServer, published: dict[str, bytes], tmp_path: Path
    ) -> None:
        hub.files["config.json"] = b'{"model_type": "t5"}'
        store = open_store(tmp_path, published)
        with pytest.raises(ModelIntegrityError, match="names the model type 't5'"):
            pulled(store)
        assert not store.installed(ID)

    def test_an_unknown_commit_is_that_of_the_first_pull(
        self, hub: HubServer, published: dict[str, bytes], tmp_path: Path
    ) -> None:
        store = open_store(tmp_path, published, commit="first-pull")
        pulled(store)
        (model,) = store.manifest.models.values()
        assert store.pinned_commit(model, REPOSITORY) == COMMIT
        (store.folder(ID) / "model.bin").unlink()
        hub.commit = "f" * 40
        with pytest.raises(ModelDownloadError, match=f"{ID} could not be fetched"):
            pulled(store)
        hub.commit = COMMIT
        pulled(store)
        assert store.installed(ID)

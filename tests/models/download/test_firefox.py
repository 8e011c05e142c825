"""Firefox models: the table of them, their download from a server with GitHub's addresses, and how
they are unpacked.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from stslocal.errors import ModelDownloadError, ModelError, ModelIntegrityError
from stslocal.languages import is_code
from stslocal.models.building.firefox import MOST_TIMES, unpack_firefox
from stslocal.models.building.steps import STEPS
from stslocal.models.download import DownloadCache, addresses, pull
from stslocal.models.firefox import COMMIT, REPOSITORY, firefox_models, pivot_models
from stslocal.models.manifest import HubSource, Manifest
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from tests.models.download.hub_server import (
    HubServer,
    drop_after,
    other_bytes,
    serve,
    status,
    without_ranges,
)
from tests.models.download.kit import (
    RecordingDisplay,
    content,
    files_in,
    loopback_only,
    shorten_retry_delays,
    use_hub,
)

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

COLUMNS = (
    "model source target tier comet file bytes sha256 unpacked_bytes unpacked_sha256 in_bucket"
)
HEADER = "\t".join(COLUMNS.split()) + "\n"
ID = "firefox-en-fr"
UNPACKED = {
    "model.bin": content(1, 300_000) + bytes(100_000),
    "srcvocab.spm": content(2, 5_000),
    "trgvocab.spm": content(3, 5_000),
    "lex.bin": content(4, 20_000),
}
PUBLISHED = {
    "model.enfr.intgemm.alphas.bin.gz": UNPACKED["model.bin"],
    "srcvocab.enfr.spm.gz": UNPACKED["srcvocab.spm"],
    "trgvocab.enfr.spm.gz": UNPACKED["trgvocab.spm"],
    "lex.50.50.enfr.s2t.bin.gz": UNPACKED["lex.bin"],
}
PACKED = {name: gzip.compress(data, mtime=0) for name, data in PUBLISHED.items()}
MODEL = "model.enfr.intgemm.alphas.bin.gz"
PLACE = f"models/tiny/enfr/{MODEL}"
IN_BUCKET = "models/en-fr/spring_abc/exported"


def open_store(
    folder: Path, packed: Mapping[str, bytes], not_in_bucket: Collection[str] = tuple(PACKED)
) -> ModelStore:
    """A store whose only model has these published files; not all may be in Mozilla's bucket."""
    table = folder / "table.tsv"
    weights = UNPACKED["model.bin"]
    unpacked = {MODEL: f"{len(weights)}\t{hashlib.sha256(weights).hexdigest()}"}
    lines = [
        f"{ID}\ten\tfr\ttiny\t0.857\t{name}\t{len(data)}\t{hashlib.sha256(data).hexdigest()}\t"
        + unpacked.get(name, "-\t-")
        + f"\t{'-' if name in not_in_bucket else IN_BUCKET}\n"
        for name, data in packed.items()
    ]
    table.write_text(HEADER + "".join(lines), encoding="utf-8")
    manifest = Manifest(MappingProxyType(firefox_models(table)), MappingProxyType({}))
    return ModelStore(folder / "models", manifest)


def pulled(store: ModelStore) -> str:
    """Pull the model. Returns where it came from."""
    (result,) = pull(
        store, [store.manifest.model(ID)], display=RecordingDisplay(), cache=DownloadCache(None)
    )
    return result.origin


def contents(store: ModelStore) -> dict[str, bytes]:
    store.verify(ID)
    return {path.name: path.read_bytes() for path in store.folder(ID).iterdir()}


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A server with the published files at GitHub's addresses."""
    loopback_only()
    shorten_retry_delays(monkeypatch)
    with serve({f"models/tiny/enfr/{name}": data for name, data in PACKED.items()}) as server:
        server.places, server.commit = (REPOSITORY,), COMMIT
        use_hub(server.endpoint, monkeypatch)
        monkeypatch.setattr(addresses, "GITHUB", server.endpoint)
        yield server


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return open_store(tmp_path, PACKED)


class TestTheTable:
    def test_each_direction_has_one_model_from_or_to_english(self) -> None:
        models = load_manifest().models
        ids = [name for name in models if name.startswith("firefox-")]
        assert len(ids) > 80
        for name in ids:
            _, source, target = name.removesuffix("-tiny").split("-")
            assert "en" in (source, target)
            assert is_code(source)
            assert is_code(target)

    def test_every_published_file_is_pinned_and_has_a_size(self) -> None:
        for model in firefox_models().values():
            assert model.commercial
            assert model.build is not None
            assert model.build.step in STEPS
            assert all(file.sha256 and file.bytes for file in model.build.inputs)
            names = {file.name for file in model.files}
            assert "model.bin" in names
            assert "vocab.spm" in names or {"srcvocab.spm", "trgvocab.spm"} <= names
            assert len(names) == len(model.build.inputs)
            assert 10e6 < (model.download_bytes or 0) < 60e6
            (weights,) = [file for file in model.files if file.name == "model.bin"]
            assert weights.sha256, "known before it is unpacked"
            assert 10e6 < (weights.bytes or 0) < 60e6

    def test_a_larger_model_is_taken_where_it_is_better(self) -> None:
        models = firefox_models()
        assert models["firefox-en-fr"].title == (
            "Firefox Translations base-memory: English to French"
        )
        assert models["firefox-fr-en"].title == "Firefox Translations tiny: French to English"
        assert "firefox-is-en" in models, "its tiny model is bad, the larger one is good"

    def test_where_a_larger_one_is_taken_the_smaller_one_is_offered_too(self) -> None:
        models = firefox_models()
        title = models["firefox-en-fr-tiny"].title
        assert title == "Firefox Translations tiny: English to French"
        for name in ("firefox-fr-en-tiny", "firefox-is-en-tiny", "firefox-en-ja-tiny"):
            assert name not in models, "the only one that is good enough has no end"
        for name in models:
            if name.endswith("-tiny"):
                larger, smaller = models[name.removesuffix("-tiny")], models[name]
                assert (larger.size or 0) > (smaller.size or 0)

    def test_portuguese_keeps_its_registry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.setattr("platform.machine", lambda: "x86_64")
        models = load_manifest().models
        assert "firefox-en-pt" not in models
        assert models["bergamot-en-pt"].package

    def test_where_the_package_has_no_wheel_it_is_fetched(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.setattr("platform.machine", lambda: "aarch64")
        manifest = load_manifest()
        assert "bergamot-en-pt" not in manifest.models
        for pack in ("starter", "open"):
            names = [model.id for model in manifest.expand([pack])]
            assert names[1:3] == ["firefox-en-pt", "firefox-pt-en"]
            assert all(model.package is None for model in manifest.expand([pack]))
        assert pivot_models("pt", manifest.models) == ["firefox-pt-en", "firefox-en-pt"]

    def test_most_have_a_second_source_with_the_same_weights(self) -> None:
        sources = [model.sources for model in firefox_models().values()]
        second = [each[1] for each in sources if len(each) == 2]
        assert len(second) > 80
        assert {(each.kind, each.repo) for each in second if isinstance(each, HubSource)} == {
            ("mozilla", "translations-data")
        }
        chinese = firefox_models()["firefox-en-zh"]
        assert "lex.50.50.enzh.s2t.bin.gz" in chinese.sources[0].names
        assert "lex.50.50.enzh.s2t.bin.gz" not in chinese.sources[1].names

    def test_what_is_not_good_enough_is_not_offered(self) -> None:
        assert not {"firefox-mt-en", "firefox-sq-en", "firefox-nn-en"} & set(firefox_models())

    def test_the_models_of_languages(self) -> None:
        known = firefox_models()
        assert pivot_models("fr", known) == ["firefox-fr-en", "firefox-en-fr"]
        assert pivot_models("en", known) == []
        assert pivot_models("vi", known) == ["firefox-vi-en"], "none into Vietnamese"

    @pytest.mark.parametrize("row", ["en\tfr\n", "en\tfr\ttiny\t0.8\tmodel.gz\tmany\tabc\n"])
    def test_a_damaged_table_is_named(self, tmp_path: Path, row: str) -> None:
        table = tmp_path / "table.tsv"
        table.write_text(HEADER + row, encoding="utf-8")
        with pytest.raises(ModelError, match="cannot be read as a table of models"):
            firefox_models(table)


class TestDownload:
    def test_the_files_are_unpacked_under_the_engine_s_names(
        self, github: HubServer, store: ModelStore
    ) -> None:
        assert pulled(store) == f"github {REPOSITORY}"
        assert contents(store) == UNPACKED
        assert files_in(store.root) == sorted(f"{ID}/{name}" for name in UNPACKED)
        assert pulled(store) == "already installed"

    def test_no_token_is_sent(
        self, github: HubServer, store: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        pulled(store)
        assert {request.authorization for request in github.requests} == {""}

    def test_an_interrupted_download_goes_on(self, github: HubServer, store: ModelStore) -> None:
        github.faults[PLACE] = [drop_after(100_000)]
        pulled(store)
        assert github.ranges(PLACE) == ["", "bytes=100000-"]
        assert contents(store) == UNPACKED

    def test_a_server_without_ranges_starts_again(
        self, github: HubServer, store: ModelStore
    ) -> None:
        github.faults[PLACE] = [drop_after(100_000), without_ranges]
        pulled(store)
        assert contents(store) == UNPACKED

    def test_redirects_are_followed(self, github: HubServer, store: ModelStore) -> None:
        github.large.add(PLACE)  # large files lie elsewhere
        pulled(store)
        assert contents(store) == UNPACKED

    @pytest.mark.parametrize("code", [401, 403, 404])
    def test_a_file_that_is_refused(self, github: HubServer, store: ModelStore, code: int) -> None:
        github.faults[PLACE] = [status(code)] * 9
        with pytest.raises(ModelDownloadError, match=f"{ID} could not be fetched.*{code}"):
            pulled(store)
        assert not store.installed(ID)
        github.faults.clear()
        pulled(store)
        assert contents(store) == UNPACKED

    def test_wrong_bytes_are_refused(self, github: HubServer, store: ModelStore) -> None:
        wrong = gzip.compress(b"x" * len(UNPACKED["model.bin"]), mtime=0)
        wrong += bytes(len(PACKED[MODEL]) - len(wrong))
        github.faults[PLACE] = [other_bytes(wrong)]
        with pytest.raises(ModelDownloadError, match="has sha256"):
            pulled(store)
        assert not store.installed(ID)

    def test_the_unpacked_weights_have_the_hash_of_the_table(
        self, github: HubServer, tmp_path: Path
    ) -> None:
        other = gzip.compress(content(9, len(UNPACKED["model.bin"])), mtime=0)
        github.files[PLACE] = other
        store = open_store(tmp_path, {**PACKED, MODEL: other})
        with pytest.raises(ModelIntegrityError, match=r"model\.bin with sha256 .* instead of"):
            pulled(store)
        assert not store.installed(ID)

    def test_without_a_network_nothing_is_asked(
        self, github: HubServer, store: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        with pytest.raises(ModelDownloadError, match="HF_HUB_OFFLINE is set"):
            pulled(store)
        assert github.requests == []

    def test_a_changed_file_is_found_and_repaired(
        self, github: HubServer, store: ModelStore
    ) -> None:
        pulled(store)
        (store.folder(ID) / "vocab.spm").unlink(missing_ok=True)
        (store.folder(ID) / "lex.bin").write_bytes(bytes(20_000))
        with pytest.raises(ModelIntegrityError, match=f"run `stslocal models pull {ID}`"):
            store.verify(ID)
        pulled(store)
        assert contents(store) == UNPACKED


class TestTheSecondSource:
    """Mozilla's bucket, where GitHub does not give a file."""

    @pytest.fixture(autouse=True)
    def bucket(self, github: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
        github.files |= {f"{IN_BUCKET}/{name}": data for name, data in PACKED.items()}
        monkeypatch.setattr(addresses, "MOZILLA", f"{github.endpoint}/cdn")

    @staticmethod
    def without(github: HubServer, *names: str) -> None:
        for name in names:
            github.faults[f"models/tiny/enfr/{name}"] = [status(404)] * 9

    def test_a_file_that_github_lacks(self, github: HubServer, tmp_path: Path) -> None:
        self.without(github, MODEL)
        store = open_store(tmp_path, PACKED, ())
        assert "mozilla translations-data" in pulled(store)
        assert contents(store) == UNPACKED
        asked = {request.path: request.encoding for request in github.requests}
        assert asked[f"cdn/{IN_BUCKET}/{MODEL}"] == "gzip", "else it would be unpacked there"
        assert asked[PLACE] == "identity"

    def test_the_bytes_must_be_those_of_the_table(self, github: HubServer, tmp_path: Path) -> None:
        self.without(github, MODEL)
        other = bytes(len(PACKED[MODEL]))
        github.files[f"{IN_BUCKET}/{MODEL}"] = other
        with pytest.raises(ModelDownloadError, match=r"github .*404.*; mozilla .*has sha256"):
            pulled(open_store(tmp_path, PACKED, ()))

    def test_a_file_that_is_another_one_there_is_not_asked_for(
        self, github: HubServer, tmp_path: Path
    ) -> None:
        self.without(github, *PACKED)
        lex = "lex.50.50.enfr.s2t.bin.gz"
        with pytest.raises(ModelDownloadError, match=r"github .*404"):
            pulled(open_store(tmp_path, PACKED, (lex,)))
        assert not any(request.path.endswith(f"exported/{lex}") for request in github.requests)

    def test_a_token_is_not_sent(
        self, github: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        self.without(github, *PACKED)
        store = open_store(tmp_path, PACKED, ())
        pulled(store)
        assert contents(store) == UNPACKED
        assert {request.authorization for request in github.requests} == {""}


def damaged(name: str) -> tuple[bytes, str]:
    """The bytes of a published file that cannot be unpacked, and what is said of it."""
    packed = PACKED[MODEL]
    bomb = gzip.compress(bytes(20_000_000), mtime=0)
    return {
        "a wrong unpacked size": (packed[:-4] + struct.pack("<I", 7), "Incorrect length"),
        "a wrong checksum": (packed[:-8] + bytes(4) + packed[-4:], "CRC check failed"),
        "cut off": (packed[:-100], "ended before"),
        "no gzip": (b"<html>not found</html>", "Not a gzipped file"),
        "a bomb": (bomb, f"unpacks to more than {MOST_TIMES} times its size"),
    }[name]


FAULTS = ["a wrong unpacked size", "a wrong checksum", "cut off", "no gzip", "a bomb"]


class TestUnpacking:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_what_cannot_be_unpacked_is_not_installed(
        self, github: HubServer, tmp_path: Path, fault: str
    ) -> None:
        """The table itself names these bytes, so that they come through the download."""
        data, reason = damaged(fault)
        github.files[PLACE] = data
        store = open_store(tmp_path, {**PACKED, MODEL: data})
        with pytest.raises(ModelIntegrityError, match=reason):
            pulled(store)
        assert not store.installed(ID)

    def test_a_bomb_writes_little(self, tmp_path: Path) -> None:
        fetched, target = tmp_path / "fetched", tmp_path / "target"
        fetched.mkdir()
        target.mkdir()
        (fetched / MODEL).write_bytes(gzip.compress(bytes(100_000_000), mtime=0))
        with pytest.raises(ModelIntegrityError, match="please report"):
            unpack_firefox(fetched, target)
        assert (target / "model.bin").stat().st_size < 2_000_000

    def test_other_files_are_left(self, tmp_path: Path) -> None:
        fetched, target = tmp_path / "fetched", tmp_path / "target"
        fetched.mkdir()
        target.mkdir()
        (fetched / "qualityModel.enes.bin.gz").write_bytes(b"no gzip")
        (fetched / "vocab.enes.spm.gz").write_bytes(gzip.compress(b"pieces"))
        unpack_firefox(fetched, target)
        assert {path.name: path.read_bytes() for path in target.iterdir()} == {
            "vocab.spm": b"pieces"
        }

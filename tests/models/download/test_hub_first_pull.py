"""Hashes, sizes and commits that the manifest does not give are recorded at the first pull, and
required from then on.
"""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from stslocal.errors import ModelDownloadError, ModelIntegrityError, OutputError
from stslocal.models.store import ModelStore
from tests.models.download.hub_server import (
    Answer,
    HubServer,
    drop_after,
    other_bytes,
    serve,
    status,
    truncate,
)
from tests.models.download.kit import (
    COMMIT,
    HUB,
    content,
    files_in,
    loopback_only,
    model_text,
    open_store,
    pull_all,
    shorten_retry_delays,
    use_hub,
    write_manifest,
)

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

LATER = "f" * 40
FILES = {"model.bin": content(1, 200_000), "config.json": b'{"a": 1}'}


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    loopback_only()
    shorten_retry_delays(monkeypatch)
    with serve(FILES) as server:
        server.large.add("model.bin")
        use_hub(server.endpoint, monkeypatch)
        yield server


def store_of(
    tmp_path: Path, *sources: str, names: Sequence[str] = tuple(FILES), known: str = ""
) -> ModelStore:
    """A store with a model whose files have unknown sizes and hashes, except those in `known`."""
    lines = "".join(f'{{ name = "{name}" }},\n' for name in names)
    text = model_text("tiny", {}, *(sources or (HUB,))).replace("files = [", f"files = [{lines}")
    text = text.replace('name = "model.bin"', f'name = "model.bin"{known}')
    return open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))


def arrived(store: ModelStore) -> bool:
    folder = store.folder("tiny")
    return {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


def failure(store: ModelStore) -> str:
    with pytest.raises(ModelDownloadError) as caught:
        pull_all(store)
    return str(caught.value)


def test_a_model_without_known_hashes_is_fetched_and_recorded(
    hub: HubServer, tmp_path: Path
) -> None:
    store = store_of(tmp_path)
    pull_all(store)
    assert arrived(store)
    assert store.hashes("tiny")["model.bin"] == hashlib.sha256(FILES["model.bin"]).hexdigest()
    assert pull_all(store)[0].origin == "already installed"


def test_the_sha256_of_a_large_file_comes_from_the_hub(hub: HubServer, tmp_path: Path) -> None:
    hub.faults["cdn/model.bin"] = [other_bytes(content(2, 200_000))]
    assert "model.bin has sha256 " in failure(store_of(tmp_path))


def test_the_size_of_a_large_file_comes_from_the_hub(hub: HubServer, tmp_path: Path) -> None:
    hub.faults["cdn/model.bin"] = [truncate(70_000)]
    store = store_of(tmp_path)
    pull_all(store)
    assert arrived(store)
    assert hub.ranges("cdn/model.bin") == ["", "bytes=70000-"]


def test_a_size_that_differs_from_the_manifest_is_reported_before_the_download(
    hub: HubServer, tmp_path: Path
) -> None:
    store = store_of(tmp_path, known=", bytes = 7")
    assert "the hub's model.bin has 200000 bytes, not 7" in failure(store)
    assert hub.ranges("model.bin") == []


def test_a_disk_that_is_too_small_is_reported_before_the_download(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    usage = shutil.disk_usage(tmp_path)
    small = type(usage)(usage.total, usage.used, 150_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: small)
    store = store_of(tmp_path)
    with pytest.raises(OutputError, match=r"tiny is full: 1 MB are needed"):
        pull_all(store)
    assert hub.ranges("model.bin") == []
    assert files_in(store.root) == []


def test_a_repair_must_give_the_bytes_of_the_first_pull(hub: HubServer, tmp_path: Path) -> None:
    store = store_of(tmp_path)
    pull_all(store)
    (store.root / "tiny" / "model.bin").write_bytes(b"damaged")
    hub.files["model.bin"] = content(3, 200_000)
    assert "model.bin has sha256 " in failure(store)
    hub.files["model.bin"] = FILES["model.bin"]
    pull_all(store)
    assert arrived(store)


def test_after_a_removal_new_bytes_are_accepted(hub: HubServer, tmp_path: Path) -> None:
    store = store_of(tmp_path)
    pull_all(store)
    store.remove("tiny")
    hub.files["model.bin"] = content(3, 200_000)
    pull_all(store)
    assert (store.folder("tiny") / "model.bin").read_bytes() == content(3, 200_000)


@pytest.mark.parametrize(
    ("code", "message"), [(401, "(401): set HF_TOKEN"), (403, "(403)"), (404, "(404)")]
)
def test_a_refused_request_for_a_description_is_reported(
    hub: HubServer, tmp_path: Path, code: int, message: str
) -> None:
    # The first request only checks whether the hub answers.
    hub.head_faults["model.bin"] = [status(code), status(code)]
    assert message in failure(store_of(tmp_path))


def test_a_failed_request_for_a_description_is_repeated(hub: HubServer, tmp_path: Path) -> None:
    hub.head_faults["model.bin"] = [status(503), status(503), status(429)]
    store = store_of(tmp_path)
    pull_all(store)
    assert arrived(store)


@pytest.mark.parametrize("becomes_a_file", [True, False])
def test_a_folder_of_models_that_vanishes_is_reported(
    hub: HubServer, tmp_path: Path, becomes_a_file: bool
) -> None:
    store = store_of(tmp_path)

    def vanish(answer: Answer) -> None:
        shutil.rmtree(store.root)
        if becomes_a_file:
            store.root.write_bytes(b"")
        answer.send(answer.data or b"")

    hub.faults["config.json"] = [vanish]
    with pytest.raises(OutputError, match=r"cannot be (used|written)"):
        pull_all(store)


PAGE = b"\n<!DOCTYPE html>\n<html><body>Please log in</body></html>"


def page(answer: Answer) -> None:
    """Answer with a web page, as a login or a proxy does."""
    answer.send_response(200)
    answer.send_header("Content-Type", "text/html; charset=utf-8")
    answer.send_header("Content-Length", str(len(PAGE)))
    answer.send_header("X-Repo-Commit", answer.server.hub.commit)
    answer.end_headers()
    if answer.command == "GET":
        answer.wfile.write(PAGE)


def test_a_web_page_is_no_model(hub: HubServer, tmp_path: Path) -> None:
    hub.faults["config.json"] = [page]
    store = store_of(tmp_path)
    assert "config.json: the hub answers with a web page" in failure(store)
    assert not store.installed("tiny")
    pull_all(store)
    assert arrived(store)


def test_a_web_page_without_its_header_is_no_model_either(hub: HubServer, tmp_path: Path) -> None:
    hub.files["config.json"] = PAGE
    store = store_of(tmp_path)
    with pytest.raises(ModelIntegrityError, match=r"tiny: config.json is a web page and no model"):
        pull_all(store)
    assert not store.installed("tiny")
    hub.files["config.json"] = FILES["config.json"]
    pull_all(store)
    assert arrived(store)


PICKLES = {
    "weights.pth": b"no pickle, but somebody would load it as one",
    "deep/weights.pt": b"",
    "pytorch_model-00001-of-00003.bin": b"x",
    "weights.CKPT": b"x",
    "pickled.bin": pickle.dumps({"a": 1}, protocol=2),
    "newer.json": pickle.dumps({"a": 1}),
    "zipped.bin": b"PK\x03\x04" + bytes(200),
}


@pytest.mark.parametrize("name", PICKLES)
def test_a_pickle_that_nobody_vouches_for_is_refused(
    name: str, hub: HubServer, tmp_path: Path
) -> None:
    hub.files[name] = PICKLES[name]
    store = store_of(tmp_path, names=(*FILES, name))
    with pytest.raises(ModelIntegrityError, match="is a pickle, which may run a program"):
        pull_all(store)
    assert not store.installed("tiny")
    assert not (store.root / "tiny" / name).exists()


def test_a_pickle_with_a_known_sha256_is_taken(hub: HubServer, tmp_path: Path) -> None:
    data = pickle.dumps({"a": 1})
    hub.files = {"weights.pth": data}
    text = model_text("tiny", hub.files, HUB)
    store = open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))
    pull_all(store)
    assert (store.folder("tiny") / "weights.pth").read_bytes() == data


class TestContentThatChanges:
    """A file without a known sha256, of which a part has arrived."""

    NEW = content(7, 200_000)

    @pytest.fixture(autouse=True)
    def small(self, hub: HubServer) -> None:
        hub.large.clear()  # the hub gives no sha256 either

    def test_the_rest_is_taken_while_it_is_the_same(self, hub: HubServer, tmp_path: Path) -> None:
        hub.faults["model.bin"] = [drop_after(70_000)]
        store = store_of(tmp_path)
        pull_all(store)
        assert arrived(store)
        assert hub.ranges("model.bin") == ["", "bytes=70000-"]

    @pytest.mark.parametrize("obeys", [True, False])
    def test_it_changes_between_two_attempts(
        self, hub: HubServer, tmp_path: Path, obeys: bool
    ) -> None:
        """Whether the hub obeys If-Range or ignores it."""

        def changed(answer: Answer) -> None:
            hub.files["model.bin"] = self.NEW
            if obeys:
                assert answer.headers["If-Range"]
                del answer.headers["Range"]
            answer.send(self.NEW)

        hub.faults["model.bin"] = [drop_after(70_000), changed]
        store = store_of(tmp_path)
        pull_all(store)
        assert (store.folder("tiny") / "model.bin").read_bytes() == self.NEW

    def test_it_changes_between_two_pulls(self, hub: HubServer, tmp_path: Path) -> None:
        hub.faults["model.bin"] = [drop_after(70_000), *[drop_after(0)] * 9]
        store = store_of(tmp_path)
        failure(store)
        hub.faults.clear()
        hub.files["model.bin"] = self.NEW
        pull_all(store)
        assert (store.folder("tiny") / "model.bin").read_bytes() == self.NEW

    def test_a_hub_without_etags(self, hub: HubServer, tmp_path: Path) -> None:
        def without_etag(answer: Answer) -> None:
            data = answer.data or b""
            answer.send_response(200)
            answer.send_header("Content-Length", str(len(data)))
            answer.end_headers()
            answer.wfile.write(data[:70_000])
            answer.close_connection = True
            hub.files["model.bin"] = self.NEW

        hub.faults["model.bin"] = [without_etag]
        store = store_of(tmp_path)
        pull_all(store)
        assert (store.folder("tiny") / "model.bin").read_bytes() == self.NEW


class TestSeveralRepositories:
    """A model whose files are in several repositories."""

    def test_each_yields_its_files(self, hub: HubServer, tmp_path: Path) -> None:
        hub.places = ("someone/tiny", "another/tiny")
        one = HUB + '\nonly = ["model.bin"]'
        two = HUB.replace("someone", "another") + '\nonly = ["config.json"]'
        store = store_of(tmp_path, one, two)
        (result,) = pull_all(store)
        assert result.origin == "huggingface someone/tiny and huggingface another/tiny"
        assert arrived(store)

    def test_one_that_fails_is_reported(self, hub: HubServer, tmp_path: Path) -> None:
        one = HUB + '\nonly = ["model.bin"]'
        two = HUB.replace("someone", "another") + '\nonly = ["config.json"]'
        message = failure(store_of(tmp_path, one, two))
        assert "fetched from huggingface another/tiny: it does not exist any more (404)" in message


class TestUnknownCommit:
    @pytest.fixture
    def store(self, tmp_path: Path) -> ModelStore:
        return store_of(tmp_path, HUB.replace(COMMIT, "first-pull"))

    def test_the_first_pull_pins_it(self, hub: HubServer, store: ModelStore) -> None:
        pull_all(store)
        assert arrived(store)
        assert store.pinned_commit(store.manifest.model("tiny"), "someone/tiny") == COMMIT

    def test_later_pulls_use_the_same_commit(self, hub: HubServer, store: ModelStore) -> None:
        pull_all(store)
        store.folder("tiny")
        (store.root / "tiny" / "model.bin").unlink()
        hub.commit = LATER
        assert "(404)" in failure(store)
        hub.commit = COMMIT
        pull_all(store)
        assert arrived(store)

    def test_after_a_failed_pull_the_commit_is_the_same(
        self, hub: HubServer, store: ModelStore
    ) -> None:
        hub.faults["model.bin"] = [status(404)]
        failure(store)
        hub.commit = LATER
        assert "(404)" in failure(store)

    def test_the_repository_may_be_a_space(self, hub: HubServer, tmp_path: Path) -> None:
        hub.places = ("spaces/someone/tiny",)
        source = HUB.replace(COMMIT, "first-pull").replace('repo = "', 'repo = "spaces/')
        store = store_of(tmp_path, source)
        pull_all(store)
        assert arrived(store)

    def test_a_hub_that_gives_no_commit_is_no_source(
        self, hub: HubServer, store: ModelStore
    ) -> None:
        hub.commit = ""
        assert "the hub does not give the commit of someone/tiny" in failure(store)

